"""Rules and alerts as the present holds them."""

from __future__ import annotations

from amity.kernel.errors import NotFound
from amity.rooms.metrics.models import Alert, AlertNotice, AlertRule

STATES = ("open", "closed", "all")


def accessible_rule(*, workspace_id: int, rule_id: int) -> AlertRule:
    """Return a rule of a workspace that is in use. Raises NotFound."""
    found = AlertRule.objects.select_related("metric").filter(workspace_id=workspace_id, pk=rule_id, archived_at=None).first()
    if found is None:
        raise NotFound("There is no such rule here.")
    return found


def list_rules(*, workspace_id: int, metric_id: int | None = None) -> list[AlertRule]:
    """Return a workspace's rules in use, of one metric where it is named."""
    found = AlertRule.objects.select_related("metric").filter(workspace_id=workspace_id, archived_at=None)
    found = found if metric_id is None else found.filter(metric_id=metric_id)
    return list(found.order_by("metric__name", "pk"))


def accessible_alert(*, workspace_id: int, alert_id: int) -> Alert:
    """Return an alert of a workspace with its rule and metric. Raises NotFound."""
    found = Alert.objects.select_related("rule__metric").filter(workspace_id=workspace_id, pk=alert_id).first()
    if found is None:
        raise NotFound("There is no such alert here.")
    return found


def list_alerts(
    *, workspace_id: int, state: str = "all", metric_id: int | None = None, before: int = 0, limit: int = 50
) -> list[Alert]:
    """Return alerts, the newest first; `before`: only those with a lower id."""
    found = Alert.objects.select_related("rule__metric").filter(workspace_id=workspace_id)
    if state != "all":
        found = found.filter(closed_at__isnull=state == "open")
    if metric_id is not None:
        found = found.filter(rule__metric_id=metric_id)
    if before:
        found = found.filter(pk__lt=before)
    return list(found.order_by("-pk")[:limit])


def notices_of(alert_id: int) -> list[AlertNotice]:
    """Return who was told of an alert, in order."""
    return list(AlertNotice.objects.filter(alert_id=alert_id).order_by("pk"))


def count_open(*, workspace_id: int) -> int:
    """Return how many alerts are open."""
    return Alert.objects.filter(workspace_id=workspace_id, closed_at=None).count()
