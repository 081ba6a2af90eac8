"""What is kept of an identifier that must never come back: a keyed hash, which tells it again but can't be turned round."""

from __future__ import annotations

import hmac
from hashlib import blake2b
from uuid import UUID

from amity.kernel.ids import uuid_of


def suppression_key(secret: str) -> bytes:
    """Return the key of the hashes, derived from the installation's secret: without it nobody can try out addresses."""
    return blake2b(secret.encode(), digest_size=32, person=b"amity.suppressed").digest()


def keyed_hash(key: bytes, workspace_id: int, value: str) -> UUID:
    """Return 128 bits of HMAC-SHA256 over workspace and value. The kind is kept beside it, not in it."""
    return uuid_of(
        int.from_bytes(hmac.digest(key, b"%d\x00" % workspace_id + value.encode("utf-8", "surrogatepass"), "sha256")[:16], "big")
    )
