"""Where one is signed in, and signing out there."""

from __future__ import annotations

from allauth.account.adapter import get_adapter
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amity.rooms.trust.actions.people import end_sessions
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.console.guards import own_account
from amity.rooms.trust.models import Person
from amity.rooms.trust.queries.access import actor_of


@own_account
@require_http_methods(["GET", "POST"])
def list_sessions(request: HttpRequest) -> HttpResponse:
    """List one's sessions; a POST ends one (`end=<id>`), the others (`others`) or all of them (`all`)."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 - what own_account has seen to
    if request.method == "POST":
        return _end(request, person, request.POST.get("end", ""))
    mine = UserSession.objects.purge_and_list(person)
    found = sorted(mine, key=lambda one: one.created_at, reverse=True)
    here = request.session.session_key
    return render(request, "trust/sessions.html", {"sessions": [(one, one.session_key == here) for one in found]})


def _end(request: HttpRequest, person: Person, which: str) -> HttpResponse:
    record(
        actor_of(person), action="sign_in.sessions_ended", target=f"person:{person.pk}", after={"which": which}, request=request
    )
    if which in {"others", "all"}:
        end_sessions(person)
        if which == "all":
            get_adapter(request).logout(request)
            return redirect("account_login")
        update_session_auth_hash(request, person)
        messages.success(request, "You are signed out everywhere else.")
    elif which.isascii() and which.isdecimal():
        for one in UserSession.objects.filter(user=person, pk=int(which[:18])):
            one.end()
        messages.success(request, "That session has ended.")
    return redirect("usersessions_list")
