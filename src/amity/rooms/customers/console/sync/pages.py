"""Pages of destinations: the list, a new one, one with what is sent there and its messages, and what people do with them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers.actions.sync import destinations as acts
from amity.rooms.customers.actions.sync.connectors.known import CONNECTORS
from amity.rooms.customers.models import Destination
from amity.rooms.customers.queries.permission import purpose_names
from amity.rooms.customers.queries.sync.lists import (
    accessible_destination,
    deliveries_of,
    list_destinations,
    members_at,
    standings,
    subscriptions_of,
)
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

STATES = {
    "open": ("good", "Open"), "failing": ("warn", "Failing"), "paused": ("quiet", "Paused"), "closed": ("bad", "Closed"),
    "archived": ("quiet", "Archived"),
}  # fmt: skip


@require_safe
@page("customers.read")
def destinations(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List destinations with how they stand."""
    found = list_destinations(workspace_id=access.workspace_id)
    stand = standings([one.pk for one in found])
    rows = [
        {"one": one, "kind": CONNECTORS[one.kind], "to": _to(one), "mark": STATES[one.state], "stands": stand[one.pk]}
        for one in found
    ]
    return render(request, "customers/sync/list.html", {"rows": rows, "kinds": CONNECTORS.values()})


@require_http_methods(["GET", "HEAD", "POST"])
@page("destinations.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Choose a kind, then say where it leads."""
    kind = request.POST.get("kind") or request.GET.get("kind", "")
    if kind not in CONNECTORS:
        return render(request, "customers/sync/kinds.html", {"kinds": CONNECTORS.values()})
    if request.method == "POST":
        try:
            made = acts.create_destination(
                access, kind=kind, name=request.POST.get("name", ""), given=_given(request, kind), request=request
            )
        except Invalid as error:
            return _form(request, kind, None, error.message)
        return _to_page(access, made.pk)
    return _form(request, kind, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("destinations.write")
def change(request: HttpRequest, *, access: Access, destination_id: int) -> HttpResponse:
    """Change where a destination leads."""
    one = found_destination(access, destination_id)
    if request.method == "POST":
        try:
            acts.change_destination(
                access, destination_id=one.pk, name=request.POST.get("name", ""), given=_given(request, one.kind), request=request
            )
        except Invalid as error:
            return _form(request, one.kind, one, error.message)
        messages.success(request, "Saved.")
        return _to_page(access, one.pk)
    return _form(request, one.kind, one)


@require_safe
@page("customers.read")
def destination(request: HttpRequest, *, access: Access, destination_id: int) -> HttpResponse:
    """Show a destination: its state, which audiences are sent there, and its messages."""
    return shown(request, found_destination(access, destination_id))


def shown(request: HttpRequest, one: Destination, *, secret: str = "") -> HttpResponse:
    """Show a destination's page, with its signing secret where that was asked for."""
    state = request.GET.get("messages", "")
    state = state if state in {"waiting", "dead", "done"} else ""
    subs = subscriptions_of(one)
    members, purposes = members_at([sub.pk for sub in subs]), purpose_names(one.workspace_id)
    context: dict[str, Any] = {
        "one": one, "kind": CONNECTORS[one.kind], "to": _to(one), "mark": STATES[one.state], "stands": standings([one.pk])[one.pk],
        "subs": [
            {"one": sub, "members": members.get(sub.pk, 0), "purpose": purposes.get(sub.purpose, sub.purpose)}
            for sub in subs
        ], "secret": secret,
        "deliveries": deliveries_of(one, state=state), "chosen": state,
    }  # fmt: skip
    response = render(request, "customers/sync/one.html", context)
    response["Cache-Control"] = "no-store"
    return response


@require_POST
@page("audiences.send")
def try_out(request: HttpRequest, *, access: Access, destination_id: int) -> HttpResponse:
    """Send a message that only says that messages arrive, and say what became of it."""
    one = found_destination(access, destination_id)
    try:
        receipt = acts.try_destination(access, destination_id=one.pk, request=request)
    except AmityError as error:
        messages.error(request, error.message)
        return _to_page(access, one.pk)
    if receipt.outcome == "taken":
        messages.success(request, f"It arrived{f' and was answered {receipt.status}' if receipt.status else ''}.")
    else:
        messages.error(request, f"It did not arrive. {receipt.said}")
    return _to_page(access, one.pk)


@require_POST
@page("audiences.send")
def pause(request: HttpRequest, *, access: Access, destination_id: int) -> HttpResponse:
    """Pause a destination."""
    return _do(request, access, destination_id, acts.pause_destination, "Paused. What changes waits.")


@require_POST
@page("audiences.send")
def resume(request: HttpRequest, *, access: Access, destination_id: int) -> HttpResponse:
    """Resume a destination."""
    return _do(request, access, destination_id, acts.resume_destination, "It goes on.")


@require_POST
@page("audiences.send")
def replay(request: HttpRequest, *, access: Access, destination_id: int) -> HttpResponse:
    """Send messages that were given up again."""
    return _do(request, access, destination_id, acts.replay_dead, "They are sent again.")


@require_POST
@page("destinations.write")
def archive(request: HttpRequest, *, access: Access, destination_id: int) -> HttpResponse:
    """Put a destination away."""
    one = found_destination(access, destination_id)
    acts.archive_destination(access, destination_id=one.pk, request=request)
    messages.success(request, f"{one.name} is archived. Nothing is sent there any more.")
    return redirect("customers:destinations", workspace=access.workspace_slug)


@require_POST
@page("destinations.write")
def secret(request: HttpRequest, *, access: Access, destination_id: int) -> HttpResponse:
    """Show the signing secret, or make a new one."""
    one = found_destination(access, destination_id)
    verb = acts.rotate_secret if request.POST.get("act") == "new" else acts.signing_secret
    try:
        return shown(request, one, secret=verb(access, destination_id=one.pk, request=request))
    except Invalid as error:
        messages.error(request, error.message)
        return _to_page(access, one.pk)


def found_destination(access: Access, destination_id: int) -> Destination:
    """Return a destination of the workspace that is in use. Raises Http404."""
    try:
        one = accessible_destination(workspace_id=access.workspace_id, destination_id=destination_id)
    except AmityError as error:
        raise Http404(error.message) from None
    if one.archived_at is not None:
        raise Http404("It is archived.")
    return one


def _do(request: HttpRequest, access: Access, destination_id: int, act: Callable[..., Any], said: str) -> HttpResponse:
    one = found_destination(access, destination_id)
    act(access, destination_id=one.pk, request=request)
    messages.success(request, said)
    return _to_page(access, one.pk)


def _to_page(access: Access, destination_id: int) -> HttpResponse:
    return redirect("customers:destination", workspace=access.workspace_slug, destination_id=destination_id)


def _given(request: HttpRequest, kind: str) -> dict[str, str]:
    return {one.name: request.POST.get(one.name, "") for one in CONNECTORS[kind].settings}


def _form(request: HttpRequest, kind: str, one: Destination | None, error: str = "") -> HttpResponse:
    connector, config = CONNECTORS[kind], one.config if one else {}
    fields = [
        {"of": setting, "value": "" if setting.secret else request.POST.get(setting.name, config.get(setting.name, ""))}
        for setting in connector.settings
    ]
    name = request.POST.get("name", one.name if one else "")
    context = {"one": one, "kind": connector, "fields": fields, "name": name, "error": error}
    return render(request, "customers/sync/form.html", context, status=400 if error else 200)


def _to(one: Destination) -> str:
    return CONNECTORS[one.kind].words(one.config)
