"""Routes of the metrics' pages, below `/w/<workspace>/metrics/` `dashboards/`, `alerts/`, `checks/` and `annotations/`, and what shared links lead to."""

from __future__ import annotations

from django.urls import include, path

from amity.rooms.metrics.console import alerts, behind, checks, cohorts, dashboards, edit, letters, notes, pages, rules

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
    path("<int:metric_id>/cohorts/", cohorts.cohorts, name="cohorts"),
    path("<int:metric_id>/cohorts/customers", cohorts.cell, name="cohort"),
    path("<int:metric_id>/rules/new", rules.new, name="new_rule"),
    path("<int:metric_id>/rules/<int:rule_id>/", rules.edit, name="edit_rule"),
    path("<int:metric_id>/rules/<int:rule_id>/archive", rules.archive, name="archive_rule"),
    path("<int:metric_id>/rules/<int:rule_id>/secret", rules.secret, name="rule_secret"),
]
_dashboards = [
    path("", dashboards.dashboards, name="dashboards"),
    path("new", dashboards.new, name="new_dashboard"),
    path("<int:dashboard_id>/", dashboards.dashboard, name="dashboard"),
    path("<int:dashboard_id>/tiles/<int:place>", dashboards.tile, name="tile"),
    path("<int:dashboard_id>/edit", dashboards.edit, name="edit_dashboard"),
    path("<int:dashboard_id>/letters/", letters.letters, name="dashboard_letters"),
    path("<int:dashboard_id>/letters/<int:letter_id>/end", letters.end, name="end_dashboard_letter"),
    path("<int:dashboard_id>/share", dashboards.share, name="share_dashboard"),
    path("<int:dashboard_id>/archive", dashboards.archive, name="archive_dashboard"),
]
_alerts = [
    path("", alerts.alerts, name="alerts"),
    path("<int:alert_id>/", alerts.alert, name="alert"),
    path("<int:alert_id>/acknowledgement", alerts.acknowledge_alert, name="acknowledge_alert"),
    path("<int:alert_id>/snooze", alerts.snooze_alert, name="snooze_alert"),
]
_checks = [
    path("", checks.checks, name="checks"),
    path("new", checks.new, name="new_check"),
    path("<int:check_id>/", checks.check, name="check"),
    path("<int:check_id>/edit", checks.edit, name="edit_check"),
    path("<int:check_id>/pause", checks.pause, name="pause_check"),
    path("<int:check_id>/archive", checks.archive, name="archive_check"),
]
_annotations = [
    path("", notes.index, name="annotations"),
    path("new", notes.annotation, name="new_annotation"),
    path("<int:annotation_id>/", notes.annotation, name="annotation"),
    path("<int:annotation_id>/delete", notes.delete, name="delete_annotation"),
]
urlpatterns = [
    path("w/<slug:workspace>/metrics/", include(_metrics)),
    path("w/<slug:workspace>/dashboards/", include(_dashboards)),
    path("w/<slug:workspace>/alerts/", include(_alerts)),
    path("w/<slug:workspace>/checks/", include(_checks)),
    path("w/<slug:workspace>/annotations/", include(_annotations)),
    path("shared/<str:secret>/", dashboards.shared, name="shared"),
    path("shared/<str:secret>/tiles/<int:place>", dashboards.shared_tile, name="shared_tile"),
]
