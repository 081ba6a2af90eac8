"""Pages of one's own account, which belong to no workspace."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase

from amity.rooms.trust.api import to_sign_in
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import Person
from amity.rooms.trust.queries.access import find_access, list_workspaces_of

View = Callable[..., HttpResponseBase]


def own_account(view: View) -> View:
    """Guard a page of one's own account: whoever is signed in, in the frame of the workspace that they had open last."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not isinstance(request.user, Person):
            return to_sign_in(request)
        request.access = last_access(request.user)  # type: ignore[attr-defined]
        return view(request, *args, **kwargs)

    guarded.own_account = True  # type: ignore[attr-defined]
    return guarded


def last_access(person: Person) -> Access | None:
    """Return access to the workspace that was open last; before any was, to the example, else to the person's first one.

    None for who has none.
    """
    mine = list_workspaces_of(person.pk)
    last = next((one for one in mine if one.id == person.last_workspace_id), None)
    opened = last or next((one for one in mine if one.is_demo), None) or next(iter(mine), None)
    return find_access(person=person, slug=opened.slug) if opened else None
