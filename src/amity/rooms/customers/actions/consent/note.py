"""A colleague notes what a customer said about consent: on the phone, in a letter, across the counter."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.customers.actions.consent.answer import Told, record_answers
from amity.rooms.customers.models import ConsentSetting
from amity.rooms.customers.queries.permission import chosen
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.rules.choices.purposes import ALL_MARKETING, TOPIC, WITHOUT_ASKING
from amity.rooms.customers.rules.traits import storable_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

WAYS: Mapping[str, str] = {
    "call": "On the phone", "letter": "By letter", "email": "By e-mail", "chat": "In a chat", "in_person": "In person",
    "form": "On a paper form",
}  # fmt: skip
LONGEST_REASON = 500


def note_choice(  # noqa: PLR0913  what was said, how, and about whom
    access: Access, *, customer_id: UUID, purpose: str, granted: bool, way: str, reason: str, request: HttpRequest | None = None
) -> str:
    """Record a customer's answer that a colleague heard or read, and return its fact's message id. It holds at the next read.

    Raises Forbidden without `customers.write`, NotFound for no customer of the workspace, Invalid for what can't be answered, a
    way that isn't one of WAYS, or without words that say what the customer said.
    """
    if not access.can("customers.write"):
        raise Forbidden("Noting a choice needs the permission customers.write.")
    said = storable_text(reason).strip()
    if not said or len(said) > LONGEST_REASON:
        raise Invalid(f"Say in up to {LONGEST_REASON} characters what the customer said: it is the proof.")
    if way not in WAYS:
        raise Invalid(f"Choose how it was given: {', '.join(WAYS)}.")
    if purpose not in answerable(access.workspace_id):
        raise Invalid("There is no such purpose or topic here that an answer can be given to.")
    if purpose == ALL_MARKETING and granted:
        raise Invalid("A yes to all marketing at once isn't specific enough. Note it for each channel.")
    customer = get_customer(workspace_id=access.workspace_id, customer_id=customer_id)
    told = Told(origin="colleague", place=way, person=access.actor.name, reason=said, voice="ours", channel="console")
    with transaction.atomic():
        message_id = record_answers(
            workspace_id=access.workspace_id, customer_id=customer.id, choices={purpose: granted}, told=told
        )
        trust.record(
            access,
            action="consent.noted",
            target=f"customer:{customer.id}",
            after={"purpose": purpose, "granted": granted, "way": way, "message_id": message_id},
            request=request,
        )
    return message_id


def answerable(workspace_id: int) -> dict[str, str]:
    """Return what an answer can be given to, by key with its name: all marketing, purposes, topics."""
    purposes = chosen(workspace_id).purposes
    setting = ConsentSetting.objects.filter(workspace_id=workspace_id).first()
    topics = setting.topics if setting else []
    return {
        ALL_MARKETING: "All marketing",
        **{key: one.name for key, one in purposes.items() if one.basis not in WITHOUT_ASKING},
        **{
            f"{TOPIC}{one['key']}": f"Topic: {one['names'].get('en') or next(iter(one['names'].values()), one['key'])}"
            for one in topics
        },
    }
