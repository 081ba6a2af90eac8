"""Moments that matter: which stages foretell what customers do afterwards, and the customers behind each number."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.engines.past.behaviour.language import Event
from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.rooms.customers import api as customers
from amity.rooms.journeys.actions.moments.ask import ask_foretelling
from amity.rooms.journeys.console.maps.pages import found_journey
from amity.rooms.journeys.console.moments.form import BEGUN, asked_in, fields_of, outcome_words, said
from amity.rooms.journeys.console.moments.shown import mean_words, share, stages_shown
from amity.rooms.journeys.models import Foretelling, Journey
from amity.rooms.journeys.models.worked import RUNNING, WAITING
from amity.rooms.journeys.queries.maps.kept import map_of
from amity.rooms.journeys.queries.moments.kept import asked_of, content_of, foretelling_of, latest_foretelling, newest_foretelling
from amity.rooms.journeys.queries.moments.reading import who_showed
from amity.rooms.journeys.rules.friction.language import KINDS
from amity.rooms.journeys.rules.funnels.naming import length
from amity.rooms.journeys.rules.maps.language import measured
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50


@require_safe
@page("journeys.read")
def moments(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Show which stages foretell what comes afterwards."""
    one = found_journey(access, journey_id)
    return _page(request, access, one)


@require_POST
@page("journeys.write")
def asking(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Ask anew what the stages foretell."""
    one, given = found_journey(access, journey_id), said(request.POST.dict())
    try:
        ask_foretelling(access, journey_id=one.pk, asked=asked_in(given), request=request)
    except AmityError as error:
        return _page(request, access, one, given=given, error=error.message)
    messages.success(request, "Asked. The worker reads a year and compares; that takes a minute or so.")
    return redirect("journeys:moments", workspace=access.workspace_slug, journey_id=one.pk)


@require_safe
@page("journeys.read")
def people(request: HttpRequest, *, access: Access, journey_id: int, foretelling_id: int) -> HttpResponse:
    """List the customers behind a number: those who were counted."""
    one, given = found_journey(access, journey_id), request.GET
    context: dict[str, Any] = {"one": one}
    try:
        found = foretelling_of(one, foretelling_id)
        stage, pain, with_it = _whole(given.get("stage", "")), given.get("pain", ""), given.get("group") == "with"
        who = who_showed(
            content_of(found), asked_of(found), _pains(found), workspace_id=access.workspace_id, time_zone=access.workspace.time_zone,
            as_of=found.as_of, stage=stage, kind=given.get("kind", ""), pain=_whole(pain) if pain else None, with_it=with_it,
        )  # fmt: skip
        start = min(_whole(given.get("from", "") or "0"), len(who))
    except AmityError as error:
        status = 400 if isinstance(error, Invalid) else 404 if isinstance(error, NotFound) else 503
        return render(request, "journeys/moments/people.html", context | {"failed": error.message}, status=status)
    shown = next(each for each in stages_shown(found.result or {}, asked_of(found).outcome.kind) if each["n"] == stage)
    signal = next(
        each for each in shown["signals"] if each["one"]["kind"] == given.get("kind") and str(each["one"]["pain"] or "") == pain
    )
    stretch = who[start : start + ON_A_PAGE]
    lines = customers.lines_by_id(access.workspace_id, stretch) if access.can("customers.read") else {}
    context |= {
        "number": len(who), "as_of": found.as_of, "stage": shown, "group": signal["with_it" if with_it else "without"],
        "rows": [{"id": each, "line": lines.get(each)} for each in stretch], "start": start, "end": start + len(stretch),
        "next": start + ON_A_PAGE if start + ON_A_PAGE < len(who) else 0, "before": max(start - ON_A_PAGE, 0) if start else None,
        "at": {key: value for key, value in given.items() if key != "from"},
    }  # fmt: skip
    return render(request, "journeys/moments/people.html", context)


def _page(
    request: HttpRequest, access: Access, one: Journey, *, given: dict[str, str] | None = None, error: str = ""
) -> HttpResponse:
    last, now, content = latest_foretelling(one), newest_foretelling(one), map_of(one)
    if content is None:
        raise Http404("There is no such map.")
    newest = now or last
    context: dict[str, Any] = {
        "one": one, "error": error, "kinds": KINDS, "offered": customers.offered(access.workspace_id), "within": length(content.within),
        "given": given or (fields_of(asked_of(newest)) if newest else BEGUN), "measurable": measured(content) is not None,
        "edits": access.can("journeys.write") and one.archived_at is None,
    }  # fmt: skip
    if now is not None and now.state in {WAITING, RUNNING}:
        context |= {"working": now, "percent": round(now.share * 100)}
    elif now is not None and now.trouble:
        context["trouble"] = now.trouble
    if last is not None and last.result is not None:
        context |= _told(last, last.result) | {"stale": content_of(last) != content}
    return render(request, "journeys/moments/page.html", context, status=400 if error else 200)


def _told(last: Foretelling, result: dict[str, Any]) -> dict[str, Any]:
    asked = asked_of(last)
    kind = asked.outcome.kind
    stages = stages_shown(result, kind)
    found: dict[str, Any] = {
        "last": last, "result": result, "asked": outcome_words(asked.outcome), "stages": stages, "rates": kind in {"leaving", "doing"},
        "mean": mean_words(result["mean"], kind) if result["mean"] is not None else "", "lasts": length(content_of(last).within),
        "verb": {"leaving": "leave", "doing": "do it", "spending": "spent on average", "score": "said on average"}[kind],
        "matter": [one for one in stages if one.get("matters")],
    }  # fmt: skip
    if "known" in result:
        found |= {"known": share(max(result["known"]["value"], 0.0)), "all": share(max(result["all"]["value"], 0.0))}
    return found


def _pains(one: Foretelling) -> dict[int, dict[int, Event]]:
    kept = (one.result or {}).get("pains", {})
    return {
        int(n): {int(pain): msgspec.json.decode(json.dumps(event), type=Event) for pain, event in some.items()}
        for n, some in kept.items()
    }


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise Invalid("This address isn’t whole. Go back to the page and press its number again.")
    return int(text)
