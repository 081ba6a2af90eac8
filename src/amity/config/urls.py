"""Every route of the console: each room brings its own pages, below its workspace."""

from __future__ import annotations

from django.urls import URLPattern, URLResolver, include, path, re_path

from amity.config.api import api, no_such_path

urlpatterns: list[URLPattern | URLResolver] = [
    path("api/v1/", api.urls),
    re_path(r"^api/v1/[\s\S]*$", no_such_path),
    path("", include("amity.rooms.trust.console.doors")),
    path("", include("amity.rooms.trust.console.urls")),
    path("", include("amity.rooms.customers.console.urls")),
    path("", include("amity.rooms.journeys.console.urls")),
    path("", include("amity.rooms.collection.console.urls")),
    path("", include("amity.rooms.listening.console.urls")),
    path("", include("amity.rooms.metrics.console.urls")),
]
