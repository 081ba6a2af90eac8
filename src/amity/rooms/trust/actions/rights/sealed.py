"""What a request holds of a person, encrypted: which identifiers were named, how to reach them, what they wrote."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable
from hashlib import blake2b

from django.conf import settings

from amity.kernel.holdings import Identifier
from amity.rooms.trust.actions.sealing import seal, unseal


def sealed(text: str) -> str:
    """Return text encrypted; nothing for nothing."""
    return seal(text) if text else ""


def unsealed(text: str) -> str:
    """Return what was sealed; nothing for nothing."""
    return unseal(text) if text else ""


def close_identifiers(identifiers: Iterable[Identifier]) -> str:
    """Return identifiers encrypted."""
    return seal(json.dumps(list(identifiers)))


def open_identifiers(text: str) -> list[Identifier]:
    """Return the identifiers that were sealed; none once they were emptied."""
    return [(str(kind), str(value)) for kind, value in json.loads(unsealed(text) or "[]")]


def name_of(workspace_id: int, identifier: Identifier) -> str:
    """Return a keyed hash of an identifier: it finds requests of the same person, and can't be turned round without the key."""
    key = blake2b(settings.SECRET_KEY.encode(), digest_size=32, person=b"amity.requests").digest()
    said = json.dumps([workspace_id, *identifier]).encode()
    return hmac.digest(key, said, "sha256")[:16].hex()
