"""Routes of the metrics' pages, below `/w/<workspace>/metrics/`."""

from __future__ import annotations

from django.urls import include, path

from amity.rooms.metrics.console import behind, edit, pages

app_name = "metrics"
_metrics = [
    path("", pages.metrics, name="list"),
    path("new", edit.new, name="new"),
    path("look", edit.look, name="look"),
    path("shipped", pages.shipped, name="shipped"),
    path("<int:metric_id>/", pages.metric, name="metric"),
    path("<int:metric_id>/edit", edit.edit, name="edit"),
    path("<int:metric_id>/archive", pages.archive, name="archive"),
    path("<int:metric_id>/customers", behind.customers, name="customers"),
]
urlpatterns = [path("w/<slug:workspace>/metrics/", include(_metrics))]
