"""What people do to audiences: make, change, duplicate, archive, compute anew."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.computed.checking import check_asked, stale
from amity.rooms.customers.actions.sync.subscriptions import compare_anew
from amity.rooms.customers.models import Audience, ListEntry, Member
from amity.rooms.customers.queries.audiences.known import accessible_audience, known_of
from amity.rooms.customers.rules.audiences.language import Definition, written
from amity.rooms.customers.rules.computed.inlining import depending, whole_condition
from amity.rooms.customers.rules.traits import storable_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

LONGEST_NAME, LONGEST_ABOUT = 120, 2_000


def create_audience(
    access: Access, *, name: str, about: str = "", definition: Definition, request: HttpRequest | None = None
) -> Audience:
    """Make an audience; it is computed by the worker within seconds. Raises Invalid with what to mend."""
    check(definition, workspace_id=access.workspace_id, zone=access.workspace.time_zone)
    now = now_ms()
    made = Audience(
        workspace_id=access.workspace_id,
        name=checked_name(name),
        about=checked_about(about),
        definition=written(definition),
        created_at=now,
        created_by=access.actor.name[:254],
        updated_at=now,
        updated_by=access.actor.name[:254],
        wanted_at=now,
    )
    with transaction.atomic():
        save_audience(made)
        _record(access, "audience.created", made, after=_told(made), request=request)
    return made


def change_audience(  # noqa: PLR0913  one argument for each part
    access: Access,
    *,
    audience_id: int,
    name: str | None = None,
    about: str | None = None,
    definition: Definition | None = None,
    request: HttpRequest | None = None,
) -> Audience:
    """Change an audience; None leaves as it is. Another definition is computed anew, and so is what refers to it.

    Who is in because of the change is told by no fact: nothing happened to the customer. Raises Invalid, NotFound.
    """
    one = accessible_audience(workspace_id=access.workspace_id, audience_id=audience_id)
    before = _told(one)
    if name is not None:
        one.name = checked_name(name)
    if about is not None:
        one.about = checked_about(about)
    redefined = definition is not None and written(definition) != one.definition
    if definition is not None and redefined:
        if one.definition is None:
            raise Invalid("A list has no conditions; make a new audience.")
        check(definition, workspace_id=access.workspace_id, zone=access.workspace.time_zone, audience_id=one.pk)
        one.definition, one.wanted_at, one.computed_at = written(definition), now_ms(), None
    one.updated_at, one.updated_by = now_ms(), access.actor.name[:254]
    with transaction.atomic():
        save_audience(one, fields=["name", "about", "definition", "wanted_at", "computed_at", "updated_at", "updated_by"])
        if redefined:
            stale(depending(("audience", one.pk), known_of(access.workspace_id)), now=now_ms())
        _record(access, "audience.changed", one, before=before, after=_told(one), request=request)
    return one


def duplicate_audience(access: Access, *, audience_id: int, request: HttpRequest | None = None) -> Audience:
    """Make another audience of the same definition. Raises Invalid for a list."""
    from amity.rooms.customers.queries.audiences.known import definition_of

    one = accessible_audience(workspace_id=access.workspace_id, audience_id=audience_id)
    if one.definition is None:
        raise Invalid("A list can't be duplicated; upload its file again.")
    taken = set(Audience.objects.filter(workspace_id=access.workspace_id, archived_at=None).values_list("name", flat=True))
    base = one.name[: LONGEST_NAME - 12]
    name = next(text for n in range(1, 10_000) if (text := f"{base} (copy{f' {n}' if n > 1 else ''})") not in taken)
    return create_audience(access, name=name, about=one.about, definition=definition_of(one.definition), request=request)


def archive_audience(access: Access, *, audience_id: int, request: HttpRequest | None = None) -> Audience:
    """Stop keeping an audience: nobody is in it any more, its definition stays for those that refer to it. No facts."""
    one = accessible_audience(workspace_id=access.workspace_id, audience_id=audience_id)
    if one.archived_at is not None:
        return one
    if one.definition is None and depending(("audience", one.pk), known_of(access.workspace_id)):
        raise Invalid("Others refer to this list; change them first.")
    one.archived_at, one.archived_by, one.wanted_at = now_ms(), access.actor.name[:254], None
    with transaction.atomic():
        from amity.rooms.customers.actions.audiences.settle import hold

        hold(access.workspace_id)
        one.save(update_fields=["archived_at", "archived_by", "wanted_at"])
        Member.objects.filter(audience_id=one.pk).delete()
        ListEntry.objects.filter(audience_id=one.pk).delete()
        compare_anew(audience_id=one.pk)
        _record(access, "audience.archived", one, request=request)
    return one


def want_recompute(access: Access, *, audience_id: int, request: HttpRequest | None = None) -> None:
    """Have everybody looked at anew by the worker."""
    one = accessible_audience(workspace_id=access.workspace_id, audience_id=audience_id)
    if one.definition is None or one.archived_at is not None:
        raise Invalid("Only an audience with conditions that isn't archived can be computed.")
    with transaction.atomic():
        Audience.objects.filter(pk=one.pk).update(wanted_at=now_ms())
        _record(access, "audience.recomputed", one, request=request)


def check(definition: Definition, *, workspace_id: int, zone: str, audience_id: int = 0) -> None:
    """Raise Invalid, with what to mend, for a definition that can't be asked."""
    known = known_of(workspace_id)
    if audience_id:
        known = replace(known, audiences={**known.audiences, audience_id: definition})
    way = (("audience", audience_id),) if audience_id else ()
    check_asked(wheres=[whole_condition(definition.where, known, within=way)], zone=ZoneInfo(zone))


def checked_name(text: str) -> str:
    """Return a name as it is kept. Raises Invalid."""
    name = storable_text(text).strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"An audience needs a name of at most {LONGEST_NAME} characters.")
    return name


def checked_about(text: str) -> str:
    """Return a description as it is kept. Raises Invalid."""
    about = storable_text(text).strip()
    if len(about) > LONGEST_ABOUT:
        raise Invalid(f"The description may have {LONGEST_ABOUT:,} characters.")
    return about


def save_audience(one: Audience, fields: list[str] | None = None) -> None:
    """Store an audience. Raises Invalid where its name is taken."""
    try:
        with transaction.atomic():
            one.save(update_fields=fields)
    except IntegrityError:
        raise Invalid(f"There is an audience named {one.name} already; choose another name.") from None


def _told(one: Audience) -> dict[str, Any]:
    return {"name": one.name, "about": one.about, "definition": one.definition}


def _record(access: Access, action: str, one: Audience, **said: Any) -> None:
    trust.record(access, action=action, target=f"audience:{one.pk}", **said)
