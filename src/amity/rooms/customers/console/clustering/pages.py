"""Segments by behaviour: asking for them, how far it is, what was found, and keeping a segment as a list."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers.actions.clustering.ask import MOST, ask_clustering, keep_segment, stop_clustering
from amity.rooms.customers.actions.clustering.learning import RESAMPLES, STABLE
from amity.rooms.customers.console.known import tint_of
from amity.rooms.customers.models import ClusterRun
from amity.rooms.customers.models.matching import RUNNING, WAITING
from amity.rooms.customers.queries.audiences.lists import lines_by_id
from amity.rooms.customers.queries.clustering.runs import (
    earlier_runs,
    lacking,
    latest_run,
    lists_of,
    shared_with,
    shown_run,
    sizes_of,
    typical_of,
)
from amity.rooms.customers.rules.clustering.model import GROUPS, LEAST_INTERACTIONS, USUAL
from amity.rooms.customers.rules.personas.measures import share
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

TYPICAL = 4


@require_safe
@page("customers.read")
def segments(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show the newest segments, how their number was chosen, and what sets each apart."""
    shown = shown_run(workspace_id=access.workspace_id)
    context: dict[str, Any] = {
        **_state(access), "shown": shown, "groups": [(name, words, name in _groups(shown)) for name, words in GROUPS.items()],
        "numbers": range(2, MOST + 1), "chosen_number": shown.wanted["number"] if shown else 0,
        "least": shown.wanted["least"] if shown else LEAST_INTERACTIONS, "stable_from": STABLE, "resamples": RESAMPLES,
        "may": access.can("audiences.write"),
    }  # fmt: skip
    if shown is not None:
        context |= _found(access, shown)
    return render(request, "customers/clustering/segments.html", context)


@require_safe
@page("customers.read")
def progress(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Answer how far the run is; once it has ended, let the page load anew."""
    state = _state(access)
    response = render(request, "customers/clustering/_run.html", state)
    if not state["running"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@page("audiences.write")
def ask(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Have customers sorted."""
    try:
        number, least = (_whole(request.POST.get(name, "")) for name in ("number", "least"))
        ask_clustering(
            access, groups=request.POST.getlist("groups"), number=number, least=least or LEAST_INTERACTIONS, request=request
        )
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("customers:segments", workspace=access.workspace_slug)


@require_POST
@page("audiences.write")
def stop(request: HttpRequest, *, access: Access) -> HttpResponse:
    """End the run that is under way."""
    run = latest_run(workspace_id=access.workspace_id)
    try:
        if run is not None:
            stop_clustering(access, run_id=run.pk, request=request)
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("customers:segments", workspace=access.workspace_slug)


@require_POST
@page("audiences.write")
def keep(request: HttpRequest, *, access: Access, run_id: int, segment: int) -> HttpResponse:
    """Keep a segment as a list; with `describe`, go on to describe it as a persona."""
    try:
        made = keep_segment(access, run_id=run_id, segment=segment, name=request.POST.get("name", ""), request=request)
    except AmityError as error:
        messages.error(request, error.message)
        return redirect("customers:segments", workspace=access.workspace_slug)
    if request.POST.get("act") == "describe":
        return redirect(f"{reverse('customers:new_persona', args=[access.workspace_slug])}?audience={made.pk}")
    messages.success(request, f"Kept as the list “{made.name}”.")
    return redirect("customers:audience", workspace=access.workspace_slug, audience_id=made.pk)


def _whole(text: str) -> int:
    if text and not (text.isdecimal() and len(text) < 6):
        raise Invalid("Write whole numbers.")
    return int(text or 0)


def _groups(shown: ClusterRun | None) -> list[str]:
    return list(shown.wanted["groups"]) if shown else list(USUAL)


def _state(access: Access) -> dict[str, Any]:
    run = latest_run(workspace_id=access.workspace_id)
    return {
        "run": run,
        "running": run is not None and run.state in {WAITING, RUNNING},
        "percent": round(run.share * 100) if run else 0,
        "lacking": lacking(),
    }


def _found(access: Access, shown: ClusterRun) -> dict[str, Any]:
    sizes, lists = sizes_of(shown.pk), lists_of(shown)
    every = sum(sizes.values())
    typical = {segment: typical_of(shown.pk, segment, limit=TYPICAL) for segment in sizes}
    lines = lines_by_id(access.workspace_id, [who for some in typical.values() for who in some])
    before = next(iter(earlier_runs(shown)), None)
    came: dict[int, tuple[int, int]] = {}
    for segment, theirs, number in shared_with(shown, before) if before else ():
        if number > came.get(segment, (0, 0))[1]:
            came[segment] = (theirs, number)
    found = []
    for segment, one in enumerate(shown.model["segments"]):
        size = sizes.get(segment, 0)
        part = share(size, every)
        earlier = came.get(segment)
        found.append({
            "segment": segment, "name": one["name"], "size": size, "share": f"{100 * part.value:.0f}%",
            "interval": f"{100 * part.low:.0f}% to {100 * part.high:.0f}%", "told": [_told(each) for each in one["told"]],
            "list": lists.get(segment), "tint": 3 + segment % 6,
            "typical": [{"line": lines[who], "tint": tint_of(who)} for who in typical.get(segment, ()) if who in lines],
            "before": (before.model["segments"][earlier[0]]["name"], f"{100 * earlier[1] / size:.0f}%") if before and earlier and size else None,
        })  # fmt: skip
    tried = [
        {
            **one, "silhouette": f"{one['silhouette']:.2f}", "stability": f"{one['stability']:.2f}",
            "range": f"{one['low']:.2f} to {one['high']:.2f}", "chosen": one["number"] == shown.model["chosen"],
            "smallest": f"{100 * one['smallest']:.0f}%", "steady": one["stability"] >= STABLE,
        }
        for one in shown.model["tried"]
    ]  # fmt: skip
    return {"found": found, "tried": tried, "every": every, "before": before}


def _told(one: dict[str, Any]) -> dict[str, Any]:
    """Return a difference in words, with places for its drawing: standard deviations from −2 to 2 as 0 to 100."""

    def place(d: float) -> float:
        return round(min(max(d, -2.0), 2.0) * 25 + 50, 1)

    at, low, high = place(one["d"]), place(one["low"]), place(one["high"])
    said = f"{one['d']:+.1f} ({one['low']:+.1f} to {one['high']:+.1f})".replace("-", "−")
    return {
        "label": one["label"], "said": said, "more": one["d"] > 0, "x": min(at, 50.0), "wide": round(abs(at - 50.0), 1), "low": low,
        "band": round(high - low, 1),
    }  # fmt: skip
