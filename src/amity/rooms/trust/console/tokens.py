"""API tokens: made here, shown once, revoked here."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel.errors import AmityError
from amity.rooms.trust.actions.tokens import create_token, revoke_token
from amity.rooms.trust.api import page
from amity.rooms.trust.console.forms import TokenForm
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.queries.people import list_tokens
from amity.rooms.trust.rules.roles import ROLE_NAMES, may_grant


@page("tokens.write")
@never_cache
@require_http_methods(["GET", "POST"])
def tokens(request: HttpRequest, access: Access) -> HttpResponse:
    """List tokens and create one; the answer to creating it is the only page that ever shows it."""
    form = TokenForm(request.POST if request.method == "POST" else None, role=access.role)
    if request.method == "GET" or not form.is_valid():
        return _show(request, access, form, status=200 if request.method == "GET" else 422)
    try:
        _, secret = create_token(access=access, request=request, **form.cleaned_data)
    except AmityError as error:
        form.add_error(None, error.message)
        return _show(request, access, form, status=422)
    return _show(request, access, TokenForm(role=access.role), secret=secret, status=201)


@page("tokens.write")
@require_POST
def revoke(request: HttpRequest, access: Access, token_id: int) -> HttpResponse:
    """Revoke a token."""
    try:
        revoke_token(who=access, workspace_id=access.workspace_id, token_id=token_id, request=request)
    except AmityError as error:
        form = TokenForm(role=access.role)
        return _show(request, access, form, problem=error.message, status=404 if error.code == "not_found" else 403)
    messages.success(request, "The token is revoked: its next request is refused.")
    return redirect("trust:tokens", workspace=access.workspace_slug)


def _show(  # noqa: PLR0913 - each names one part of the page
    request: HttpRequest, access: Access, form: TokenForm, *, secret: str = "", problem: str = "", status: int = 200
) -> HttpResponse:
    rows = [
        {"row": t, "role_name": ROLE_NAMES[t.role], "may_revoke": may_grant(access.role, t.role)}
        for t in list_tokens(access.workspace_id)
    ]
    shown = {"tokens": rows, "form": form, "secret": secret, "problem": problem}
    return render(request, "trust/tokens.html", shown, status=status)
