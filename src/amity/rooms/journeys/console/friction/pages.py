"""Pages of what friction costs: the ranked list with its matrix, one pain point, its form, and the customers behind it."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel.errors import AmityError
from amity.rooms.customers import api as customers
from amity.rooms.journeys.actions.friction.pains import EFFORTS, archive_pain, ask_price, keep_pain
from amity.rooms.journeys.console.friction.form import TESTS, begun, effort_in, fields_of, pain_in, place_in, said, words_of
from amity.rooms.journeys.console.friction.shown import GRADES, compared, figures, line, matrix, overlapping
from amity.rooms.journeys.models import PainPoint, Pricing
from amity.rooms.journeys.models.worked import RUNNING, WAITING
from amity.rooms.journeys.queries.friction.kept import (
    accessible_pain,
    latest,
    list_pains,
    newest,
    pain_of,
    pricing_of,
)
from amity.rooms.journeys.queries.friction.reading import who_met
from amity.rooms.journeys.queries.maps.kept import list_journeys, map_of
from amity.rooms.journeys.rules.friction.language import KINDS, Pain, written
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50


@require_safe
@page("journeys.read")
def pains(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List pain points, the dearest first."""
    text = request.GET.get("q", "")[:200].strip()
    archived = request.GET.get("archived") == "1"
    kept = list_pains(workspace_id=access.workspace_id, archived=archived, text=text)
    found = latest(kept)
    rows = [line(one, found.get(one.pk)) for one in kept]
    rows.sort(key=lambda row: -row["cost"]["at"] if row.get("cost") else float("inf"))
    context = {"rows": rows, "matrix": matrix(rows), "text": text, "archived": archived, "tab": "friction"}
    return render(request, "journeys/friction/list.html", context)


@require_safe
@page("journeys.read")
def pain(request: HttpRequest, *, access: Access, pain_id: int) -> HttpResponse:
    """Show what a pain point costs, and why to believe it or not."""
    one = found_pain(access, pain_id)
    last, now = latest([one]).get(one.pk), newest(one)
    context: dict[str, Any] = {
        "one": one,
        "asked": words(pain_of(one)),
        "priced": last,
        "effort": EFFORTS.get(one.effort or 0, ""),
    }
    context["json"] = json.dumps(one.definition, indent=2, ensure_ascii=False)
    if now is not None and now.state in {WAITING, RUNNING}:
        context |= {"working": now, "percent": round(now.share * 100)}
    elif now is not None and now.trouble:
        context["trouble"] = now.trouble
    if one.journey is not None:
        content = map_of(one.journey)
        context["stage"] = next((stage.name for stage in content.stages if stage.key == one.stage), "") if content else ""
    if last is not None and last.result is not None:
        context |= _priced(one, last)
    return render(request, "journeys/friction/one.html", context)


def _priced(one: PainPoint, last: Pricing) -> dict[str, Any]:
    asked, result = pain_of(last), last.result or {}
    shown: dict[str, Any] = {
        "result": result,
        "shown": figures(asked, result),
        "stale": last.number != one.number,
        "kind": asked.outcome.kind,
    }
    if "too_few" not in result:
        shown |= {
            "compared": compared(result, asked.outcome.kind),
            "overlap": overlapping(result),
            "rates": asked.outcome.kind in {"leaving", "doing"},
        }
        shown |= {"left_out": f"{result['left_out'] * 100:.0f}%", "robust": f"{result['robust'] * 100:.1f}%"}
        shown |= {"robust_interval": f"{result['robust_interval'] * 100:.1f}%", "grades": GRADES}
    return shown


@require_http_methods(["GET", "HEAD", "POST"])
@page("journeys.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Say what a pain point is."""
    return _form(request, access, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("journeys.write")
def edit(request: HttpRequest, *, access: Access, pain_id: int) -> HttpResponse:
    """Change a pain point."""
    return _form(request, access, found_pain(access, pain_id))


@require_POST
@page("journeys.write")
def price(request: HttpRequest, *, access: Access, pain_id: int) -> HttpResponse:
    """Ask what a pain point costs now."""
    one = found_pain(access, pain_id)
    try:
        ask_price(access, pain_id=one.pk, request=request)
    except AmityError as error:
        messages.error(request, error.message)
    return redirect("journeys:pain", workspace=access.workspace_slug, pain_id=one.pk)


@require_POST
@page("journeys.write")
def archive(request: HttpRequest, *, access: Access, pain_id: int) -> HttpResponse:
    """Put a pain point away."""
    archive_pain(access, pain_id=found_pain(access, pain_id).pk, request=request)
    messages.success(request, "Archived. You find it among the archived pain points.")
    return redirect("journeys:pains", workspace=access.workspace_slug)


@require_safe
@page("journeys.read")
def people(request: HttpRequest, *, access: Access, pain_id: int, pricing_id: int) -> HttpResponse:
    """List who met a pain point: those whom a pricing counted."""
    one = found_pain(access, pain_id)
    context: dict[str, Any] = {"one": one}
    try:
        priced = pricing_of(one, pricing_id)
        zone = access.workspace.time_zone
        who = who_met(pain_of(priced), workspace_id=access.workspace_id, time_zone=zone, as_of=priced.as_of)
    except AmityError as error:
        return render(request, "journeys/friction/people.html", context | {"failed": error.message}, status=503)
    given = request.GET.get("from", "")
    start = min(int(given) if given.isdecimal() and len(given) < 10 else 0, len(who))
    stretch = who[start : start + ON_A_PAGE]
    lines = customers.lines_by_id(access.workspace_id, stretch) if access.can("customers.read") else {}
    context |= {
        "number": len(who), "as_of": priced.as_of, "rows": [{"id": each, "line": lines.get(each)} for each in stretch], "at": {},
        "start": start, "end": start + len(stretch), "next": start + ON_A_PAGE if start + ON_A_PAGE < len(who) else 0,
        "before": max(start - ON_A_PAGE, 0) if start else None,
    }  # fmt: skip
    return render(request, "journeys/friction/people.html", context)


def words(asked: Pain) -> dict[str, Any]:
    """Return a pain point's definition in words."""
    outcome = asked.outcome
    what = {
        "leaving": f"leave: {words_of(outcome.event)}" if outcome.event else "leave: do and say nothing any more",
        "doing": words_of(outcome.event) if outcome.event else "", "spending": f"spend: the sum of {outcome.of}", "score": f"score: the mean of {outcome.of}",
    }[outcome.kind]  # fmt: skip
    if outcome.kind in {"spending", "score"} and outcome.event:
        what += f" in {words_of(outcome.event)}"
    return {
        "friction": words_of(asked.friction), "chance": words_of(asked.chance) if asked.chance else "anything they did or said", "outcome": what,
        "days": outcome.days, "period": asked.period, "known": ", ".join(asked.known), "worth": asked.worth,
    }  # fmt: skip


def _form(request: HttpRequest, access: Access, one: PainPoint | None) -> HttpResponse:
    error = ""
    if request.method == "POST":
        given = said(request.POST.dict())
        try:
            journey, stage = place_in(given)
            made = keep_pain(
                access, pain_id=one.pk if one else None, name=given["name"], about=given["about"], pain=pain_in(given), journey_id=journey,
                stage=stage, effort=effort_in(given), request=request,
            )  # fmt: skip
            if request.POST.get("act") == "price":
                ask_price(access, pain_id=made.pk, request=request)
            return redirect("journeys:pain", workspace=access.workspace_slug, pain_id=made.pk)
        except AmityError as problem:
            error = problem.message
    else:
        given = _given(one)
    context: dict[str, Any] = {
        "one": one, "given": given, "error": error, "tests": TESTS, "kinds": KINDS, "efforts": EFFORTS, "places": _places(access),
        "offered": customers.offered(access.workspace_id),
    }  # fmt: skip
    return render(request, "journeys/friction/edit.html", context, status=400 if error else 200)


def _given(one: PainPoint | None) -> dict[str, str]:
    if one is None:
        return begun()
    asked = pain_of(one)
    found = fields_of(asked) or begun() | {"json": json.dumps(written(asked), indent=2, ensure_ascii=False)}
    where = f"{one.journey_id}:{one.stage}" if one.journey_id else ""
    return found | {"name": one.name, "about": one.about, "effort": str(one.effort or ""), "where": where}


def _places(access: Access) -> list[tuple[str, str]]:
    found = []
    for one in list_journeys(workspace_id=access.workspace_id):
        found.append((f"{one.pk}:", one.name))
        content = map_of(one)
        found += [(f"{one.pk}:{stage.key}", f"{one.name}: {stage.name}") for stage in (content.stages if content else ())]
    return found


def found_pain(access: Access, pain_id: int) -> PainPoint:
    """Return a pain point of the workspace. Raises Http404."""
    try:
        return accessible_pain(workspace_id=access.workspace_id, pain_id=pain_id)
    except AmityError as error:
        raise Http404(error.message) from None
