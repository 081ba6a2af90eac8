"""Pages of journeys: the list, the map with its live numbers, its history."""

from __future__ import annotations

from collections import Counter
from typing import Any

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.engines.past.behaviour.language import UNITS
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.rooms.journeys.actions.maps import archive_journey, bring_back, create_journey, draw_journey, name_journey, set_target
from amity.rooms.journeys.actions.sharing import LASTS
from amity.rooms.journeys.console.maps.shown import drawn, measured_now
from amity.rooms.journeys.console.moments.shown import marked
from amity.rooms.journeys.console.periods import PERIODS
from amity.rooms.journeys.models import Journey
from amity.rooms.journeys.queries.freshness.kept import last_reviews
from amity.rooms.journeys.queries.maps.kept import (
    CURRENT,
    TARGET,
    accessible_journey,
    comments_of,
    list_journeys,
    map_of,
    open_comments,
    versions_of,
)
from amity.rooms.journeys.queries.moments.kept import latest_foretelling
from amity.rooms.journeys.rules.funnels.lines import window_of, window_text
from amity.rooms.journeys.rules.maps.beginnings import beginning, beginnings
from amity.rooms.journeys.rules.maps.language import JourneyMap, timed
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@require_safe
@page("journeys.read")
def home(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List the journeys by the part of a customer's life that they belong to."""
    text = request.GET.get("q", "")[:200].strip()
    archived = request.GET.get("archived") == "1"
    rows = list_journeys(workspace_id=access.workspace_id, archived=archived, text=text)
    reviews, said, now = last_reviews(rows), open_comments(rows), now_ms()
    shown = [
        {"one": one, "stages": [stage.name for stage in (map_of(one) or JourneyMap()).stages],
         "open": len(said.get(one.pk, ())), "mine": said.get(one.pk, []).count(access.actor.id),
         "due": one.pk in reviews and (reviews[one.pk].due_at or now + 1) <= now}
        for one in rows
    ]  # fmt: skip
    return render(request, "journeys/maps/list.html", {"rows": shown, "text": text, "archived": archived, "tab": "maps"})


@require_http_methods(["GET", "HEAD", "POST"])
@page("journeys.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Make a journey, from a map to begin with or an empty one."""
    kinds = beginnings()
    given = {name: request.POST.get(name, "") for name in ("name", "about", "lifecycle", "owner", "kind")}
    error = ""
    if request.method == "POST":
        try:
            made = create_journey(
                access, name=given["name"] or kinds.get(given["kind"], ("",))[0], about=given["about"], lifecycle=given["lifecycle"],
                owner=given["owner"], content=beginning(given["kind"]), request=request,
            )  # fmt: skip
        except Invalid as problem:
            error = problem.message
        else:
            return redirect("journeys:journey", workspace=access.workspace_slug, journey_id=made.pk)
    context = {"kinds": [(kind, *said) for kind, said in kinds.items()], "given": given, "error": error}
    return render(request, "journeys/maps/new.html", context, status=400 if error else 200)


@require_safe
@page("journeys.read")
def journey(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Show a journey's map, or its target, with what it comes to now."""
    one = found_journey(access, journey_id)
    side = side_of(request)
    return render(request, "journeys/maps/map.html", shown(access, one, side))


@require_safe
@page("journeys.read")
def history(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Show every version that a journey's maps had."""
    one = found_journey(access, journey_id)
    return render(request, "journeys/maps/history.html", {"one": one, "versions": versions_of(one)})


@require_POST
@page("journeys.write")
def restore(request: HttpRequest, *, access: Access, journey_id: int, number: int) -> HttpResponse:
    """Let a map be as it was."""
    return _done(
        request, access, journey_id, f"Version {number} is back.",
        lambda pk: bring_back(access, journey_id=pk, number=number, request=request),
    )  # fmt: skip


@require_POST
@page("journeys.write")
def target(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Begin a target."""
    return _done(
        request, access, journey_id, "The target is a copy of the map: change what should become better.",
        lambda pk: set_target(access, journey_id=pk, request=request), side=TARGET,
    )  # fmt: skip


@require_POST
@page("journeys.write")
def naming(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Change what a journey is called, whose it is and where it belongs."""
    given = {name: request.POST.get(name, "") for name in ("name", "about", "lifecycle", "owner")}
    return _done(request, access, journey_id, "Saved.", lambda pk: name_journey(access, journey_id=pk, request=request, **given))


@require_POST
@page("journeys.write")
def timing(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Change how long a map gives its customers, and when those that are counted began."""
    given, side = request.POST, side_of(request)

    def draw(made: JourneyMap) -> JourneyMap:
        return timed(
            made,
            amount=given.get("amount", "").strip(),
            unit=given.get("unit", ""),
            period=_period(made, given.get("period", "")),
        )

    return _done(
        request, access, journey_id, "Saved.",
        lambda pk: draw_journey(access, journey_id=pk, side=side, what="Time and period", draw=draw, request=request), side=side,
    )  # fmt: skip


@require_POST
@page("journeys.write")
def archive(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Put a journey away."""
    archive_journey(access, journey_id=found_journey(access, journey_id).pk, request=request)
    messages.success(request, "Archived. You find it among the archived journeys.")
    return redirect("journeys:home", workspace=access.workspace_slug)


def shown(access: Access, one: Journey, side: str) -> dict[str, Any]:
    """Return what the map's page shows."""
    content = map_of(one, side) or map_of(one)
    if content is None:
        raise Http404("There is no such map.")
    side = side if map_of(one, side) is not None else CURRENT
    edits = access.can("journeys.write") and one.archived_at is None
    context: dict[str, Any] = {"one": one, "side": side, "edits": edits, "content": content, "has_target": one.target is not None}
    context |= drawn(content) | measured_now(access, content, as_of=now_ms())
    told = latest_foretelling(one)
    marks = marked(told.result) if told else {}
    said = Counter((each.stage, each.lane) for each in comments_of(one) if each.settled_at is None)
    for row in context["lanes"]:
        for cell in row["cells"]:
            cell["said"] = said[cell["stage"].key, row["lane"]]
    for column in context["columns"]:
        column["said"] = said[column["stage"].key, ""]
        column["moment"] = marks.get(column["stage"].key, "")
    return context | {
        "units": tuple(UNITS),
        "periods": PERIODS,
        "lasts": LASTS,
        "period": window_text(msgspec.to_builtins(content.period)),
    }


def _period(made: JourneyMap, given: str) -> dict[str, Any] | None:
    if given not in PERIODS:  # one that the form can't say is kept
        kept: dict[str, Any] | None = msgspec.to_builtins(made.period)
        return kept
    return window_of(given)


def side_of(request: HttpRequest) -> str:
    """Return which of a journey's maps is meant."""
    given = request.GET.get("side") or request.POST.get("side")
    return TARGET if given == TARGET else CURRENT


def found_journey(access: Access, journey_id: int) -> Journey:
    """Return a journey of the workspace. Raises Http404."""
    try:
        return accessible_journey(workspace_id=access.workspace_id, journey_id=journey_id)
    except AmityError as error:
        raise Http404(error.message) from None


def _done(  # noqa: PLR0913  one argument for each part
    request: HttpRequest, access: Access, journey_id: int, said: str, act: Any, *, side: str = CURRENT
) -> HttpResponse:
    one = found_journey(access, journey_id)
    try:
        act(one.pk)
        messages.success(request, said)
    except (Invalid, NotFound) as error:
        messages.error(request, error.message)
    answer = redirect("journeys:journey", workspace=access.workspace_slug, journey_id=one.pk)
    if side == TARGET:
        answer["Location"] += "?side=target"
    return answer
