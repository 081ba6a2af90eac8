"""The cohort grid of a retention metric, and the customers of a cell."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from amity.engines.past.behaviour.words import event_words
from amity.kernel.errors import AmityError
from amity.rooms.customers import api as customers_api
from amity.rooms.metrics.console.behind import ON_A_PAGE, _after, _ms
from amity.rooms.metrics.console.pages import found_metric, scope_of
from amity.rooms.metrics.models import Metric
from amity.rooms.metrics.queries.cohorts import cohort_grid, customers_of_cell
from amity.rooms.metrics.queries.lists import definition_of, version_of
from amity.rooms.metrics.rules.cohorts import SHOWN, Cell, Cohort
from amity.rooms.metrics.rules.language import Definition, Retention
from amity.rooms.metrics.rules.showing import step_text
from amity.rooms.metrics.rules.wording import value_text
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_SHADES = 5


@require_safe
@page("metrics.read")
def cohorts(request: HttpRequest, *, access: Access, metric_id: int) -> HttpResponse:
    """Show who came back: cohorts by their first interaction, and what share of them had it again in each period after."""
    one = found_metric(access, metric_id)
    definition = _definition(one)
    by = request.GET.get("by", "")
    by = by if by in SHOWN else "month"
    context: dict[str, Any] = {"one": one, "by": by, "steps": list(SHOWN), "words": _event(definition), "failed": ""}
    try:
        grid = cohort_grid(definition, scope_of(access), by=by)
    except AmityError as error:
        return render(request, "metrics/cohorts.html", context | {"failed": error.message}, status=409)
    zone = scope_of(access).zone(definition).key
    rows = [_row(each, by, zone) for each in grid.cohorts]
    first = next((n for n, row in enumerate(rows) if row["customers"]), len(rows))
    width = len(rows) - first
    context |= {
        "rows": [row | {"cells": row["cells"] + [None] * (width - len(row["cells"]))} for row in rows[first:]], "later": range(1, width),
        "together": [_cell(each, "all of them", by, 0) for each in grid.together[1:width]], "customers": sum(each.customers for each in grid.cohorts),
    }  # fmt: skip
    return render(request, "metrics/cohorts.html", context)


@require_safe
@page("customers.read")
def cell(request: HttpRequest, *, access: Access, metric_id: int) -> HttpResponse:
    """List the customers of a cell: as many as it says."""
    one = found_metric(access, metric_id)
    definition = _definition(one)
    asked = {name: request.GET.get(name, "")[:30] for name in ("by", "first", "later")}
    first, later, after = _ms(asked["first"]), _ms(asked["later"]), _after(request)
    if asked["by"] not in SHOWN or first is None or later is None:
        raise Http404("There is no such cell.")
    zone = scope_of(access).zone(definition).key
    context: dict[str, Any] = {
        "one": one,
        "failed": "",
        "by": asked["by"],
        "when": step_text(first, asked["by"], zone),
        "later": later,
    }
    try:
        total, found = customers_of_cell(
            definition, scope_of(access), by=asked["by"], first=first, later=later, after=after, limit=ON_A_PAGE + 1
        )
    except AmityError as error:
        return render(request, "metrics/cohort.html", context | {"failed": error.message}, status=409)
    shown = found[:ON_A_PAGE]
    lines = customers_api.lines_by_id(access.workspace_id, shown)
    query = urlencode(asked)
    context |= {
        "total": total, "rows": [{"id": each, "line": lines.get(each)} for each in shown], "first": after is None, "here": f"?{query}",
        "next": f"?{query}&{urlencode({'after': shown[-1].hex})}" if len(found) > ON_A_PAGE else "",
    }  # fmt: skip
    return render(request, "metrics/cohort.html", context)


def _definition(one: Metric) -> Definition:
    definition = definition_of(version_of(one))
    if not isinstance(definition.measure, Retention):
        raise Http404("This metric has no cohorts.")
    return definition


def _event(definition: Definition) -> str:
    assert isinstance(definition.measure, Retention)  # noqa: S101
    return event_words(definition.measure.event)


def _row(one: Cohort, by: str, zone: str) -> dict[str, Any]:
    when = step_text(one.step.first, by, zone)
    cells = [_cell(each, when, by, one.step.first) for each in one.cells[1:]]
    people = urlencode({"by": by, "first": one.step.first, "later": 0})
    return {"when": when, "customers": one.customers, "whole": one.whole, "cells": cells, "people": people}


def _cell(one: Cell, when: str, by: str, first: int) -> dict[str, Any]:
    figure, size = one.figure, round(one.figure.customers)
    share = figure.value or 0.0
    text = "few" if figure.few else value_text(share, "share", "")
    interval = (
        ""
        if figure.low is None
        else f", 95% interval {value_text(figure.low, 'share', '')} to {value_text(figure.high, 'share', '')} (Wilson)"
    )
    of = f"{one.back:,} of {size:,} customers of {when}, {one.later} {by}{'s' if one.later > 1 else ''} later"
    return {
        "text": text, "title": f"{of}{'' if figure.few else interval}{'' if one.whole else '; that ' + by + ' is not over'}", "whole": one.whole,
        "few": figure.few, "shade": 0 if figure.few or not size else min(int(share * _SHADES) + 1, _SHADES), "back": one.back, "size": size,
        "people": urlencode({"by": by, "first": first, "later": one.later}) if one.back else "",
    }  # fmt: skip
