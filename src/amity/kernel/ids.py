"""Identifiers: random ones in time order, and derived ones that come out the same each time."""

from __future__ import annotations

import os
import secrets
from functools import lru_cache
from hashlib import blake2b
from uuid import UUID, SafeUUID

from amity.kernel.clock import now_ms

_VERSION = 0x7 << 76
_VARIANT = 0x2 << 62
_RAND_A = (1 << 12) - 1
_RAND_B = (1 << 62) - 1
_new, _set = object.__new__, object.__setattr__
_UNKNOWN = SafeUUID.unknown  # an enumeration is asked for its members by Python code


def new_id() -> UUID:
    """Return a UUIDv7 (RFC 9562, section 5.7): time first, then 74 random bits."""
    return _uuid7(now_ms(), int.from_bytes(os.urandom(10), "big"))


def derived_id(instant: int, *parts: str | int | bytes) -> UUID:
    """Return a UUIDv7-shaped id that depends on nothing but its arguments.

    `instant` is milliseconds since 1970. Working the same interaction again gives the same id,
    so a step that is repeated after a crash makes nothing twice.
    """
    return _uuid7(instant, int.from_bytes(digest(*parts)[:10], "big"))


def message_key(workspace: int, source: int, message_id: str) -> UUID:
    """Return the deduplication key of one interaction: 128 bits of (workspace, source, messageId)."""
    h = _begun(workspace, source).copy()
    raw = message_id.encode("utf-8", "surrogatepass")
    h.update(len(raw).to_bytes(4, "big") + raw)
    return uuid_of(int.from_bytes(h.digest(), "big"))


def shard_hash(workspace: int, customer_key: str) -> int:
    """Return 32 bits that spread customers over workers; stable across machines and versions."""
    return int.from_bytes(digest(workspace, customer_key)[:4], "big")


def digest(*parts: str | int | bytes) -> bytes:
    """Return 16 bytes of BLAKE2b over parts, each preceded by its length so that none runs into the next."""
    return _digesting(*parts).digest()


def _digesting(*parts: str | int | bytes) -> blake2b:
    h = blake2b(digest_size=16)
    for part in parts:
        raw = part if isinstance(part, bytes) else str(part).encode("utf-8", "surrogatepass")
        h.update(len(raw).to_bytes(4, "big") + raw)
    return h


@lru_cache(maxsize=4_096)
def _begun(workspace: int, source: int) -> blake2b:
    """Return the state that the keys of one source's messages begin with, to be copied."""
    return _digesting(workspace, source)


def uuid_of(number: int) -> UUID:
    """Return the UUID of a number that is one. A fifth of the time of `UUID(int=…)`, which checks: a worker makes millions."""
    made = _new(UUID)
    _set(made, "int", number)
    _set(made, "is_safe", _UNKNOWN)
    return made


def new_secret(prefix: str = "", size: int = 24) -> str:
    """Return an unguessable URL-safe secret of `size` random bytes, after a prefix that names its kind."""
    return prefix + secrets.token_urlsafe(size)


def _uuid7(instant: int, bits: int) -> UUID:
    a, b = (bits >> 62) & _RAND_A, bits & _RAND_B
    return uuid_of(((max(instant, 0) & ((1 << 48) - 1)) << 80) | _VERSION | (a << 64) | _VARIANT | b)
