"""What the collection room publishes for the edge: who may send, and with which limits."""

from __future__ import annotations

from hashlib import sha256

import msgspec

SNAPSHOT_BUCKET = "amity_edge"


class SourceKey(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A write key as the edge sees it. Stored under `key.<sha256 of the write key>` in the snapshot bucket.

    `requests_per_second` limits requests by key (0: no limit). `anonymise_ip` drops the last octet (IPv4) or 80 bits (IPv6).
    """

    workspace: int
    source: int
    name: str
    write_key: str
    enabled: bool = True
    anonymise_ip: bool = False
    requests_per_second: int = 1_000


def snapshot_key(write_key: str) -> str:
    """Return the name under which a write key's entry stands in the bucket."""
    return "key." + sha256(write_key.encode()).hexdigest()
