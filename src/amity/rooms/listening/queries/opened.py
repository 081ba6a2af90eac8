"""What a survey's link opens, and for whom."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from uuid import UUID

from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import NotFound
from amity.kernel.ids import new_id
from amity.kernel.sealed import HIDDEN
from amity.rooms.customers import api as customers
from amity.rooms.customers.contracts import Customer
from amity.rooms.listening.models import Response, Survey
from amity.rooms.listening.queries.kept import version_of
from amity.rooms.listening.rules.surveys.language import Definition
from amity.rooms.listening.rules.surveys.links import (
    ID_LENGTH,
    LONGEST,
    LinkOver,
    Ticket,
    open_link,
    open_ticket,
    response_of,
    seal_ticket,
)

_TOKEN = re.compile(f"[A-Za-z0-9_-]{{{ID_LENGTH},{LONGEST}}}")
_TICKETS_LAST = 30 * DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """A survey as one visitor meets it. `customer_id` is who the link names; `ticket` ties the page to its response."""

    survey: Survey
    definition: Definition
    version: int
    token: str
    response_id: UUID
    response: Response | None
    customer_id: UUID | None
    made_at: int
    secret: bytes

    @property
    def ticket(self) -> str:
        """The ticket for the page."""
        held = Ticket(response_id=self.response_id, version=self.version, made_at=self.made_at)
        return seal_ticket(token=self.token, secret=self.secret, held=held)


def survey_behind(token: str) -> Survey:
    """Return the survey of a link. Raises LinkOver."""
    found = Survey.objects.filter(link_id=token[:ID_LENGTH]).first() if _TOKEN.fullmatch(token) else None
    if found is None or found.archived_at is not None or not found.live:
        raise LinkOver("unknown")
    return found


def opened_by(survey: Survey, token: str, *, secret: bytes, ticket: str = "") -> Opened:
    """Return what a link opens, with a ticket the response that was begun with it. Raises LinkOver.

    Who is named by the link is asked only while they allow surveys: that is looked up here, each time.
    """
    now = now_ms()
    if not survey.is_open:
        raise LinkOver("closed")
    whose = _named(survey, token, secret=secret, now=now)
    held = open_ticket(ticket, token=token, secret=secret) if ticket else None
    if held is not None and not now - _TICKETS_LAST <= held.made_at <= now + DAY:
        raise LinkOver("expired")
    if held is None:
        own = response_of(token) if whose is not None else new_id()
        held = Ticket(response_id=own, version=survey.live, made_at=now)
    begun = Response.objects.filter(survey=survey, response_id=held.response_id).first()
    if begun is not None:
        held = replace(held, version=begun.version)
    definition = version_of(survey, held.version)
    if definition is None:
        raise LinkOver("unknown")
    return Opened(
        survey=survey, definition=definition, version=held.version, token=token, response_id=held.response_id, response=begun,
        customer_id=whose, made_at=held.made_at, secret=secret,
    )  # fmt: skip


def traits_of(opened: Opened) -> dict[str, str]:
    """Return what is known of whom the link names, for its texts."""
    if opened.customer_id is None:
        return {}
    return known_of(customers.get_customer(workspace_id=opened.survey.workspace_id, customer_id=opened.customer_id))


def known_of(customer: Customer) -> dict[str, str]:
    """Return a customer's name and traits for the texts of a survey; nothing that is kept encrypted."""
    known = {trait.name: str(trait.value) for trait in customer.traits if isinstance(trait.value, str | int | float)}
    return {"name": customer.name} | {name: value for name, value in known.items() if value != HIDDEN}


def _named(survey: Survey, token: str, *, secret: bytes, now: int) -> UUID | None:
    if len(token) == ID_LENGTH:
        return None
    held = open_link(token, secret=secret, now=now)
    try:
        customer = customers.get_customer(workspace_id=survey.workspace_id, customer_id=held.customer_id)
    except NotFound:
        raise LinkOver("unknown") from None
    if not customers.permitted(workspace_id=survey.workspace_id, customer_ids=[customer.id], purpose="surveys"):
        raise LinkOver("unasked")
    return customer.id
