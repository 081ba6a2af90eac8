"""What is kept of an identifier that must never come back: a keyed hash, which tells it again but can't be turned round."""

from __future__ import annotations

import hmac
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID

from amity.kernel.ids import uuid_of


@lru_cache(maxsize=1_024)
def suppression_key(secret: str, workspace_id: int) -> bytes:
    """Return a workspace's key, derived from the installation's secret: it stands in no table, so in no export of one.

    Without it nobody can try out addresses. A restored installation, which has the same secret, has the same key.
    """
    return blake2b(b"%d" % workspace_id, key=secret.encode()[:64], digest_size=32, person=b"amity.suppressed").digest()


def keyed_hash(key: bytes, value: str) -> UUID:
    """Return 128 bits of HMAC-SHA256 of a value. The kind is kept beside it, not in it."""
    return uuid_of(int.from_bytes(hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256")[:16], "big"))
