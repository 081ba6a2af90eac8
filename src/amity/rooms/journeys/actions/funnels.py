"""What people do to funnels: keep, change, archive."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.journeys.models import SavedFunnel
from amity.rooms.journeys.queries.funnels.count import check_asked
from amity.rooms.journeys.queries.funnels.kept import accessible_funnel
from amity.rooms.journeys.rules.funnels.language import Funnel, written
from amity.rooms.journeys.rules.texts import checked_about, checked_name
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access


def create_funnel(
    access: Access, *, name: str, about: str = "", funnel: Funnel, request: HttpRequest | None = None
) -> SavedFunnel:
    """Keep a funnel. Raises Invalid with what to mend."""
    check_asked(funnel, workspace_id=access.workspace_id)
    now, who = now_ms(), access.actor.name[:254]
    made = SavedFunnel(
        workspace_id=access.workspace_id, name=checked_name(name, "A funnel"), about=checked_about(about),
        definition=written(funnel), created_at=now, created_by=who, updated_at=now, updated_by=who,
    )  # fmt: skip
    with transaction.atomic():
        _save(made)
        _record(access, "funnel.created", made, after=_told(made), request=request)
    return made


def change_funnel(  # noqa: PLR0913  one argument for each part
    access: Access,
    *,
    funnel_id: int,
    name: str | None = None,
    about: str | None = None,
    funnel: Funnel | None = None,
    request: HttpRequest | None = None,
) -> SavedFunnel:
    """Change a funnel; None leaves as it is. Raises Invalid, NotFound."""
    one = accessible_funnel(workspace_id=access.workspace_id, funnel_id=funnel_id)
    if one.archived_at is not None:
        raise Invalid("An archived funnel can’t be changed.")
    before = _told(one)
    if name is not None:
        one.name = checked_name(name, "A funnel")
    if about is not None:
        one.about = checked_about(about)
    if funnel is not None:
        check_asked(funnel, workspace_id=access.workspace_id)
        one.definition = written(funnel)
    one.updated_at, one.updated_by = now_ms(), access.actor.name[:254]
    with transaction.atomic():
        _save(one)
        _record(access, "funnel.changed", one, before=before, after=_told(one), request=request)
    return one


def archive_funnel(access: Access, *, funnel_id: int, request: HttpRequest | None = None) -> SavedFunnel:
    """Put a funnel away. Nothing is deleted."""
    one = accessible_funnel(workspace_id=access.workspace_id, funnel_id=funnel_id)
    if one.archived_at is None:
        one.archived_at, one.archived_by = now_ms(), access.actor.name[:254]
        with transaction.atomic():
            one.save(update_fields=["archived_at", "archived_by"])
            _record(access, "funnel.archived", one, request=request)
    return one


def _save(one: SavedFunnel) -> None:
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise Invalid(f"There is a funnel named {one.name} already; choose another name.") from None


def _told(one: SavedFunnel) -> dict[str, Any]:
    return {"name": one.name, "about": one.about, "definition": one.definition}


def _record(access: Access, action: str, one: SavedFunnel, **said: Any) -> None:
    trust.record(access, action=action, target=f"funnel:{one.pk}", **said)
