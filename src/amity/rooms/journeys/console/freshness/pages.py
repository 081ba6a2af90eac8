"""Freshness of a map: what the data do since it was looked through, and saying that it was."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.journeys.actions.reviews import NEXT, review_journey
from amity.rooms.journeys.console.maps.pages import found_journey
from amity.rooms.journeys.contracts import Share
from amity.rooms.journeys.queries.freshness.drift import drift_of
from amity.rooms.journeys.queries.freshness.kept import reviews_of
from amity.rooms.journeys.queries.maps.kept import map_of
from amity.rooms.journeys.rules.freshness.changes import Apart
from amity.rooms.journeys.rules.funnels.naming import length
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@require_safe
@page("journeys.read")
def freshness(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Show whether the map still says what customers do."""
    one = found_journey(access, journey_id)
    content = map_of(one)
    if content is None:
        raise Http404("There is no such map.")
    reviews = reviews_of(one)
    # Nobody looked it through yet: it was true, at best, as it was drawn.
    since = reviews[0].made_at if reviews else one.created_at
    number = reviews[0].number if reviews else 1
    context: dict[str, Any] = {
        "one": one, "reviews": reviews, "since": since, "changes": one.number - number, "next": NEXT, "within": length(content.within),
        "edits": access.can("journeys.write") and one.archived_at is None, "due": due(reviews[0].due_at if reviews else None),
    }  # fmt: skip
    try:
        found = drift_of(
            content, reviewed_at=since, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone, as_of=now_ms()
        )
    except AmityError as error:
        return render(request, "journeys/freshness/page.html", context | {"failed": error.message}, status=503)
    if found is not None:
        days = (found.last_now - found.first_now, found.first_now - found.first_then)
        context |= {
            "found": found, "stages": [_stage(each, n, days) for n, each in enumerate(found.stages)],
            "unknown": [{"one": each, "now": _share(each.now), "then": _share(each.then), "change": _points(each.change)} for each in found.unknown],
        }  # fmt: skip
    return render(request, "journeys/freshness/page.html", context)


@require_POST
@page("journeys.write")
def reviewed(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Say that the map was looked through."""
    one, given = found_journey(access, journey_id), request.POST
    days = given.get("days", "")
    try:
        review_journey(
            access,
            journey_id=one.pk,
            days=int(days) if days.isdecimal() and len(days) < 5 else -1,
            note=given.get("note", ""),
            request=request,
        )
        messages.success(request, "Noted. What changes from now on is compared with the time before.")
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("journeys:freshness", workspace=access.workspace_slug, journey_id=one.pk)


def due(at: int | None) -> str:
    """Return whether a look is due: `due`, `later`, or nothing where none was asked for."""
    return "" if at is None else "due" if at <= now_ms() else "later"


def _stage(one: Any, n: int, spans: tuple[int, int]) -> dict[str, Any]:
    if n:
        return {"one": one, "now": _share(one.now), "then": _share(one.then), "change": _points(one.change)}
    per = [
        f"{number / max(span / 86_400_000, 1e-9):,.1f} a day" for number, span in zip((one.now.n, one.then.n), spans, strict=True)
    ]
    return {"one": one, "now": per[0], "then": per[1], "change": _times(one.change), "first": True}


def _share(one: Share) -> str:
    return f"{one.number:,} of {one.n:,}" if one.few else f"{one.value:.1%}"


def _points(one: Apart) -> dict[str, str]:
    return {name: f"{getattr(one, name) * 100:+.1f}".replace("-", "−") for name in ("value", "low", "high")}


def _times(one: Apart) -> dict[str, str]:
    return {name: f"× {getattr(one, name):.2f}" for name in ("value", "low", "high")}
