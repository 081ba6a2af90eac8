"""The door of trust: who may do what where, permission on pages and endpoints, and the audit log."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from inspect import iscoroutinefunction
from math import ceil
from time import monotonic
from typing import Any, TypeVar, cast

from asgiref.sync import sync_to_async
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render, resolve_url
from django.utils.http import urlencode

from amity.kernel.settings import settings
from amity.rooms.trust.actions.erasure.again import erase_again
from amity.rooms.trust.actions.erasure.begin import begin_erasure, look_at
from amity.rooms.trust.actions.erasure.kept_out import find_suppressed, suppressing
from amity.rooms.trust.actions.erasure.let_back import let_back
from amity.rooms.trust.actions.erasure.remembering import unlisted, write_list
from amity.rooms.trust.actions.erasure.work import Surroundings, work_erasures
from amity.rooms.trust.actions.limits import may_try
from amity.rooms.trust.actions.links import has_owner, make_sign_in_link, make_start_link
from amity.rooms.trust.actions.mailing import send as write_letter
from amity.rooms.trust.actions.mailing import sends_mail
from amity.rooms.trust.actions.record import record, source_of
from amity.rooms.trust.actions.retention import keep_rules
from amity.rooms.trust.actions.rights.archives import forget_old_archives, make_next_archive
from amity.rooms.trust.actions.rights.doing import finish_erased
from amity.rooms.trust.actions.rights.links import send_next_link
from amity.rooms.trust.actions.rights.regulations import work_regulations
from amity.rooms.trust.actions.rights.reminding import remind
from amity.rooms.trust.actions.sealing import seal, unseal
from amity.rooms.trust.actions.workspaces import ensure_workspace, remember_workspace
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import Person
from amity.rooms.trust.queries.access import (
    ask_token,
    default_workspace,
    find_access,
    find_token_access,
    get_workspace,
    get_workspace_by_id,
    list_workspaces,
    list_workspaces_of,
    refresh_access,
)
from amity.rooms.trust.queries.erasures import find_erasure_of, get_erasure
from amity.rooms.trust.queries.people import list_colleagues, may
from amity.rooms.trust.queries.waiting import waiting
from amity.rooms.trust.rules.bucket import Buckets
from amity.rooms.trust.rules.roles import PERMISSIONS, ROLES, permissions_of

__all__ = [
    "PERMISSIONS", "ROLES", "Surroundings", "ask_token", "begin_erasure", "default_workspace", "ensure_workspace", "erase_again",
    "find_erasure_of", "find_suppressed", "finish_erased", "forget_old_archives", "get_erasure", "get_workspace",
    "get_workspace_by_id", "has_owner", "keep_rules", "let_back", "list_colleagues", "list_workspaces", "list_workspaces_of", "look_at", "make_next_archive",
    "make_sign_in_link", "make_start_link", "may", "may_try", "page", "permissions_of", "public", "record", "refresh_access", "remind",
    "requires", "seal", "send_next_link", "sends_mail", "source_of", "still_allowed", "suppressing", "take_turn", "to_sign_in", "token_auth",
    "unlisted", "unseal", "waiting", "work_erasures", "work_regulations", "write_letter", "write_list",
]  # fmt: skip

View = TypeVar("View", bound=Callable[..., Any])
_buckets = Buckets()


def page(permission: str) -> Callable[[View], View]:
    """Guard a page of the console under `/w/<slug:workspace>/…`; the view is called with `access` in place of the slug.

    Anonymous: to the sign-in page and back. No member: 404, as if it weren't there. No permission: 403 and an audit row.
    Works for `def` and `async def`; sets `view.permission` and `request.access`.
    """
    _known(permission)

    def guard(view: View) -> View:
        if iscoroutinefunction(view):

            @wraps(view)
            async def async_guarded(request: HttpRequest, workspace: str, **kwargs: Any) -> HttpResponseBase:
                got = await sync_to_async(_enter)(request, workspace, permission)
                if not isinstance(got, Access):
                    return got
                return await cast("Awaitable[HttpResponseBase]", view(request, access=got, **kwargs))

            guarded: Any = async_guarded
        else:

            @wraps(view)
            def sync_guarded(request: HttpRequest, workspace: str, **kwargs: Any) -> HttpResponseBase:
                got = _enter(request, workspace, permission)
                return cast("HttpResponseBase", view(request, access=got, **kwargs)) if isinstance(got, Access) else got

            guarded = sync_guarded
        guarded.permission = permission
        return cast("View", guarded)

    return guard


def requires(permission: str) -> Callable[[View], View]:
    """Guard an endpoint of the JSON API: 403 and an audit row where the token's access lacks the permission.

    It is asked with the token, before what was sent is even read: who may not ask learns nothing about how to ask.
    """
    _known(permission)

    def guard(view: View) -> View:
        from ninja.utils import contribute_operation_callback

        auth = TokenAuth(permission)

        def ask_first(operation: Any) -> None:
            operation.auth_param, operation.auth_callbacks = auth, [auth]

        contribute_operation_callback(view, ask_first)
        view.permission = permission  # type: ignore[attr-defined]
        return view

    return guard


def public(reason: str) -> Callable[[View], View]:
    """Mark a page that belongs to no workspace and that anybody may open, and say why; the test of all routes reads it."""

    def mark(view: View) -> View:
        @wraps(view)
        def marked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            return cast("HttpResponseBase", view(request, *args, **kwargs))

        marked.public = reason  # type: ignore[attr-defined]
        return cast("View", marked)

    return mark


class TokenAuth:
    """Bearer tokens for django-ninja: `NinjaAPI(auth=token_auth)`. Sets `request.access`, also `request.auth`'s value."""

    openapi_security_schema = {"type": "http", "scheme": "bearer"}

    def __init__(self, permission: str = "") -> None:
        self.permission = permission

    def __call__(self, request: HttpRequest) -> Access | None:
        """Return the token's access; None answers 401, the same for every reason. Raises HttpError: 429, 403."""
        from ninja.errors import HttpError, Throttled

        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        access = find_token_access(token.strip()) if scheme.lower() == "bearer" and token else None
        if access is None:
            return None
        wait = _wait(access.actor.id)
        if wait:
            raise Throttled(wait=ceil(wait))
        request.access = access  # type: ignore[attr-defined]
        if self.permission and not access.can(self.permission):
            _denied(request, access, self.permission)
            raise HttpError(403, f"This token's role ({access.role}) lacks the permission {self.permission}.")
        return access


token_auth = TokenAuth()


def take_turn(token_id: str) -> bool:
    """Count one request of a token; False where it asks too often. A refused one isn't counted, so that the API may refuse it again."""
    return not _wait(token_id)


def _wait(token_id: str) -> float:
    return _buckets.take(token_id, rate=settings().api_requests_per_second, now=monotonic())


def still_allowed(request: HttpRequest) -> bool:
    """Whether a request that was let in still would be: for streams, which should ask every few seconds."""
    access: Access | None = getattr(request, "access", None)
    if access is None:
        return False
    if access.actor.kind == "person":
        from allauth.core.internal.sessionkit import get_session_user

        key = request.session.session_key
        user = key and get_session_user(type(request.session)(key))
        if not user or str(user.pk) != access.actor.id:
            return False
    now = refresh_access(access)
    return now is not None and access.permissions <= now.permissions


def to_sign_in(request: HttpRequest) -> HttpResponse:
    """Send an anonymous request to the sign-in page, which sends it back afterwards."""
    to = resolve_url("account_login")
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": to})
    back = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    return HttpResponseRedirect(f"{to}?{urlencode({'next': back})}" if back else to)


def _enter(request: HttpRequest, slug: str, permission: str) -> Access | HttpResponse:
    person = request.user
    if not isinstance(person, Person):
        return to_sign_in(request)
    access = find_access(person=person, slug=slug)
    if access is None:
        raise Http404("No such page.")
    request.access = access  # type: ignore[attr-defined]
    remember_workspace(person=person, workspace_id=access.workspace_id)
    if access.can(permission):
        return access
    _denied(request, access, permission)
    return render(request, "trust/denied.html", {"permission": PERMISSIONS[permission]}, status=403)


def _denied(request: HttpRequest, access: Access, permission: str) -> None:
    record(access, action="access.denied", target=request.path, after={"permission": permission}, request=request)


def _known(permission: str) -> None:
    if permission not in PERMISSIONS:
        raise ValueError(f"{permission!r} is no permission; they are listed in trust/rules/roles.py")
