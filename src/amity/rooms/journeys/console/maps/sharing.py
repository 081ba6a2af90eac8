"""A journey's map by a link: made and ended by who may draw it, looked at by whoever was given it."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid
from amity.kernel.settings import settings
from amity.rooms.journeys.actions.sharing import share_journey, unshare_journey
from amity.rooms.journeys.console.maps.pages import found_journey
from amity.rooms.journeys.console.maps.shown import drawn
from amity.rooms.journeys.queries.maps.kept import map_of, shared_journey
from amity.rooms.trust.api import page, public
from amity.rooms.trust.contracts import Access


@require_POST
@page("journeys.write")
def share(request: HttpRequest, *, access: Access, journey_id: int) -> HttpResponse:
    """Make a link that shows the map without signing in, or end it."""
    one = found_journey(access, journey_id)
    back = redirect("journeys:journey", workspace=access.workspace_slug, journey_id=one.pk)
    if request.POST.get("act") == "end":
        unshare_journey(access, journey_id=one.pk, request=request)
        messages.success(request, "The link has ended.")
        return back
    days = request.POST.get("days", "")
    try:
        secret = share_journey(
            access, journey_id=one.pk, days=int(days) if days.isdecimal() and len(days) < 5 else 0, request=request
        )
    except Invalid as error:
        messages.error(request, error.message)
        return back
    one.refresh_from_db()
    url = settings().public_console + reverse("journeys:shared_map", args=[secret])
    return render(request, "journeys/maps/shared_link.html", {"one": one, "url": url})


@require_safe
@public("a map's link shows what was drawn, and nothing of customers or colleagues, to whoever was given it")
def shared(request: HttpRequest, secret: str) -> HttpResponse:
    """Show a journey's map to whoever has its link: what was drawn, without numbers, events and owners."""
    try:
        one = shared_journey(secret, at=now_ms())
    except AmityError as error:
        raise Http404(error.message) from None
    content = map_of(one)
    if content is None:
        raise Http404("There is no such map.")
    context = {"one": one, "side": "current", "edits": False, "content": content, "shared": True, **drawn(content)}
    answer = render(request, "journeys/maps/shared.html", context)
    answer["Referrer-Policy"] = "no-referrer"  # the address is the secret
    answer["X-Robots-Tag"] = "noindex"
    answer["Cache-Control"] = "no-store"
    return answer
