"""Pages for who isn't signed in: the way in by link, and what to do without one."""

from __future__ import annotations

from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods

from amity.kernel.errors import AmityError, Forbidden
from amity.rooms.trust.actions.invitations import find_invitation, find_invited, take_invitation
from amity.rooms.trust.actions.links import find_link, use_link
from amity.rooms.trust.api import public
from amity.rooms.trust.console.forms import FirstOwnerForm, JoinForm, PasswordForm, ReturnForm
from amity.rooms.trust.console.guards import last_access
from amity.rooms.trust.models import Person, SignInLink


@public("sends people where they belong")
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """Open the workspace that was open last, at first the example; to the sign-in page without a session."""
    if not isinstance(request.user, Person):
        return redirect("account_login")
    access = last_access(request.user)
    if access is None:
        return render(request, "trust/nowhere.html")
    return HttpResponseRedirect(f"/w/{access.workspace_slug}/")


@public("a one-time link is its own permission")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest, token: str) -> HttpResponse:
    """Take a one-time link: the first owner's or one that an operator made. Opening it uses nothing up, sending does."""
    if not _may_try(request):
        return _too_many(request)
    link = find_link(token)
    if link is None:
        return render(request, "trust/link_over.html", status=404)
    form = _start_form(request, link)
    if request.method == "POST" and form.is_valid():
        try:
            person = use_link(token=token, request=request, **form.cleaned_data)
        except AmityError as error:
            form.add_error(None, error.message)
        else:
            if person is None:
                return render(request, "trust/link_over.html", status=404)
            return _sign_in(request, person, "link")
    return render(request, "trust/start.html", {"form": form, "person": link.person, "back": isinstance(form, ReturnForm)})


@public("an invitation is its own permission")
@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Take an invitation: who signs in here already must be signed in as the invited; others choose a password."""
    if not _may_try(request):
        return _too_many(request)
    invitation = find_invitation(token)
    if invitation is None:
        return render(request, "trust/link_over.html", {"invitation": True}, status=404)
    invited = find_invited(invitation)
    me = request.user if isinstance(request.user, Person) else None
    form = None if invited else JoinForm(request.POST if request.method == "POST" else None, email=invitation.email)
    if request.method == "POST" and (form is None or form.is_valid()):
        data = form.cleaned_data if form else {}
        try:
            person = take_invitation(
                token=token, signed_in=me, name=data.get("name", ""), password=data.get("password", ""), request=request
            )
        except Forbidden:
            return redirect(f"{reverse('account_login')}?next={request.path}")
        except AmityError:
            return render(request, "trust/link_over.html", {"invitation": True}, status=404)
        return redirect("trust:home") if form is None else _sign_in(request, person, "invitation")
    return render(request, "trust/join.html", {"form": form, "invitation": invitation, "invited": invited, "me": me})


@public("says how to get in without a password")
@require_GET
def forgotten(request: HttpRequest) -> HttpResponse:
    """Say how to get in again: no mail is sent from here, so an owner or the operator makes a link."""
    return render(request, "trust/forgotten.html")


@public("says that people are invited")
@require_GET
def by_invitation(request: HttpRequest) -> HttpResponse:
    """Say how to get an account: there is no public sign-up."""
    return render(request, "trust/by_invitation.html")


def _start_form(request: HttpRequest, link: SignInLink) -> PasswordForm:
    given = request.POST if request.method == "POST" else None
    if link.person is None:
        return FirstOwnerForm(given)
    if link.person.has_joined():
        return ReturnForm(given, email=link.person.email)
    return JoinForm(given, initial={"name": link.person.name}, email=link.person.email)


def _sign_in(request: HttpRequest, person: Person, method: str) -> HttpResponse:
    # The link stands in for the password only: who has a second factor still gives it.
    record_authentication(request, person, method=method)
    response: HttpResponse = perform_login(request, Login(user=person, redirect_url=reverse("trust:home")))
    return response


def _too_many(request: HttpRequest) -> HttpResponse:
    return render(request, "429.html", status=429)


def _may_try(request: HttpRequest) -> bool:
    if request.method == "GET":
        return True
    found = ratelimit.consume(request, app="amity.trust", action="link", config={"link": "20/m/ip"})
    return bool(found)
