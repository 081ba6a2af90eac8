"""Your account: name, and the ways to password, second step, passkeys and sessions."""

from __future__ import annotations

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amity.rooms.trust.actions.people import rename_person
from amity.rooms.trust.console.forms import NameForm
from amity.rooms.trust.console.guards import own_account
from amity.rooms.trust.models import Person


@own_account
@require_http_methods(["GET", "POST"])
def account(request: HttpRequest) -> HttpResponse:
    """Show one's account and change one's name."""
    person = request.user
    assert isinstance(person, Person)  # noqa: S101 - what own_account has seen to
    form = NameForm(request.POST if request.method == "POST" else None, initial={"name": person.name})
    if request.method == "POST" and form.is_valid():
        rename_person(person=person, name=form.cleaned_data["name"], request=request)
        messages.success(request, "Your name is saved.")
        return redirect("trust:account")
    kinds = list(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    return render(
        request,
        "trust/account.html",
        {
            "form": form,
            "has_app": Authenticator.Type.TOTP in kinds,
            "passkeys": kinds.count(Authenticator.Type.WEBAUTHN),
            "has_codes": Authenticator.Type.RECOVERY_CODES in kinds,
            "session_count": len(UserSession.objects.purge_and_list(person)),
        },
        status=200 if request.method == "GET" else 422,
    )
