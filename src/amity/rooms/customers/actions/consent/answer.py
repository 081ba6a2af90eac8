"""Take answers that a person gave: they hold at the next read, and go through the log like everything that happens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

import msgspec
from django.db import transaction

from amity.facts.customers import CONSENT_CHANGED, ConsentChanged
from amity.kernel.clock import now_ms
from amity.kernel.errors import NotFound
from amity.kernel.ids import message_key, new_id
from amity.rooms.collection import api as collection
from amity.rooms.customers.actions.cursor import fetch
from amity.rooms.customers.models import Choice
from amity.rooms.customers.rules.choices.purposes import BY_PERSON

# Erasing takes this row first, and placing changes it: none of both is under way while it is held.
_HOLD = "SELECT merged FROM customers_activity WHERE workspace_id = %b AND customer_id = %b FOR SHARE"


class Told(msgspec.Struct, frozen=True, kw_only=True):
    """How answers were given: what the history keeps as proof of each. `texts`: version and SHA-256 of what was read, by name."""

    origin: str
    place: str
    texts: Mapping[str, Sequence[str]] = {}
    person: str = ""
    reason: str = ""
    voice: str = "said"
    channel: str = ""


def record_answers(
    *, workspace_id: int, customer_id: UUID, choices: Mapping[str, bool], told: Told, at: int | None = None
) -> str:
    """Record answers ({purpose or topic: yes or no}) of a customer of today and return the fact's message id.

    The history gets them in this transaction, under the key that the fact will have, so that they hold at once and are written
    once. Raises NotFound where the customer was erased or became another meanwhile.
    """
    message_id, now = f"consent-{new_id()}", at or now_ms()
    named = {f"{BY_PERSON}{name}": granted for name, granted in choices.items()}
    texts = {f"{BY_PERSON}{name}": list(text) for name, text in told.texts.items() if name in choices}
    fact = ConsentChanged(
        choices=named, origin=told.origin, place=told.place, texts=texts, person=told.person, reason=told.reason
    )
    with transaction.atomic():
        held = fetch(_HOLD, [workspace_id, customer_id])
        if not held or held[0][0]:
            raise NotFound("There is no such customer here any more.")
        source = collection.amity_source(workspace_id=workspace_id)
        Choice.objects.bulk_create(
            [
                Choice(
                    workspace_id=workspace_id,
                    key=message_key(workspace_id, source, message_id),
                    name=name,
                    customer_id=customer_id,
                    granted=granted,
                    time=now,
                    received_at=now,
                    source_id=source,
                    origin=told.origin,
                    place=told.place,
                    text_version=next(iter(texts.get(name, ())), ""),
                    text_hash=next(iter(texts.get(name, ())[1:]), ""),
                    person=told.person,
                    reason=told.reason,
                )
                for name, granted in named.items()
            ],
            ignore_conflicts=True,
        )
        collection.record_fact(
            workspace_id=workspace_id,
            message_id=message_id,
            name=CONSENT_CHANGED,
            properties=msgspec.to_builtins(fact),
            customer_id=customer_id,
            channel=told.channel,
            voice=told.voice,
            time=now,
        )
    return message_id
