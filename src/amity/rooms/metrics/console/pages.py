"""Pages of metrics: the list, one with its figure, series, breakdown, definition and versions."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.engines.past.behaviour.fields import WINDOWS, window_of, window_text
from amity.engines.past.behaviour.language import Window
from amity.facts.metrics import OF_NOBODY
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers import api as customers
from amity.rooms.metrics.actions.metrics import archive_metric, take_shipped
from amity.rooms.metrics.console.chart import bars_of, line_of, segment_name, spark_of
from amity.rooms.metrics.console.marks import marks_on
from amity.rooms.metrics.contracts import Measured
from amity.rooms.metrics.models import Metric
from amity.rooms.metrics.queries.alerts import list_alerts, list_rules
from amity.rooms.metrics.queries.lists import (
    accessible_metric,
    definition_of,
    definitions_of,
    list_metrics,
    version_of,
    versions_of,
)
from amity.rooms.metrics.queries.measuring import Scope, measure_definition
from amity.rooms.metrics.queries.offered import fitting
from amity.rooms.metrics.queries.telling import rule_words
from amity.rooms.metrics.queries.watching import watch_of
from amity.rooms.metrics.rules import periods
from amity.rooms.metrics.rules.language import Definition, Retention, Share, events_of, written
from amity.rooms.metrics.rules.sentences import sentence
from amity.rooms.metrics.rules.showing import change_text, figure_shown, part_shown, step_text
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_window = msgspec.json.Decoder(Window)


@require_safe
@page("metrics.read")
def metrics(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List metrics; each row's figure comes by itself (`?row=`), so that a slow one holds nobody up."""
    row = request.GET.get("row", "")
    if row.isascii() and row.isdigit() and len(row) < 19:
        return _row(request, access, int(row))
    text = request.GET.get("q", "")[:200].strip()
    archived = request.GET.get("archived") == "1"
    found = list_metrics(workspace_id=access.workspace_id, archived=archived, text=text)
    held = definitions_of(found)
    rows = [{"one": one, "words": sentence(definition_of(held[one.pk]))} for one in found]
    try:
        there = {one.origin for one in found}
        more = [] if archived or text else [one for one in fitting(access.workspace_id) if one.origin not in there]
    except AmityError:
        more = []
    context = {"rows": rows, "text": text, "archived": archived, "more": more}
    return render(request, "metrics/list.html", context)


@require_safe
@page("metrics.read")
def metric(request: HttpRequest, *, access: Access, metric_id: int) -> HttpResponse:
    """Show a metric: its figure with how sure it is, over time, by segment; what it is, and what it was."""
    one = found_metric(access, metric_id)
    asked = {name: request.GET.get(name, "")[:500] for name in ("window", "by", "breakdown")}
    number = request.GET.get("version", "")
    try:
        held = version_of(one, int(number) if number.isascii() and number.isdigit() and len(number) < 9 else 0)
    except AmityError as error:
        raise Http404(error.message) from None
    definition = definition_of(held)
    context: dict[str, Any] = {
        "one": one, "held": held, "asked": asked, "sentence": sentence(definition), "among": _among(definition, access),
        "json": json.dumps(written(definition), indent=2, ensure_ascii=False), "versions": _versions(one), "old": held.number != one.version,
        "windows": _windows(definition, asked["window"]), "steps": periods.STEPS, "offered": customers.offered(access.workspace_id),
        "rules": [{"one": rule, "words": rule_words(watch_of(rule), definition)} for rule in list_rules(workspace_id=access.workspace_id, metric_id=one.pk)],
        "alerts": list_alerts(workspace_id=access.workspace_id, metric_id=one.pk, limit=5),
        "of_nobody": any(event.name in OF_NOBODY for event in events_of(definition.measure)),
        "audiences": customers.audience_names(access.workspace_id), "is_share": isinstance(definition.measure, Share), "is_retention": isinstance(definition.measure, Retention),
    }  # fmt: skip
    try:
        measured = _measured(definition, access, asked, metric_id=one.pk, version=held.number)
    except AmityError as error:
        return render(request, "metrics/one.html", context | {"failed": error.message}, status=409)
    query = {name: value for name, value in asked.items() if value and name == "window"}
    context |= {
        "measured": measured, "shown": figure_shown(measured), "line": line_of(measured), "marks": marks_on(measured.series, workspace_id=access.workspace_id), "points": _points(measured),
        "bars": bars_of(measured), "segments": _segments(measured, asked, query), "by": measured.by,
        "query": f"?{urlencode(query)}" if query else "",
    }  # fmt: skip
    return render(request, "metrics/one.html", context)


@require_POST
@page("metrics.write")
def shipped(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Take the shipped metrics whose interactions arrive here."""
    try:
        made = take_shipped(access, request=request)
        messages.success(request, f"{len(made)} metrics were added." if len(made) != 1 else "One metric was added.")
    except AmityError as error:
        messages.error(request, error.message)
    return redirect("metrics:list", workspace=access.workspace_slug)


@require_POST
@page("metrics.write")
def archive(request: HttpRequest, *, access: Access, metric_id: int) -> HttpResponse:
    """Archive a metric."""
    one = found_metric(access, metric_id)
    archive_metric(access, metric_id=one.pk, request=request)
    messages.success(request, f"{one.name} is archived. Its versions stay.")
    return redirect("metrics:list", workspace=access.workspace_slug)


def found_metric(access: Access, metric_id: int) -> Metric:
    """Return a metric of the workspace. Raises Http404."""
    try:
        return accessible_metric(workspace_id=access.workspace_id, metric_id=metric_id)
    except AmityError as error:
        raise Http404(error.message) from None


def scope_of(access: Access) -> Scope:
    """Return whose figures a page shows."""
    return Scope(workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)


def within_of(text: str) -> Any:
    """Return the window that an address names, None for the metric's own. Raises Invalid."""
    if not text:
        return None
    try:
        return _window.decode(msgspec.json.encode(window_of(text)))
    except msgspec.ValidationError:
        raise Invalid("There is no such window.") from None


def _row(request: HttpRequest, access: Access, metric_id: int) -> HttpResponse:
    one = found_metric(access, metric_id)
    definition = definition_of(version_of(one))
    context: dict[str, Any] = {"one": one}
    try:
        measured = _measured(definition, access, {}, metric_id=one.pk, version=one.version)
        context |= {"shown": figure_shown(measured), "measured": measured, "spark": spark_of(measured)}
    except AmityError as error:
        context["failed"] = error.message
    return render(request, "metrics/_row.html", context)


def _measured(definition: Definition, access: Access, asked: dict[str, str], *, metric_id: int, version: int) -> Measured:
    within = within_of(asked.get("window", ""))
    zone = ZoneInfo(definition.zone or access.workspace.time_zone)
    by = asked.get("by", "")
    if by not in periods.STEPS:
        span = periods.window_of(within or definition.within, now=now_ms(), zone=zone)
        by = periods.fitting(span)
    return measure_definition(
        definition, scope_of(access), within=within, by=by, breakdown=asked.get("breakdown", ""), metric_id=metric_id, version=version
    )  # fmt: skip


def _among(definition: Definition, access: Access) -> list[str]:
    if definition.among is None:
        return []
    try:
        return customers.condition_words(definition.among, workspace_id=access.workspace_id)
    except AmityError as error:
        return [error.message]


def _versions(one: Metric) -> list[dict[str, Any]]:
    return [{"one": held, "words": sentence(definition_of(held))} for held in versions_of(one)]


def _windows(definition: Definition, chosen: str) -> list[tuple[str, str, bool]]:
    own = window_text(msgspec.to_builtins(definition.within))
    first = WINDOWS.get(own, "over its own window").removeprefix("in ")
    found = [("", f"{first} (its own)", not chosen)]
    return found + [
        (value, label.removeprefix("in "), value == chosen) for value, label in WINDOWS.items() if value and value != own
    ]


def _points(one: Measured) -> list[dict[str, Any]]:
    return [
        {"when": step_text(point.first, one.by, one.zone), "shown": part_shown(point.figure, one), "point": point}
        for point in reversed(one.series)
    ]


def _segments(one: Measured, asked: dict[str, str], query: dict[str, str]) -> list[dict[str, Any]]:
    found = []
    for row in one.segments:
        said, mark = "", "quiet"
        if row.change is not None and row.change.clear:
            said = f"{change_text(row.change, one)} {'higher' if row.change.by > 0 else 'lower'}"
            mark = "quiet" if one.direction == "none" else "good" if (row.change.by > 0) == (one.direction == "up") else "bad"
        elif row.change is not None:
            said = "No clear change"
        people = "" if row.rest else urlencode(query | {"breakdown": asked["breakdown"], "value": row.value})
        found.append(
            {
                "name": segment_name(row),
                "shown": part_shown(row.figure, one),
                "said": said,
                "mark": mark,
                "people": people,
                "row": row,
            }
        )
    return found
