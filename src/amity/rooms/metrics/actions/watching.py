"""Rules are looked at again and again: steps that are over are judged, alerts open, go on and close."""

from __future__ import annotations

from dataclasses import asdict

from django.db import transaction

from amity.kernel.clock import DAY, HOUR, MINUTE, now_ms
from amity.kernel.errors import AmityError, NotRunning
from amity.rooms.metrics.actions.notices import tell_over, tell_owner
from amity.rooms.metrics.models import Alert, AlertRule
from amity.rooms.metrics.queries.lists import definition_of, version_of
from amity.rooms.metrics.queries.measuring import Scope
from amity.rooms.metrics.queries.watching import explained, judged_steps, watch_of
from amity.rooms.metrics.rules.language import Definition
from amity.rooms.metrics.rules.watching import PLANS, Judged, Standing, follow
from amity.rooms.trust import api as trust

GRACE = 2 * MINUTE  # for what is still under way when a step ends
EVERY = {"hour": MINUTE, "day": 5 * MINUTE, "week": 30 * MINUTE}
AGAIN = 5 * MINUTE
LENGTHS = {"hour": HOUR, "day": DAY, "week": 7 * DAY}
SHOWN = 12  # parts of an explanation that are kept


def work_next_alert_rule(*, now: int = 0) -> bool:
    """Judge what has happened since one rule was looked at last; returns whether one was due. Raises NotRunning."""
    now = now or now_ms()
    with transaction.atomic():
        due = AlertRule.objects.select_for_update(skip_locked=True, of=("self",)).select_related("metric")
        rule = due.filter(archived_at=None, metric__archived_at=None, next_at__lte=now).order_by("next_at", "pk").first()
        if rule is None:
            return False
        try:
            with transaction.atomic():
                look_at_rule(rule, now=now)
            rule.next_at, rule.trouble = now + EVERY[rule.step], ""
        except NotRunning:
            raise
        except AmityError as error:
            rule.next_at, rule.trouble = now + AGAIN, error.message
        rule.save(update_fields=["next_at", "trouble", "checked_to", "out", "calm"])
    return True


def look_at_rule(rule: AlertRule, *, now: int) -> None:
    """Judge each step that ended since the last time, and the one that runs where that is too much already."""
    held = version_of(rule.metric)
    definition = definition_of(held)
    place = trust.get_workspace_by_id(rule.workspace_id)
    scope = Scope(workspace_id=rule.workspace_id, time_zone=place.time_zone, now=now)
    watch = watch_of(rule)
    alert = Alert.objects.select_for_update().filter(rule=rule, closed_at=None).first()
    standing = Standing(out=rule.out, calm=rule.calm, open=alert is not None)
    row: list[Judged] = []
    told = None if alert is None else (alert.last, alert.far, alert.events)
    since = max(rule.checked_to, now - PLANS[rule.step].days * DAY) - (rule.row - 1) * LENGTHS[rule.step]
    for step in judged_steps(definition, scope, watch, first=since, grace=GRACE):
        if not step.point.whole:
            if step.out and alert is None and rule.row == 1:
                alert = _open(rule, held.number, [step], now)
            elif step.out and alert is not None:
                _go_on(alert, step)
            continue
        row = [*row, step][-rule.row :] if step.out else row if step.why else []
        if step.point.last <= rule.checked_to:
            continue  # looked at before, and now only as one of the row
        standing, happened = follow(standing, step, row=rule.row)
        if happened == "opened":
            alert = alert or _open(rule, held.number, row, now)
        elif happened == "closed" and alert is not None:
            alert.closed_at = now
            alert.save()
            tell_over(alert, now=now)
            alert = None
        elif alert is not None and step.out:
            _go_on(alert, step)
        rule.checked_to = step.point.last
    rule.out, rule.calm = standing.out, standing.calm
    if alert is not None and told != (alert.last, alert.far, alert.events):
        _explain(alert, rule, definition, scope)
        alert.save()


def _open(rule: AlertRule, version: int, steps: list[Judged], now: int) -> Alert:
    first = steps[0].point
    alert = Alert(
        workspace_id=rule.workspace_id, rule=rule, version=version, side=steps[-1].out, first=first.first, last=first.last,
        worst_first=first.first, worst_last=first.last, opened_at=now, far=-1, steps=0,
    )  # fmt: skip
    for step in steps:
        _go_on(alert, step)
    alert.save()
    tell_owner(alert, now=now)
    return alert


def _go_on(alert: Alert, step: Judged) -> None:
    point = step.point
    again = point.first == alert.worst_first and alert.far >= 0
    alert.steps += 0 if point.last <= alert.last and alert.steps else 1
    alert.last = max(alert.last, point.last)
    if step.far >= alert.far or again:
        figure = point.figure
        alert.far, alert.worst_first, alert.worst_last, alert.side = step.far, point.first, point.last, step.out
        alert.value, alert.expected, alert.low, alert.high = figure.value or 0.0, step.expected, step.low, step.high
        alert.events, alert.customers = figure.events, figure.customers


def _explain(alert: Alert, rule: AlertRule, definition: Definition, scope: Scope) -> None:
    last = min(alert.worst_last, scope.now)
    parts = explained(definition, scope, list(rule.breakdowns), first=alert.worst_first, last=last)
    alert.why = {"first": alert.worst_first, "last": last, "parts": [asdict(one) for one in parts[:SHOWN]], "of": len(parts)}
