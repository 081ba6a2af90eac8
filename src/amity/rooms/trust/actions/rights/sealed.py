"""What a request holds of a person, encrypted: whom it is about, how to reach them, what they wrote."""

from __future__ import annotations

import json
from uuid import UUID

from amity.kernel.holdings import Subject
from amity.rooms.trust.actions.sealing import seal, unseal
from amity.rooms.trust.models import RightsRequest


def sealed(text: str) -> str:
    """Return text encrypted; nothing for nothing."""
    return seal(text) if text else ""


def unsealed(text: str) -> str:
    """Return what was sealed; nothing for nothing."""
    return unseal(text) if text else ""


def close_subject(subject: Subject) -> str:
    """Return a subject encrypted."""
    return seal(json.dumps({"customers": [str(one) for one in subject.customer_ids], "identifiers": subject.identifiers}))


def open_subject(request: RightsRequest) -> Subject:
    """Return whom a request is about; nobody once it is done."""
    held = json.loads(unsealed(request.subject) or "{}")
    return Subject(
        workspace_id=request.workspace_id,
        customer_ids=tuple(UUID(one) for one in held.get("customers", ())),
        identifiers=tuple((kind, value) for kind, value in held.get("identifiers", ())),
    )
