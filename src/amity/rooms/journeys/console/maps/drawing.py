"""Drawing on the map in place: a cell, a stage, their order. Works without JavaScript: then each form is a page of its own."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amity.engines.past.behaviour.language import UNITS
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers import api as customers
from amity.rooms.journeys.actions.maps import draw_journey
from amity.rooms.journeys.console.maps.pages import found_journey, shown, side_of
from amity.rooms.journeys.console.maps.shown import FEELINGS
from amity.rooms.journeys.models import Journey
from amity.rooms.journeys.queries.maps.kept import map_of
from amity.rooms.journeys.rules.maps.language import (
    LANES,
    MOST_STAGES,
    JourneyMap,
    Stage,
    added,
    lines_of,
    moved,
    with_stage,
    without,
)
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

STAGE = "stage"  # the lane of a stage's own form


@require_http_methods(["GET", "HEAD", "POST"])
@page("journeys.write")
def cell(request: HttpRequest, *, access: Access, journey_id: int, stage: str, lane: str) -> HttpResponse:
    """Show the form of a cell or of a stage, or save it."""
    one, side = found_journey(access, journey_id), side_of(request)
    content = map_of(one, side)
    found = next((each for each in content.stages if each.key == stage), None) if content else None
    if found is None or (lane not in LANES and lane != STAGE):
        raise Http404("There is no such cell.")
    if request.method != "POST":
        return _form(request, access, one, side, found, lane)
    try:
        changes, what = _changes(request, found, lane)
        draw_journey(
            access, journey_id=one.pk, side=side, what=what, draw=lambda made: with_stage(made, stage, **changes), request=request
        )
    except AmityError as error:
        return _form(request, access, one, side, found, lane, error=error.message)
    return _map(request, access, one, side)


@require_POST
@page("journeys.write")
def stages(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Add a stage, move it, or take it off the map."""
    one, side = found_journey(access, journey_id), side_of(request)
    verb, _, key = request.POST.get("act", "").partition(":")
    name = request.POST.get("name", "").strip()[:120]
    try:
        match verb:
            case "add":
                draw, what = (lambda made: added(made, name or f"Stage {len(made.stages) + 1}")), f"Added {name or 'a stage'}"
            case "left" | "right":
                draw, what = (lambda made: moved(made, key, -1 if verb == "left" else 1)), f"Moved a stage {verb}"
            case "remove":
                draw, what = (lambda made: without(made, key)), "Took a stage off"
            case _:
                raise Invalid("Say what to do with the stage.")
        draw_journey(access, journey_id=one.pk, side=side, what=what, draw=_checked(draw), request=request)
    except AmityError as error:
        from django.contrib import messages

        messages.error(request, error.message)
    return _map(request, access, one, side)


def _checked(draw: Any) -> Any:
    def drawing(made: JourneyMap) -> JourneyMap:
        after: JourneyMap = draw(made)
        if len(after.stages) > MOST_STAGES:
            raise Invalid(f"A map has at most {MOST_STAGES} stages; make a journey of some of them.")
        return after

    return drawing


def _changes(request: HttpRequest, stage: Stage, lane: str) -> tuple[dict[str, Any], str]:
    given = request.POST
    if lane != STAGE:
        return {lane: lines_of(given.get("lines", ""))}, f"{LANES[lane]}: {stage.name}"
    feels = given.get("emotion", "")
    changes: dict[str, Any] = {
        "name": given.get("name", "").strip()[:120] or stage.name, "owner": given.get("owner", "").strip()[:120],
        "emotion": int(feels) if feels in {str(one) for one in FEELINGS} else None,
    }  # fmt: skip
    changes |= {
        "optional": given.get("optional") == "1", "repeats": given.get("repeats") == "1", "at_most": _at_most(given),
        "channels": [one for one in dict.fromkeys(part.strip()[:120] for part in given.get("channels", "").split(",")) if one][:20],
    }  # fmt: skip
    event = given.get("event", "").strip()[:500]
    before = stage.event.name if stage.event else ""
    if event != before:  # a stage whose event says more than a name keeps it, unless another is named
        changes["event"] = {"name": event} if event else None
    return changes, f"Stage {changes['name']}"


def _at_most(given: Mapping[str, str]) -> dict[str, Any] | None:
    amount = given.get("amount", "").strip()
    if not amount:
        return None
    if not amount.isdecimal() or not 1 <= int(amount[:6]) <= 100_000 or given.get("unit") not in UNITS:
        raise Invalid("At most how long after the stage before? Give a whole number, or nothing.")
    return {"amount": int(amount), "unit": given["unit"]}


def _form(  # noqa: PLR0913, PLR0917  one argument for each part
    request: HttpRequest, access: Access, one: Journey, side: str, stage: Stage, lane: str, *, error: str = ""
) -> HttpResponse:
    context = {
        "one": one, "side": side, "stage": stage, "lane": lane, "lane_name": LANES.get(lane, "Stage"), "feelings": FEELINGS, "error": error,
        "text": "\n".join(getattr(stage, lane)) if lane in LANES else "", "offered": customers.offered(access.workspace_id), "units": tuple(UNITS),
    }  # fmt: skip
    part = "journeys/maps/_form.html" if request.headers.get("HX-Request") == "true" else "journeys/maps/form.html"
    return render(request, part, context, status=200)


def _map(request: HttpRequest, access: Access, one: Journey, side: str) -> HttpResponse:
    if request.headers.get("HX-Request") == "true":
        return render(request, "journeys/maps/_map.html", shown(access, found_journey(access, one.pk), side))
    answer = redirect("journeys:journey", workspace=access.workspace_slug, journey_id=one.pk)
    if side != "current":
        answer["Location"] += f"?side={side}"
    return answer
