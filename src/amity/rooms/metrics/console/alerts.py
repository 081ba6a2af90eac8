"""Pages of alerts: the list, and one with what was expected, what explains it, and what to do about it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.clock import DAY, HOUR, now_ms
from amity.kernel.errors import AmityError
from amity.rooms.metrics.actions.alerts import acknowledge, snooze
from amity.rooms.metrics.console.band import band_of
from amity.rooms.metrics.console.marks import marks_on
from amity.rooms.metrics.console.pages import scope_of
from amity.rooms.metrics.models import Alert
from amity.rooms.metrics.queries.alerts import STATES, accessible_alert, count_open, list_alerts, list_rules, notices_of
from amity.rooms.metrics.queries.lists import definition_of, definitions_of, version_of
from amity.rooms.metrics.queries.telling import alert_words, expected_words, part_words, parts_told, rule_words, title_of
from amity.rooms.metrics.queries.watching import judged_steps, watch_of
from amity.rooms.metrics.rules.figuring import shape_of
from amity.rooms.metrics.rules.language import Definition
from amity.rooms.metrics.rules.showing import step_text
from amity.rooms.metrics.rules.watching import Judged
from amity.rooms.metrics.rules.wording import is_money, value_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50
AROUND = {"hour": 7 * DAY, "day": 56 * DAY, "week": 280 * DAY}
RESTS = {"1": "an hour", "4": "four hours", "24": "a day", "168": "a week"}


@require_safe
@page("metrics.read")
def alerts(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List alerts, those that are open unless others are asked for."""
    open_now = count_open(workspace_id=access.workspace_id)
    state = request.GET.get("state", "")
    state = state if state in STATES else "open" if open_now else "all"
    before = request.GET.get("before", "")
    found = list_alerts(
        workspace_id=access.workspace_id, state=state, before=int(before) if before.isascii() and before.isdigit() and len(before) < 19 else 0,
        limit=ON_A_PAGE + 1,
    )  # fmt: skip
    held = definitions_of([one.rule.metric for one in found])
    rows = [_row(one, definition_of(held[one.rule.metric_id])) for one in found[:ON_A_PAGE]]
    rules = list_rules(workspace_id=access.workspace_id)
    watched = definitions_of([one.metric for one in rules])
    context = {
        "rows": rows, "state": state, "open_now": open_now, "now": now_ms(),
        "rules": [{"one": one, "words": rule_words(watch_of(one), definition_of(watched[one.metric_id]))} for one in rules],
        "next": f"?{urlencode({'state': state, 'before': found[ON_A_PAGE - 1].pk})}" if len(found) > ON_A_PAGE else "",
    }  # fmt: skip
    return render(request, "metrics/alerts/list.html", context)


@require_safe
@page("metrics.read")
def alert(request: HttpRequest, *, access: Access, alert_id: int) -> HttpResponse:
    """Show an alert: what was expected of the metric, what came, which segments explain it, who looks after it."""
    one = found_alert(access, alert_id)
    definition = definition_of(version_of(one.rule.metric, one.version))
    shape, unit, now = shape_of(definition.measure), definition.unit, now_ms()
    people = {person.id: person.name for person in trust.list_colleagues(access.workspace_id)}
    parts = [_part(part, definition, one) for part in (parts_told(one))]
    context: dict[str, Any] = {
        "one": one, "rule": one.rule, "metric": one.rule.metric, "title": title_of(one, one.rule), "now": now,
        "words": rule_words(watch_of(one.rule), definition), "value": value_text(one.value, shape, unit), "unit": "" if shape in {"seconds", "share"} or is_money(unit) else unit, "expected": expected_words(one, definition),
        "strong": [row for row in parts if row["strong"]][:3], "parts": parts, "rests": RESTS,
        "owner": people.get(one.rule.owner, ""), "second": people.get(one.rule.second, ""),
        "notices": [
            {"person": people.get(row.person, "somebody") if row.person else "The webhook", "hook": not row.person, "sent_at": row.sent_at, "trouble": row.trouble} for row in notices_of(one.pk)
        ],
        "customers_at": urlencode({"first": one.worst_first, "last": one.worst_last}), "failed": "",
    }  # fmt: skip
    try:
        context |= _drawn(access, one, definition)
    except AmityError as error:
        context["failed"] = error.message
    return render(request, "metrics/alerts/one.html", context)


@require_POST
@page("alerts.answer")
def acknowledge_alert(request: HttpRequest, *, access: Access, alert_id: int) -> HttpResponse:
    """Look after an alert."""
    one = found_alert(access, alert_id)
    acknowledge(access, alert_id=one.pk, request=request)
    messages.success(request, "You look after it; nobody else is told.")
    return redirect("metrics:alert", workspace=access.workspace_slug, alert_id=one.pk)


@require_POST
@page("alerts.answer")
def snooze_alert(request: HttpRequest, *, access: Access, alert_id: int) -> HttpResponse:
    """Let an alert rest for some hours, or end its rest."""
    one = found_alert(access, alert_id)
    hours = request.POST.get("hours", "")
    try:
        snooze(access, alert_id=one.pk, until=now_ms() + int(hours) * HOUR if hours in RESTS else 0, request=request)
        messages.success(request, f"It rests for {RESTS[hours]}." if hours in RESTS else "It rests no more.")
    except AmityError as error:
        messages.error(request, error.message)
    return redirect("metrics:alert", workspace=access.workspace_slug, alert_id=one.pk)


def found_alert(access: Access, alert_id: int) -> Alert:
    """Return an alert of the workspace. Raises Http404."""
    try:
        return accessible_alert(workspace_id=access.workspace_id, alert_id=alert_id if alert_id < 2**63 else 0)
    except AmityError as error:
        raise Http404(error.message) from None


def _row(one: Alert, definition: Definition) -> dict[str, Any]:
    strong = [part_words(part, definition) for part in parts_told(one)]
    return {
        "one": one, "title": title_of(one, one.rule), "words": alert_words(one, definition), "strong": [row for row in strong if row["strong"]][:2],
    }  # fmt: skip


def _part(part: Any, definition: Definition, one: Alert) -> dict[str, Any]:
    row = part_words(part, definition)
    query = {"breakdown": part.of, "value": part.value, "first": one.worst_first, "last": one.worst_last}
    return row | {"people": "" if part.rest else urlencode(query)}


def _drawn(access: Access, one: Alert, definition: Definition) -> dict[str, Any]:
    """Return the course around an episode, measured now, and the numbers of the step that tells it."""
    rule, scope = one.rule, scope_of(access)
    zone = scope.zone(definition).key
    last = min(one.last + AROUND[rule.step] // 4, now_ms())
    steps = judged_steps(definition, scope, watch_of(rule), first=one.first - AROUND[rule.step], last=last)
    shape, unit = shape_of(definition.measure), definition.unit
    telling = next((step.point.figure for step in steps if step.point.first == one.worst_first), None)
    changed = telling is not None and (telling.events, telling.customers) != (one.events, one.customers)
    return {
        "band": band_of(steps, shape=shape, unit=unit, by=rule.step, zone=zone, shaded=[(one.first, one.last)]), "telling": telling,
        "telling_value": "" if telling is None else value_text(telling.value, shape, unit), "changed": changed, "zone": zone,
        "marks": marks_on([step.point for step in steps], workspace_id=access.workspace_id), "steps": [_step(step, definition, rule.step, zone) for step in reversed(steps)],
    }  # fmt: skip


def _step(step: Judged, definition: Definition, by: str, zone: str) -> dict[str, Any]:
    shape, unit = shape_of(definition.measure), definition.unit
    low, high = (value_text(one, shape, unit) if one is not None else "" for one in (step.low, step.high))
    when = step_text(step.point.first, "day", zone) + (f", {step_text(step.point.first, 'hour', zone)}" if by == "hour" else "")
    return {
        "when": when, "value": "too few" if step.point.figure.few else value_text(step.point.figure.value, shape, unit),
        "range": f"{low} to {high}" if low and high else f"at most {high}" if high else f"at least {low}" if low else "", "n": step.point.figure.events,
        "out": step.out, "point": step.point,
    }  # fmt: skip
