"""Notes that colleagues write about a customer: facts like any other, kept in the past and shown on the timeline."""

from __future__ import annotations

from uuid import UUID

import msgspec
from django.db import transaction
from django.http import HttpRequest

from amity.facts.customers import NOTE_ADDED, NoteAdded
from amity.kernel.errors import Forbidden, Invalid
from amity.kernel.ids import new_id
from amity.rooms.collection import api as collection
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.rules.traits import storable_text
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

LONGEST_NOTE = 5_000


def add_note(access: Access, *, customer_id: UUID, text: str, request: HttpRequest | None = None) -> str:
    """Record a note about a customer and return its message id; the timeline shows it once the pipeline has taken it.

    Raises Forbidden without `customers.write`, NotFound for no customer of the workspace, Invalid for an empty or long text.
    """
    if not access.can("customers.write"):
        raise Forbidden("Writing notes needs the permission customers.write.")
    note = storable_text(text).strip()
    if not note or len(note) > LONGEST_NOTE:
        raise Invalid(f"A note needs some text, at most {LONGEST_NOTE:,} characters.")
    customer = get_customer(workspace_id=access.workspace_id, customer_id=customer_id)
    fact = NoteAdded(text=note, author=access.actor.name, author_id=access.actor.id)
    message_id = f"note-{new_id()}"
    with transaction.atomic():
        collection.record_fact(
            workspace_id=access.workspace_id,
            message_id=message_id,
            name=NOTE_ADDED,
            properties=msgspec.to_builtins(fact),
            customer_id=customer.id,
            channel="console",
            voice="ours",
        )
        trust.record(
            access,
            action="customer.note_added",
            target=f"customer:{customer.id}",
            after={"message_id": message_id},
            request=request,
        )
    return message_id
