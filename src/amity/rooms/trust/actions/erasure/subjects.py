"""Whom an erasure is about: sealed while it goes on, nobody afterwards."""

from __future__ import annotations

import json
from uuid import UUID

from amity.kernel.holdings import Subject
from amity.rooms.trust.actions.sealing import seal, unseal
from amity.rooms.trust.models import Erasure
from amity.rooms.trust.rules.erasure.telling import CUSTOMER_ID


def close_subject(subject: Subject) -> str:
    """Return a subject encrypted."""
    return seal(json.dumps({"customers": [str(one) for one in subject.customer_ids], "identifiers": subject.identifiers}))


def open_subject(run: Erasure) -> Subject:
    """Return whom an erasure is about; nobody once it is done."""
    held = json.loads(unseal(run.subject)) if run.subject else {}
    return Subject(
        workspace_id=run.workspace_id,
        customer_ids=tuple(UUID(one) for one in held.get("customers", ())),
        identifiers=tuple((kind, value) for kind, value in held.get("identifiers", ())),
    )


def names_of(subject: Subject) -> list[tuple[str, str]]:
    """Return all that names a subject, as (kind, value): identifiers, and ids as the kind `customer_id`."""
    return [*subject.identifiers, *((CUSTOMER_ID, str(one)) for one in subject.customer_ids)]
