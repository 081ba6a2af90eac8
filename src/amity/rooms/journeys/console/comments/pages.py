"""Comments on a map: all of them, a new one, and settling one."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.journeys.actions.comments import comment, settle
from amity.rooms.journeys.console.maps.pages import found_journey
from amity.rooms.journeys.models import Journey
from amity.rooms.journeys.queries.maps.kept import comments_of, map_of
from amity.rooms.journeys.rules.maps.language import LANES
from amity.rooms.trust import api as trust
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@require_http_methods(["GET", "HEAD"])
@page("journeys.read")
def comments(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Show what colleagues said of a map."""
    return _page(
        request, access, found_journey(access, journey_id), {name: request.GET.get(name, "") for name in ("stage", "lane")}
    )


@require_POST
@page("journeys.write")
def new(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Say something of a stage or a lane."""
    one = found_journey(access, journey_id)
    given = {name: request.POST.get(name, "").replace("\0", "") for name in ("stage", "lane", "body", "to")}
    try:
        comment(access, journey_id=one.pk, **given, request=request)
    except Invalid as error:
        return _page(request, access, one, given, error=error.message)
    return redirect("journeys:comments", workspace=access.workspace_slug, journey_id=one.pk)


@require_POST
@page("journeys.write")
def settling(request: HttpRequest, *, access: Access, journey_id: int, comment_id: int) -> HttpResponse:
    """Settle a comment, or open it again."""
    one = found_journey(access, journey_id)
    try:
        settle(access, journey_id=one.pk, comment_id=comment_id, settled=request.POST.get("act") != "open", request=request)
    except NotFound as error:
        raise Http404(error.message) from None
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("journeys:comments", workspace=access.workspace_slug, journey_id=one.pk)


def _page(request: HttpRequest, access: Access, one: Journey, given: dict[str, str], *, error: str = "") -> HttpResponse:
    content = map_of(one)
    stages = {each.key: each.name for each in content.stages} if content else {}
    people = trust.list_colleagues(access.workspace_id)
    names = {each.id: each.name for each in people}
    rows: list[dict[str, Any]] = [
        {"one": each, "stage": stages.get(each.stage, "a stage that is gone"), "lane": LANES.get(each.lane, ""),
         "to": names.get(each.to_person, "a colleague who left") if each.to_person else "", "mine": each.to_person == access.actor.id}
        for each in comments_of(one)
    ]  # fmt: skip
    context = {
        "one": one, "given": given, "error": error, "stages": stages, "lanes": LANES, "people": people, "longest": 1_000,
        "open": [row for row in rows if row["one"].settled_at is None], "settled": [row for row in rows if row["one"].settled_at is not None],
        "edits": access.can("journeys.write") and one.archived_at is None and bool(stages),
    }  # fmt: skip
    return render(request, "journeys/comments/page.html", context, status=400 if error else 200)
