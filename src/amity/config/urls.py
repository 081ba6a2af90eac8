"""Every route of the console: each room brings its own pages, below its workspace."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("amity.rooms.trust.console.doors")),
    path("", include("amity.rooms.trust.console.urls")),
    path("", include("amity.rooms.customers.console.urls")),
    path("", include("amity.rooms.collection.console.urls")),
]
