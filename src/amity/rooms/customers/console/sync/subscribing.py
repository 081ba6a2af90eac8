"""Pages on which an audience is sent somewhere: what for, and what is told of its customers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel.errors import AmityError
from amity.rooms.customers.actions.sync import subscriptions as acts
from amity.rooms.customers.console.sync.pages import found_destination
from amity.rooms.customers.queries.audiences.lists import list_audiences
from amity.rooms.customers.queries.audiences.offered import offered
from amity.rooms.customers.queries.permission import chosen
from amity.rooms.customers.queries.sync.lists import accessible_subscription
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

VERBS: dict[str, tuple[Callable[..., Any], str]] = {
    "pause": (acts.pause_subscription, "Paused. What changes waits."),
    "resume": (acts.resume_subscription, "It goes on."),
    "send": (acts.send_all, "Everybody is told of anew."),
    "end": (acts.end_subscription, "It ends: everybody of the audience is taken off there."),
}


@require_http_methods(["GET", "HEAD", "POST"])
@page("audiences.send")
def subscribe(request: HttpRequest, *, access: Access, destination_id: int) -> HttpResponse:
    """Choose an audience, what it is sent for, and what is told."""
    one = found_destination(access, destination_id)
    known = offered(access.workspace_id)
    given = {"audience": request.GET.get("audience", ""), "purpose": "", "identifiers": ["email"], "traits": ""}
    error = ""
    if request.method == "POST":
        given = {
            "audience": request.POST.get("audience", ""), "purpose": request.POST.get("purpose", ""),
            "identifiers": request.POST.getlist("identifiers"), "traits": request.POST.get("traits", ""),
        }  # fmt: skip
        try:
            acts.subscribe(
                access, destination_id=one.pk, audience_id=_number(given["audience"]), purpose=str(given["purpose"]),
                identifiers=given["identifiers"], traits=str(given["traits"]).split(","), request=request,
            )  # fmt: skip
        except AmityError as failed:
            error = failed.message
        else:
            messages.success(request, "It is being sent: everybody first, then whoever changes.")
            return redirect("customers:destination", workspace=access.workspace_slug, destination_id=one.pk)
    context = {
        "one": one, "given": given, "error": error, "audiences": list_audiences(workspace_id=access.workspace_id),
        "purposes": chosen(access.workspace_id).purposes.values(), "kinds": sorted({*known["identifiers"], "email", "user_id"}),
        "traits": known["traits"],
    }  # fmt: skip
    return render(request, "customers/sync/subscribe.html", context, status=400 if error else 200)


@require_POST
@page("audiences.send")
def act(request: HttpRequest, *, access: Access, subscription_id: int) -> HttpResponse:
    """Pause, resume, send anew or end a subscription."""
    try:
        one = accessible_subscription(workspace_id=access.workspace_id, subscription_id=subscription_id)
    except AmityError as error:
        raise Http404(error.message) from None
    verb, said = VERBS.get(request.POST.get("act", ""), (None, ""))
    try:
        if verb is not None:
            verb(access, subscription_id=one.pk, request=request)
            messages.success(request, said)
    except AmityError as error:
        messages.error(request, error.message)
    return redirect("customers:destination", workspace=access.workspace_slug, destination_id=one.destination_id)


def _number(text: object) -> int:
    digits = str(text)
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 19 else 0
