"""What people do to surveys: make, change, publish, close, open again, archive; make links that name a customer."""

from __future__ import annotations

import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from uuid import UUID

import msgspec
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import DAY, from_ms, now_ms
from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.settings import settings
from amity.rooms.customers import api as customers
from amity.rooms.listening.actions.rest import claim
from amity.rooms.listening.models import Survey, Version
from amity.rooms.listening.queries.kept import accessible_survey
from amity.rooms.listening.rules.surveys.language import Definition, read, written
from amity.rooms.listening.rules.surveys.links import ID_LENGTH, SECRET_BYTES, Named, seal_link
from amity.rooms.listening.rules.texts import checked_name
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

MOST_DAYS = 366
LINK = "link"  # the channel of links that people make by hand or by the API
SURVEYS = "surveys"  # the purpose that every question is asked for


def create_survey(access: Access, *, name: str, definition: Definition, request: HttpRequest | None = None) -> Survey:
    """Make a survey that nobody is asked yet. Raises Forbidden, Invalid."""
    _may(access)
    now, who = now_ms(), access.actor.name[:254]
    one = Survey(
        workspace_id=access.workspace_id, name=checked_name(name), draft=_again(definition), created_at=now, created_by=who,
        updated_at=now, updated_by=who, link_id=secrets.token_urlsafe(ID_LENGTH * 3 // 4),
        link_secret=trust.seal(urlsafe_b64encode(secrets.token_bytes(SECRET_BYTES)).decode()),
    )  # fmt: skip
    with transaction.atomic():
        _save(one)
        trust.record(access, action="survey.created", target=f"survey:{one.pk}", after={"name": one.name}, request=request)
    return one


def change_survey(
    access: Access, *, survey_id: int, name: str, definition: Definition, request: HttpRequest | None = None
) -> Survey:
    """Change a survey's draft; what is published stays as it is. Raises Forbidden, Invalid, NotFound."""
    _may(access)
    with transaction.atomic():
        one = _locked(access, survey_id)
        before = {"name": one.name, "draft": one.draft}
        one.name, one.draft = checked_name(name), _again(definition)
        if (one.name, one.draft) == (before["name"], before["draft"]):
            return one
        one.updated_at, one.updated_by = now_ms(), access.actor.name[:254]
        _save(one)
        after = {"name": one.name, "draft": one.draft}
        trust.record(access, action="survey.changed", target=f"survey:{one.pk}", before=before, after=after, request=request)
    return one


def publish(access: Access, *, survey_id: int, request: HttpRequest | None = None) -> Version:
    """Make the draft the version that is asked from now on. Raises Forbidden, Invalid, NotFound."""
    _may(access)
    with transaction.atomic():
        one = _locked(access, survey_id)
        if not [each for each in one.draft.get("questions", ()) if each.get("kind") != "statement"]:
            raise Invalid("Nothing is asked yet: add a question first.")
        live = Version.objects.filter(survey=one, number=one.live).first()
        if live is not None and live.definition == one.draft and one.closed_at is None:
            return live
        made = Version.objects.create(
            survey=one, number=Version.objects.filter(survey=one).count() + 1, definition=one.draft, published_at=now_ms(),
            published_by=access.actor.name[:254],
        )  # fmt: skip
        one.live, one.closed_at, one.closed_by = made.number, None, ""
        one.save(update_fields=["live", "closed_at", "closed_by"])
        after = {"version": made.number}
        trust.record(access, action="survey.published", target=f"survey:{one.pk}", after=after, request=request)
    return made


def set_closed(access: Access, *, survey_id: int, closed: bool, request: HttpRequest | None = None) -> Survey:
    """Let a survey's links ask nobody from now on, or ask again. Raises Forbidden, NotFound."""
    _may(access)
    with transaction.atomic():
        one = _locked(access, survey_id)
        one.closed_at, one.closed_by = (now_ms(), access.actor.name[:254]) if closed else (None, "")
        one.save(update_fields=["closed_at", "closed_by"])
        action = "survey.closed" if closed else "survey.reopened"
        trust.record(access, action=action, target=f"survey:{one.pk}", request=request)
    return one


def archive_survey(access: Access, *, survey_id: int, request: HttpRequest | None = None) -> None:
    """Put a survey away, closed; its answers stay. Raises Forbidden, NotFound."""
    _may(access)
    with transaction.atomic():
        one = _locked(access, survey_id)
        one.archived_at, one.archived_by = now_ms(), access.actor.name[:254]
        one.save(update_fields=["archived_at", "archived_by"])
        trust.record(access, action="survey.archived", target=f"survey:{one.pk}", request=request)


def link_for(access: Access, *, survey_id: int, customer_id: UUID, days: int, request: HttpRequest | None = None) -> str:
    """Return the address at which one customer answers by name, once. Raises Forbidden, Invalid, NotFound.

    `not_permitted` where the customer doesn't allow surveys now; it is asked again each time the link is opened. `asked_enough`
    where a rule of rest keeps it back.
    """
    _may(access)
    one = accessible_survey(workspace_id=access.workspace_id, survey_id=survey_id)
    customer = customers.get_customer(workspace_id=access.workspace_id, customer_id=customer_id)
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"A link lasts 1 to {MOST_DAYS} days.")
    if not customers.permitted(workspace_id=access.workspace_id, customer_ids=[customer.id], purpose=SURVEYS):
        raise Invalid("This customer doesn't allow surveys.", code="not_permitted")
    kept_back = claim(one, customer_id=customer.id, channel=LINK)
    if kept_back is not None:
        free = from_ms(kept_back.free_at).isoformat(timespec="minutes")
        raise Invalid(f"This customer was asked enough: {kept_back.rule.words}. Free again at {free}.", code="asked_enough")
    held = Named(customer_id=customer.id, ends_at=now_ms() + days * DAY)
    after = {"days": days, "customer": str(customer.id)}
    trust.record(access, action="survey.link_made", target=f"survey:{one.pk}", after=after, request=request)
    return address_of(seal_link(link_id=one.link_id, secret=secret_of(one), held=held))


def address_of(token: str) -> str:
    """Return the address of a survey's link."""
    return f"{settings().public_console}/s/{token}"


def secret_of(one: Survey) -> bytes:
    """Return the key of a survey's links and tickets."""
    return urlsafe_b64decode(trust.unseal(one.link_secret))


def _again(definition: Definition) -> dict[str, Any]:
    """Return a definition that keeps the language's rules, however it was made."""
    return written(read(msgspec.json.encode(definition)))


def _locked(access: Access, survey_id: int) -> Survey:
    one = accessible_survey(workspace_id=access.workspace_id, survey_id=survey_id)
    return Survey.objects.select_for_update().get(pk=one.pk)


def _may(access: Access) -> None:
    if not access.can("surveys.write"):
        raise Forbidden("Your role doesn't make surveys.")


def _save(one: Survey) -> None:
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise Invalid("There is a survey of this name already.") from None
