"""What people do to computed traits: make, change, archive, compute anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.audiences.settle import hold
from amity.rooms.customers.actions.computed.checking import check_asked, stale
from amity.rooms.customers.models import ComputedTrait, ComputedValue
from amity.rooms.customers.queries.audiences.known import known_of
from amity.rooms.customers.queries.computed.lists import accessible_trait
from amity.rooms.customers.rules.computed.inlining import depending, whole_value
from amity.rooms.customers.rules.computed.language import Definition, Ref, written
from amity.rooms.customers.rules.traits import storable_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

LONGEST_NAME, LONGEST_ABOUT = 120, 2_000


def create_trait(  # noqa: PLR0913  one argument for each part
    access: Access, *, name: str, about: str = "", definition: Definition, origin: str = "", request: HttpRequest | None = None
) -> ComputedTrait:
    """Make a computed trait; the worker works it out within seconds. Raises Invalid with what to mend."""
    check(definition, workspace_id=access.workspace_id, zone=access.workspace.time_zone)
    now = now_ms()
    made = ComputedTrait(
        workspace_id=access.workspace_id, name=_name(name), about=_about(about), origin=origin, definition=written(definition),
        created_at=now, created_by=access.actor.name[:254], updated_at=now, updated_by=access.actor.name[:254], wanted_at=now,
    )  # fmt: skip
    with transaction.atomic():
        _save(made)
        _record(access, "trait.created", made, after=_told(made), request=request)
    return made


def change_trait(  # noqa: PLR0913  one argument for each part
    access: Access, *, trait_id: int, name: str | None = None, about: str | None = None, definition: Definition | None = None,
    request: HttpRequest | None = None,
) -> ComputedTrait:  # fmt: skip
    """Change a computed trait; None leaves as it is. With another definition it is worked out anew, and so is what refers to it.

    Raises Invalid, NotFound.
    """
    one = accessible_trait(workspace_id=access.workspace_id, trait_id=trait_id)
    before = _told(one)
    if name is not None:
        one.name = _name(name)
    if about is not None:
        one.about = _about(about)
    redefined = definition is not None and written(definition) != one.definition
    if definition is not None and redefined:
        check(definition, workspace_id=access.workspace_id, zone=access.workspace.time_zone, trait_id=one.pk)
        one.definition, one.wanted_at, one.computed_at, one.edges = written(definition), now_ms(), None, {}
    one.updated_at, one.updated_by = now_ms(), access.actor.name[:254]
    with transaction.atomic():
        _save(one, fields=["name", "about", "definition", "wanted_at", "computed_at", "edges", "updated_at", "updated_by"])
        if redefined:
            stale(depending(("trait", one.pk), known_of(access.workspace_id)), now=now_ms())
        _record(access, "trait.changed", one, before=before, after=_told(one), request=request)
    return one


def archive_trait(access: Access, *, trait_id: int, request: HttpRequest | None = None) -> ComputedTrait:
    """Stop working a trait out: nobody has a value any more, its definition stays for those that refer to it."""
    one = accessible_trait(workspace_id=access.workspace_id, trait_id=trait_id)
    if one.archived_at is not None:
        return one
    one.archived_at, one.archived_by, one.wanted_at, one.size = now_ms(), access.actor.name[:254], None, 0
    with transaction.atomic():
        hold(access.workspace_id)
        one.save(update_fields=["archived_at", "archived_by", "wanted_at", "size"])
        ComputedValue.objects.filter(trait_id=one.pk).delete()
        _record(access, "trait.archived", one, request=request)
    return one


def want_trait(access: Access, *, trait_id: int, request: HttpRequest | None = None) -> None:
    """Have a trait worked out anew for everybody by the worker."""
    one = accessible_trait(workspace_id=access.workspace_id, trait_id=trait_id)
    if one.archived_at is not None:
        raise Invalid("An archived trait isn't worked out any more.")
    with transaction.atomic():
        ComputedTrait.objects.filter(pk=one.pk).update(wanted_at=now_ms())
        _record(access, "trait.recomputed", one, request=request)


def check(definition: Definition, *, workspace_id: int, zone: str, trait_id: int = 0) -> None:
    """Raise Invalid, with what to mend, for a definition that can't be worked out."""
    known = known_of(workspace_id)
    value = definition.value
    if trait_id:
        known, value = replace(known, traits={**known.traits, trait_id: definition}), Ref(id=trait_id)
    check_asked(values=[whole_value(value, known)], zone=ZoneInfo(zone))


def _name(text: str) -> str:
    name = storable_text(text).strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"A computed trait needs a name of at most {LONGEST_NAME} characters.")
    return name


def _about(text: str) -> str:
    about = storable_text(text).strip()
    if len(about) > LONGEST_ABOUT:
        raise Invalid(f"The description may have {LONGEST_ABOUT:,} characters.")
    return about


def _save(one: ComputedTrait, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            one.save(update_fields=fields)
    except IntegrityError:
        raise Invalid(f"There is a computed trait named {one.name} already; choose another name.") from None


def _told(one: ComputedTrait) -> dict[str, Any]:
    return {"name": one.name, "about": one.about, "definition": one.definition}


def _record(access: Access, action: str, one: ComputedTrait, **said: Any) -> None:
    trust.record(access, action=action, target=f"trait:{one.pk}", **said)
