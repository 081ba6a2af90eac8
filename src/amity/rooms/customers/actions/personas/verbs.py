"""What people do to personas: make, change, put back, say that they hold, archive; and quote what customers said."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Forbidden, Invalid, NotFound
from amity.rooms.customers.models import Audience, Persona, PersonaQuote, PersonaVersion
from amity.rooms.customers.queries.audiences.known import accessible_audience
from amity.rooms.customers.queries.personas.lists import accessible_persona
from amity.rooms.customers.queries.personas.numbers import numbers_of
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.queries.standing import get_moment
from amity.rooms.customers.rules.personas.drift import kept_at_review
from amity.rooms.customers.rules.personas.portrait import Portrait, checked, read, written
from amity.rooms.customers.rules.portrait.portray import portray
from amity.rooms.customers.rules.traits import storable_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

PERMISSION = "audiences.write"
LONGEST_NAME, LONGEST_WORDS, LONGEST_HEARD, MOST_QUOTES = 120, 600, 200, 12


def create_persona(
    access: Access, *, name: str, portrait: Portrait, audience_id: int | None = None, request: HttpRequest | None = None
) -> Persona:
    """Make a persona. Raises Forbidden without `audiences.write`, Invalid with what to mend, NotFound for no such audience."""
    _check(access)
    now, by = now_ms(), access.actor.name[:254]
    audience = _audience(access, audience_id)
    one = Persona(
        workspace_id=access.workspace_id, name=_name(name), audience=audience, told=written(checked(portrait)), created_at=now,
        created_by=by, updated_at=now, updated_by=by,
    )  # fmt: skip
    with transaction.atomic():
        _save(one)
        _keep_version(one)
        trust.record(access, action="persona.created", target=f"persona:{one.pk}", after=_told(one), request=request)
    return one


def change_persona(  # noqa: PLR0913  one argument for each part
    access: Access, *, persona_id: int, name: str, portrait: Portrait, audience_id: int | None, number: int | None = None,
    request: HttpRequest | None = None,
) -> Persona:  # fmt: skip
    """Change a persona; what it was stays as a version. `number` is the version that was changed: another's change isn't overwritten.

    What is as it was makes no version. Raises Forbidden, NotFound, Invalid with what to mend.
    """
    _check(access)
    with transaction.atomic():
        one = _held(access, persona_id)
        if one.archived_at is not None:
            raise Invalid("An archived persona isn’t changed. Bring it back first.")
        if number is not None and number != one.number:
            raise Invalid(
                f"{one.updated_by} changed it meanwhile (version {one.number}). Look at that, and make your change again."
            )
        before = _told(one)
        audience = _audience(access, audience_id, chosen=one.audience_id)
        one.name, one.told, one.audience = _name(name), written(checked(portrait)), audience
        if _told(one) == before:
            return one
        if one.audience_id != before["audience"]:
            one.reviewed_at, one.reviewed_by, one.reviewed = None, "", {}  # it was said of others
        one.number, one.updated_at, one.updated_by = one.number + 1, now_ms(), access.actor.name[:254]
        _save(one)
        _keep_version(one)
        trust.record(
            access, action="persona.changed", target=f"persona:{one.pk}", before=before, after=_told(one), request=request
        )
    return one


def put_back(access: Access, *, persona_id: int, number: int, request: HttpRequest | None = None) -> Persona:
    """Make a persona what it was in a version; that is a version of its own. Raises as `change_persona`."""
    version = PersonaVersion.objects.filter(
        persona_id=persona_id, persona__workspace_id=access.workspace_id, number=number
    ).first()
    if version is None:
        raise NotFound("There is no such version.")
    there = version.audience_id is not None and Audience.objects.filter(
        pk=version.audience_id, workspace_id=access.workspace_id, archived_at=None
    ).exists()  # fmt: skip
    return change_persona(
        access, persona_id=persona_id, name=version.name, portrait=read(version.told),
        audience_id=version.audience_id if there else None, request=request,
    )  # fmt: skip


def review_persona(access: Access, *, persona_id: int, request: HttpRequest | None = None) -> Persona:
    """Say that a persona holds; its members' numbers are kept, to tell later how far they have moved. Raises as `change_persona`."""
    _check(access)
    one = accessible_persona(workspace_id=access.workspace_id, persona_id=persona_id)
    if one.archived_at is not None:
        raise Invalid("An archived persona isn’t reviewed. Bring it back first.")
    now, kept = now_ms(), {}
    if one.audience is not None:
        numbers = numbers_of(one.audience, currency=access.workspace.currency, traits=False)
        kept = kept_at_review(size=numbers.size, everybody=numbers.everybody, measures=numbers.held_against)
    with transaction.atomic():
        one = _held(access, persona_id)
        one.reviewed_at, one.reviewed_by, one.reviewed = now, access.actor.name[:254], kept
        one.save(update_fields=["reviewed_at", "reviewed_by", "reviewed"])
        trust.record(
            access, action="persona.reviewed", target=f"persona:{one.pk}", after={"members": kept.get("size")}, request=request
        )
    return one


def archive_persona(access: Access, *, persona_id: int, request: HttpRequest | None = None) -> Persona:
    """Put a persona away. Nothing of it is lost. Raises Forbidden, NotFound."""
    _check(access)
    with transaction.atomic():
        one = _held(access, persona_id)
        if one.archived_at is None:
            one.archived_at, one.archived_by = now_ms(), access.actor.name[:254]
            one.save(update_fields=["archived_at", "archived_by"])
            trust.record(access, action="persona.archived", target=f"persona:{one.pk}", request=request)
    return one


def bring_back_persona(access: Access, *, persona_id: int, request: HttpRequest | None = None) -> Persona:
    """Take a persona out of the archive. Raises Forbidden, NotFound; Invalid where its name is another's now."""
    _check(access)
    with transaction.atomic():
        one = _held(access, persona_id)
        if one.archived_at is not None:
            one.archived_at, one.archived_by = None, ""
            _save(one)
            trust.record(access, action="persona.returned", target=f"persona:{one.pk}", request=request)
    return one


def quote_customer(  # noqa: PLR0913  one argument for each part
    access: Access, *, persona_id: int, customer_id: UUID, key: UUID, time: int, request: HttpRequest | None = None
) -> PersonaQuote:
    """Let something that a customer said speak for a persona. Nothing is copied.

    Raises Forbidden, NotFound; Invalid where the interaction holds no words, or there are quotes enough.
    """
    _check(access)
    customer = get_customer(workspace_id=access.workspace_id, customer_id=customer_id)
    if not portray(get_moment(customer=customer, key=key, time=time)).quote:
        raise Invalid("In this interaction the customer said nothing that can be quoted.")
    return _add_quote(access, persona_id, request, customer_id=customer.id, message_key=key, time=time)


def quote_words(access: Access, *, persona_id: int, words: str, heard: str, request: HttpRequest | None = None) -> PersonaQuote:
    """Let words that were heard outside of Amity speak for a persona; `heard` says where. Raises as `quote_customer`."""
    _check(access)
    said, where = storable_text(words).strip().strip('“”"„»«').strip(), storable_text(heard).strip()
    if not said or len(said) > LONGEST_WORDS:
        raise Invalid(f"A quote has 1 to {LONGEST_WORDS} characters.")
    if not where or len(where) > LONGEST_HEARD:
        raise Invalid(f"Say where it was heard, in 1 to {LONGEST_HEARD} characters: “Interview, 12 May, participant 7”.")
    return _add_quote(access, persona_id, request, words=said, heard=where)


def remove_quote(access: Access, *, persona_id: int, quote_id: int, request: HttpRequest | None = None) -> None:
    """Take a quote away. Raises Forbidden, NotFound."""
    _check(access)
    with transaction.atomic():
        one = _held(access, persona_id)
        gone, _ = PersonaQuote.objects.filter(persona_id=one.pk, pk=quote_id).delete()
        if not gone:
            raise NotFound("There is no such quote.")
        trust.record(access, action="persona.unquoted", target=f"persona:{one.pk}", after={"quote": quote_id}, request=request)


def _add_quote(access: Access, persona_id: int, request: HttpRequest | None, **of: Any) -> PersonaQuote:
    with transaction.atomic():
        one = _held(access, persona_id)
        if PersonaQuote.objects.filter(persona_id=one.pk).count() >= MOST_QUOTES:
            raise Invalid(f"A persona has at most {MOST_QUOTES} quotes; take one away first.")
        made = PersonaQuote(persona_id=one.pk, added_at=now_ms(), added_by=access.actor.name[:254], **of)
        try:
            with transaction.atomic():
                made.save()
        except IntegrityError:
            raise Invalid("This is quoted already.") from None
        trust.record(access, action="persona.quoted", target=f"persona:{one.pk}", after={"quote": made.pk}, request=request)
    return made


def _held(access: Access, persona_id: int) -> Persona:
    """Hold the row, so that two colleagues don't make the same version."""
    Persona.objects.select_for_update().filter(workspace_id=access.workspace_id, pk=persona_id).first()
    return accessible_persona(workspace_id=access.workspace_id, persona_id=persona_id)


def _audience(access: Access, audience_id: int | None, *, chosen: int | None = None) -> Audience | None:
    if audience_id is None:
        return None
    found = accessible_audience(workspace_id=access.workspace_id, audience_id=audience_id)
    if found.archived_at is not None and found.pk != chosen:
        raise Invalid("Nobody is in an archived audience; choose one that is in use.")
    return found


def _name(text: str) -> str:
    name = storable_text(text).strip()
    if not name or len(name) > LONGEST_NAME:
        raise Invalid(f"A persona needs a name of at most {LONGEST_NAME} characters.")
    return name


def _save(one: Persona) -> None:
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise Invalid(f"There is a persona named {one.name} already; choose another name.") from None


def _keep_version(one: Persona) -> None:
    PersonaVersion.objects.create(
        persona_id=one.pk, number=one.number, name=one.name, audience_id=one.audience_id, told=one.told, made_at=one.updated_at,
        made_by=one.updated_by,
    )  # fmt: skip


def _told(one: Persona) -> dict[str, Any]:
    return {"name": one.name, "audience": one.audience_id, "told": one.told}


def _check(access: Access) -> None:
    if not access.can(PERMISSION):
        raise Forbidden(f"Changing personas needs the permission {PERMISSION}.")
