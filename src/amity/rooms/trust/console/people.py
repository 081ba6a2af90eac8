"""People: who works here, with which role, and who is invited."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_POST

from amity.kernel.errors import AmityError
from amity.rooms.trust.actions.invitations import invitation_link, invite, revoke_invitation
from amity.rooms.trust.actions.people import change_role, remove_member
from amity.rooms.trust.api import page
from amity.rooms.trust.console.forms import InviteForm, role_choices
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.queries.people import list_invitations, list_members
from amity.rooms.trust.rules.roles import ROLE_HINTS, ROLE_NAMES, keeps_an_owner, may_grant


@page("people.read")
@require_GET
def people(request: HttpRequest, access: Access) -> HttpResponse:
    """List members and open invitations; search by name or e-mail with `?q=`."""
    return _show(request, access)


@page("people.write")
@require_POST
def send_invitation(request: HttpRequest, access: Access) -> HttpResponse:
    """Invite an e-mail address; the page then shows the link to copy."""
    form = InviteForm(request.POST, role=access.role)
    if not form.is_valid():
        return _show(request, access, form=form, status=422)
    try:
        made = invite(access=access, email=form.cleaned_data["email"], role=form.cleaned_data["role"], request=request)
    except AmityError as error:
        form.add_error(None, error.message)
        return _show(request, access, form=form, status=422)
    messages.success(request, f"The invitation for {made.email} is ready: copy its link and send it to them.")
    return redirect("trust:people", workspace=access.workspace_slug)


@page("people.write")
@require_POST
def end_invitation(request: HttpRequest, access: Access, invitation_id: int) -> HttpResponse:
    """Revoke an open invitation."""
    return _try(
        request, access, "The invitation is revoked.",
        lambda: revoke_invitation(access=access, invitation_id=invitation_id, request=request),
    )  # fmt: skip


@page("people.write")
@require_POST
def set_role(request: HttpRequest, access: Access, person_id: UUID) -> HttpResponse:
    """Give a member another role."""
    role = request.POST.get("role", "")
    return _try(
        request, access, "The role is changed. It counts from now on.",
        lambda: change_role(access=access, person_id=person_id, role=role, request=request),
    )  # fmt: skip


@page("people.write")
@require_POST
def remove(request: HttpRequest, access: Access, person_id: UUID) -> HttpResponse:
    """Remove a member."""
    return _try(
        request, access, "They have no access any more.",
        lambda: remove_member(access=access, person_id=person_id, request=request),
    )  # fmt: skip


def _try(request: HttpRequest, access: Access, said: str, act: Any) -> HttpResponse:
    try:
        act()
    except AmityError as error:
        status = {"forbidden": 403, "not_found": 404}.get(error.code, 422)
        return _show(request, access, problem=error.message, status=status)
    messages.success(request, said)
    return redirect("trust:people", workspace=access.workspace_slug)


def _show(
    request: HttpRequest, access: Access, *, form: InviteForm | None = None, problem: str = "", status: int = 200
) -> HttpResponse:
    may_write = access.can("people.write")
    everyone = list(list_members(access.workspace_id))
    owners = sum(m.role == "owner" and m.person.is_active for m in everyone)
    sought = request.GET.get("q", "").strip().lower()
    members = [
        {
            "row": m,
            "role_name": ROLE_NAMES.get(m.role, m.role),
            "role_hint": ROLE_HINTS.get(m.role, ""),
            "may_change": may_write and may_grant(access.role, m.role) and keeps_an_owner(owners, was=m.role, becomes=None),
            "is_me": str(m.person_id) == access.actor.id,
        }
        for m in everyone
        if sought in m.person.name.lower() or sought in m.person.email.lower()
    ]
    invitations = [
        {"row": i, "role_name": ROLE_NAMES[i.role], "link": invitation_link(i) if may_grant(access.role, i.role) else ""}
        for i in (list_invitations(access.workspace_id) if may_write else [])
    ]
    shown = {
        "members": members,
        "count": len(everyone),
        "q": request.GET.get("q", ""),
        "invitations": invitations,
        "roles": [(role, ROLE_NAMES[role]) for role, _ in role_choices(access.role)],
        "form": form or InviteForm(role=access.role),
        "may_write": may_write,
        "problem": problem,
    }
    return render(request, "trust/people.html", shown, status=status)
