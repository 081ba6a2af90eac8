"""What people do about alerts: say what is watched, acknowledge, let an alert rest."""

from __future__ import annotations

from math import isfinite
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import HOUR, MINUTE, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.metrics.actions.hooks import host_of, lead_to
from amity.rooms.metrics.models import Alert, AlertRule
from amity.rooms.metrics.queries.alerts import accessible_alert, accessible_rule
from amity.rooms.metrics.queries.lists import accessible_metric
from amity.rooms.metrics.rules.watching import CHANCES, PLANS, Watch
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

MOST_BREAKDOWNS = 6
MOST_RULES = 50  # of one metric
LONGEST_SNOOZE = 30 * 24 * HOUR
LONGEST_WAIT = 7 * 24 * 60  # minutes
_TOLD = ("step", "side", "limit", "back", "sure", "chance", "row", "breakdowns", "owner", "second", "escalate_after")


def save_rule(  # noqa: PLR0913  one argument for each part
    access: Access, *, metric_id: int, watch: Watch, breakdowns: list[str], owner: str = "", second: str = "", escalate_after: int = 0,
    hook: str | None = None, rule_id: int | None = None, request: HttpRequest | None = None,
) -> AlertRule:  # fmt: skip
    """Make a rule of a metric, or change one. What it watches for counts from the step that runs now.

    `hook` is an address that is told, empty for none; None leaves it. Raises Forbidden, Invalid, NotFound.
    """
    metric = accessible_metric(workspace_id=access.workspace_id, metric_id=metric_id)
    if metric.archived_at is not None:
        raise Invalid("An archived metric isn't watched.")
    check_watch(watch)
    _check_people(access, owner, second, escalate_after)
    now, who = now_ms(), access.actor.name[:254]
    with transaction.atomic():
        if rule_id is None:
            if AlertRule.objects.filter(metric=metric, archived_at=None).count() >= MOST_RULES:
                raise Invalid(f"A metric has at most {MOST_RULES} rules.")
            one, before = (
                AlertRule(workspace_id=access.workspace_id, metric=metric, created_at=now, created_by=who, checked_to=now),
                None,
            )
        else:
            accessible_rule(workspace_id=access.workspace_id, rule_id=rule_id)
            one = AlertRule.objects.select_for_update().get(pk=rule_id)
            before = _told(one)
        one.step, one.side, one.limit, one.back = watch.by, watch.side, watch.limit, watch.back
        one.sure, one.chance, one.row = watch.sure, watch.chance, watch.row
        one.breakdowns = _breakdowns(breakdowns)
        one.owner, one.second, one.escalate_after = owner, second, escalate_after
        if hook is not None:
            lead_to(access, one, hook.strip())
        one.updated_at, one.updated_by, one.next_at = now, who, 0
        one.save()
        _record(
            access,
            "alert_rule.changed" if before else "alert_rule.created",
            one,
            before=before,
            after=_told(one),
            request=request,
        )
    return one


def archive_rule(access: Access, *, rule_id: int, request: HttpRequest | None = None) -> AlertRule:
    """Watch no more; an alert that is open ends."""
    one = accessible_rule(workspace_id=access.workspace_id, rule_id=rule_id)
    now = now_ms()
    with transaction.atomic():
        one.archived_at = now
        one.save(update_fields=["archived_at"])
        Alert.objects.filter(rule=one, closed_at=None).update(closed_at=now)
        _record(access, "alert_rule.archived", one, request=request)
    return one


def acknowledge(access: Access, *, alert_id: int, request: HttpRequest | None = None) -> Alert:
    """Say that somebody looks after an alert: it goes to nobody else. Once is enough."""
    accessible_alert(workspace_id=access.workspace_id, alert_id=alert_id)
    with transaction.atomic():
        one = Alert.objects.select_for_update().get(pk=alert_id)
        if one.acknowledged_at is None:
            one.acknowledged_at, one.acknowledged_by = now_ms(), access.actor.name[:254]
            one.save(update_fields=["acknowledged_at", "acknowledged_by"])
            trust.record(access, action="alert.acknowledged", target=f"alert:{one.pk}", request=request)
    return accessible_alert(workspace_id=access.workspace_id, alert_id=alert_id)


def snooze(access: Access, *, alert_id: int, until: int, request: HttpRequest | None = None) -> Alert:
    """Let an alert rest until then (ms): nobody is told of it before. A time that has passed ends the rest."""
    accessible_alert(workspace_id=access.workspace_id, alert_id=alert_id)
    now = now_ms()
    if until > now + LONGEST_SNOOZE + MINUTE:
        raise Invalid("An alert rests for at most 30 days.")
    with transaction.atomic():
        one = Alert.objects.select_for_update().get(pk=alert_id)
        if one.closed_at is not None:
            raise Invalid("This alert is over; there is nothing to put off.")
        one.snoozed_until, one.snoozed_by = (until, access.actor.name[:254]) if until > now else (None, "")
        one.save(update_fields=["snoozed_until", "snoozed_by"])
        trust.record(
            access, action="alert.snoozed", target=f"alert:{one.pk}", after={"until": one.snoozed_until}, request=request
        )
    return accessible_alert(workspace_id=access.workspace_id, alert_id=alert_id)


def check_watch(watch: Watch) -> None:
    """Raise Invalid for what can't be watched for."""
    if watch.by not in PLANS:
        raise Invalid(f"A metric is watched by {', '.join(PLANS)}.")
    if watch.side not in {"both", "above", "below"}:
        raise Invalid("Watch for what is above, below, or both.")
    for one in (watch.limit, watch.back):
        if one is not None and not isfinite(one):
            raise Invalid("A limit is a number.")
    if watch.limit is None:
        if watch.chance not in CHANCES.values():
            raise Invalid(f"A false alarm may have a chance of {', '.join(CHANCES)}.")
    elif watch.side == "both":
        raise Invalid("A limit is for what is above it, or for what is below.")
    elif watch.back is not None and (watch.back > watch.limit) == (watch.side == "above") and watch.back != watch.limit:
        raise Invalid("An alert is over on the other side of its limit.")
    if not 1 <= watch.row <= 24:
        raise Invalid("From 1 to 24 steps in a row are asked for.")


def _check_people(access: Access, owner: str, second: str, wait: int) -> None:
    known = {one.id for one in trust.list_colleagues(access.workspace_id)}
    if {owner, second} - known - {""}:
        raise Invalid("Choose a colleague of this workspace.")
    if second and not owner:
        raise Invalid("Choose who is told first; somebody else is told after.")
    if second and second == owner:
        raise Invalid("Choose somebody else to be told after.")
    if second and not 1 <= wait <= LONGEST_WAIT:
        raise Invalid("After how many minutes is somebody else told? At most a week.")


def _breakdowns(given: list[str]) -> list[str]:
    found = list(dict.fromkeys(one.strip() for one in given if one.strip()))
    if len(found) > MOST_BREAKDOWNS or any(len(one) > 200 or "\0" in one for one in found):
        raise Invalid(f"A change is explained by at most {MOST_BREAKDOWNS} properties.")
    return found


def _told(one: AlertRule) -> dict[str, Any]:
    return {**{name: getattr(one, name) for name in _TOLD}, "hook": host_of(one.hook)}


def _record(access: Access, action: str, one: AlertRule, **said: Any) -> None:
    trust.record(access, action=action, target=f"alert_rule:{one.pk}", **said)
