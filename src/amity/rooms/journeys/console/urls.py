"""Routes of the journeys' pages, below `/w/<workspace>/journeys/`."""

from __future__ import annotations

from django.urls import include, path

from amity.rooms.journeys.console.funnels import edit, pages
from amity.rooms.journeys.console.paths import pages as ways

app_name = "journeys"

_pages = [
    path("", pages.home, name="home"),
    path("paths/", ways.paths, name="paths"),
    path("paths/customers", ways.people, name="path_customers"),
    path("funnels/new", edit.new, name="new_funnel"),
    path("funnels/count", edit.count, name="count_funnel"),
    path("funnels/customers", pages.people, name="funnel_customers"),
    path("funnels/<int:funnel_id>/", pages.funnel, name="funnel"),
    path("funnels/<int:funnel_id>/edit", edit.edit, name="edit_funnel"),
    path("funnels/<int:funnel_id>/archive", pages.archive, name="archive_funnel"),
]

urlpatterns = [path("w/<slug:workspace>/journeys/", include(_pages))]
