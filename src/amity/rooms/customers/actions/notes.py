"""Notes that colleagues write about a customer: facts like any other, so they come back through the log."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.errors import Invalid
from amity.kernel.ids import new_id
from amity.rooms.collection.api import record_fact
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.trust.api import record
from amity.rooms.trust.contracts import Access

LONGEST_NOTE = 4_000


@transaction.atomic
def add_note(*, access: Access, customer_id: UUID, text: str, request: HttpRequest | None = None) -> str:
    """Put a note on its way to the log and return its message id. Raises Invalid for an empty or overlong text, NotFound.

    The audit log tells that a note was written, never what it says.
    """
    said = text.replace("\0", "").strip()
    if not said or len(said) > LONGEST_NOTE:
        raise Invalid(f"A note holds between 1 and {LONGEST_NOTE:,} characters.")
    customer = get_customer(workspace_id=access.workspace_id, customer_id=customer_id)
    message_id = f"note-{new_id()}"
    record_fact(
        workspace_id=access.workspace_id,
        message_id=message_id,
        name="NoteAdded",
        customer_id=customer.id,
        channel="console",
        properties={"text": said, "author_name": access.actor.name or access.actor.email, "author_id": access.actor.id},
    )
    record(access, action="customer.noted", target=f"customer:{customer.id}", after={"message_id": message_id}, request=request)
    return message_id
