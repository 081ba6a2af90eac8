"""Conformance: how cases go against the target, deviation by deviation, and the customers behind each number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from amity.engines.past.behaviour.language import Window
from amity.engines.past.behaviour.words import window_words
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers import api as customers
from amity.rooms.journeys.actions.allowances import accept_deviation, end_allowance
from amity.rooms.journeys.console.funnels.shown import percent
from amity.rooms.journeys.console.maps.pages import found_journey
from amity.rooms.journeys.console.periods import PERIODS
from amity.rooms.journeys.contracts import DeviationFigure
from amity.rooms.journeys.models import Journey
from amity.rooms.journeys.queries.conformance.judging import ALL, CONFORMING, WAITING, cases_behind, judge
from amity.rooms.journeys.queries.conformance.kept import accepted_of, question_of
from amity.rooms.journeys.rules.conformance.deviating import KINDS
from amity.rooms.journeys.rules.conformance.language import Conformance
from amity.rooms.journeys.rules.funnels.lines import value_of, window_of, window_text
from amity.rooms.journeys.rules.funnels.naming import length, value_name
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50
LATEST = 2**52
_ASKED = ("case", "period")


@require_safe
@page("journeys.read")
def conformance(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Show how cases conform to the target, and in which ways they don't."""
    one = found_journey(access, journey_id)
    given = _given(request.GET)
    context: dict[str, Any] = {
        "one": one, "given": given, "periods": PERIODS, "offered": customers.offered(access.workspace_id),
        "edits": access.can("journeys.write") and one.archived_at is None, "period": "last:90:days",
    }  # fmt: skip
    accepted = accepted_of(one)
    try:
        asked = _question(one, given)
        context["period"] = window_text(msgspec.to_builtins(asked.period))
        found = judge(asked, as_of=now_ms(), accepted=accepted, **_place(access))
    except Invalid as error:
        return render(request, "journeys/conformance/page.html", context | {"unmeasured": error.message}, status=200)
    except AmityError as error:
        return render(request, "journeys/conformance/page.html", context | {"failed": error.message}, status=503)
    link = _Link(access, one, given, found.as_of)
    rows = [_row(each, link, asked) for each in found.deviations]
    here = {(each.kind, each.stage) for each in found.deviations}
    names = {stage.key: stage.name for stage in asked.stages}
    context |= {
        "found": found, "conforming": percent(found.conforming), "in_place": percent(found.in_place), "cases": found.conforming.n,
        "fitness": f"{found.fitness:.3f}", "begun": window_words(asked.period).strip() or "at any time", "within": length(asked.within),
        "unit": value_name(asked.case) if asked.case else "", "currency": access.workspace.currency,
        "counting": [row for row in rows if not row["one"].accepted],
        "accepted": [row | {"why": accepted[row["one"].kind, row["one"].stage]} for row in rows if row["one"].accepted],
        "unused": [
            {"why": why, "kind": KINDS.get(kind, kind), "name": names.get(stage, stage)}
            for (kind, stage), why in accepted.items() if (kind, stage) not in here
        ],
        "urls": {what: link.to(what) for what in (ALL, CONFORMING, WAITING)}, "own": one.target is not None,
    }  # fmt: skip
    return render(request, "journeys/conformance/page.html", context)


@require_safe
@page("journeys.read")
def people(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """List the customers behind a number: those that were judged at that instant."""
    one = found_journey(access, journey_id)
    given = request.GET
    try:
        asked = _question(one, _given(given))
        kind, stage = given.get("kind", "")[:20], given.get("stage", "")[:12]
        as_of = _whole(given.get("as_of", ""))
        who, cases = cases_behind(asked, as_of=as_of, kind=kind, stage=stage, accepted=accepted_of(one), **_place(access))
        start = min(_whole(given.get("from", "") or "0"), len(who))
    except AmityError as error:
        status = 400 if isinstance(error, Invalid) else 503
        return render(request, "journeys/conformance/people.html", {"one": one, "failed": error.message}, status=status)
    stretch = who[start : start + ON_A_PAGE]
    lines = customers.lines_by_id(access.workspace_id, stretch) if access.can("customers.read") else {}
    name = next((each.name for each in asked.stages if each.key == stage), "")
    said = {ALL: "All cases", CONFORMING: "Go as they should", WAITING: "Not over yet"}.get(kind) or f"{KINDS[kind]}: {name}"
    context = {
        "one": one, "said": said, "number": len(who), "cases": cases, "unit": value_name(asked.case) if asked.case else "", "as_of": as_of,
        "rows": [{"id": each, "line": lines.get(each)} for each in stretch], "start": start, "end": start + len(stretch),
        "next": start + ON_A_PAGE if start + ON_A_PAGE < len(who) else 0, "before": max(start - ON_A_PAGE, 0) if start else None,
        "at": {key: value for key, value in given.items() if key != "from"}, "back": _asked_again(given),
    }  # fmt: skip
    return render(request, "journeys/conformance/people.html", context)


@require_POST
@page("journeys.write")
def allowances(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Accept a deviation."""
    one, given = found_journey(access, journey_id), request.POST
    try:
        accept_deviation(
            access,
            journey_id=one.pk,
            kind=given.get("kind", ""),
            stage=given.get("stage", ""),
            reason=given.get("reason", ""),
            request=request,
        )
        messages.success(request, "Accepted: it doesn’t count against a case any more.")
    except AmityError as error:
        messages.error(request, error.message)
    return _back(access, one, given)


@require_POST
@page("journeys.write")
def ended(request: HttpRequest, *, access: Access, journey_id: int, allowance_id: int) -> HttpResponse:
    """Let a deviation count again."""
    one = found_journey(access, journey_id)
    try:
        end_allowance(access, journey_id=one.pk, allowance_id=allowance_id, request=request)
        messages.success(request, "It counts again.")
    except AmityError as error:
        messages.error(request, error.message)
    return _back(access, one, request.POST)


class _Link:
    def __init__(self, access: Access, one: Journey, given: Mapping[str, str], as_of: int) -> None:
        self._people = reverse(
            "journeys:conformance_customers", kwargs={"workspace": access.workspace_slug, "journey_id": one.pk}
        )
        self._given = {**given, "as_of": str(as_of)}

    def to(self, kind: str, stage: str = "") -> str:
        return f"{self._people}?{urlencode(self._given | {'kind': kind} | ({'stage': stage} if stage else {}))}"


def _row(one: DeviationFigure, link: _Link, asked: Conformance) -> dict[str, Any]:
    stage = next(each for each in asked.stages if each.key == one.stage)
    limit = ""
    if one.kind == "late" and stage.at_most is not None:
        limit = f"more than {length(stage.at_most)} after the stage before"
    elif one.kind == "channel":
        limit = f"not by {' or '.join(stage.channels)}"
    return {
        "one": one, "kind": KINDS[one.kind], "cases": percent(one.cases), "interactions": None if one.interactions is None else percent(one.interactions),
        "url": link.to(one.kind, one.stage), "limit": limit, "each": one.spent / one.customers if one.customers else 0.0,
    }  # fmt: skip


def _place(access: Access) -> dict[str, Any]:
    return {"workspace_id": access.workspace_id, "time_zone": access.workspace.time_zone, "currency": access.workspace.currency}


def _given(query: Mapping[str, str]) -> dict[str, str]:
    """Return what the address asks for; without a period, the map's own is meant."""
    found = {"case": str(query.get("case", "")).replace("\0", "").strip()[:500]}
    if "period" in query and query["period"] in PERIODS:
        found["period"] = query["period"]
    return found


def _question(one: Journey, given: Mapping[str, str]) -> Conformance:
    period: Window | None = None
    if "period" in given:
        period = msgspec.convert(window_of(given["period"]), Window | None)
    return question_of(one, case=value_of(given["case"]), period=period, its_own="period" not in given)


def _asked_again(given: Mapping[str, str]) -> str:
    return urlencode({name: given[name] for name in _ASKED if name in given})


def _back(access: Access, one: Journey, given: Mapping[str, str]) -> HttpResponse:
    answer = redirect("journeys:conformance", workspace=access.workspace_slug, journey_id=one.pk)
    if more := _asked_again(_given(given)):
        answer["Location"] += f"?{more}"
    return answer


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 15 or int(text) > LATEST:
        raise Invalid("This address isn’t whole. Go back to the page and press its number again.")
    return int(text)
