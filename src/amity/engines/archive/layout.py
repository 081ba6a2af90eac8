"""The file that a backup is: a readable header, then numbered frames, the last of which is the manifest.

    prefix        8 bytes "AMITYBK1", the header's length (4), the header (JSON), its digest (16)
    each frame    length of what follows (4), kind (1), number from 0 (8), then the sealed body
    bodies        PART: JSON of a `PartHead`   DATA: Zstandard   PART_END: JSON of a `PartEnd`   MANIFEST: JSON of a `Manifest`

Every frame is sealed together with its number and with the header's digest (`sealing`), so one that is changed, left out,
moved or taken from another file is noticed; a file without its manifest was cut off. Numbers are big-endian.
"""

from __future__ import annotations

import struct
from hashlib import blake2b
from typing import Any, Literal

import msgspec

from amity.kernel.errors import AmityError

MAGIC = b"AMITYBK1"
FORMAT = 1
HEAD = struct.Struct(">IBQ")
LENGTH = struct.Struct(">I")
ENTRY = struct.Struct(">QqI")  # before each entry of the log: its sequence, when it was stored (ms), its length
DIGEST = 16  # bytes, as long as AES-GCM's tag: what sealing adds to a body
LONGEST_HEADER = 64 * 1024
LONGEST_FRAME = 512 * 1024 * 1024
PART, DATA, PART_END, MANIFEST = 1, 2, 3, 4

SCHEMA = "schema"  # the document that goes before a kind's tables

Unit = Literal["lines", "entries", "whole"]


class Damaged(AmityError):
    """The file is not what was written: cut off, changed, or no backup at all."""

    code = "backup_damaged"


class Locked(AmityError):
    """The file is encrypted, and what was given does not open it."""

    code = "backup_locked"


class Key(msgspec.Struct, frozen=True, kw_only=True):
    """How scrypt makes the key from the passphrase; `check` tells a wrong passphrase from a damaged file. Bytes as hex."""

    salt: str
    n: int
    r: int
    p: int
    check: str = ""


class Header(msgspec.Struct, frozen=True, kw_only=True):
    """What can be read without a passphrase: which file this is, who made it, when (ms since 1970)."""

    format: int
    id: str
    amity: str
    made_at: int
    key: Key | None = None


class PartHead(msgspec.Struct, frozen=True, kw_only=True):
    """A part begins: a table, the log's entries, or one small document. `unit` is what its rows are."""

    kind: str
    name: str
    unit: Unit


class PartEnd(msgspec.Struct, frozen=True, kw_only=True):
    """A part ends, having had so many rows and bytes (before compression)."""

    rows: int
    bytes: int


class PartCount(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest's line about a part."""

    kind: str
    name: str
    rows: int
    bytes: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What the file holds in all, and what the backup knew of the engines (`about`)."""

    parts: tuple[PartCount, ...]
    about: dict[str, Any] = {}

    def rows(self, kind: str) -> int:
        """Return the rows of all tables of a kind."""
        return sum(one.rows for one in self.parts if one.kind == kind and one.name != SCHEMA)


def digest(*pieces: bytes) -> bytes:
    """Return the digest of bytes that follow each other."""
    made = blake2b(digest_size=DIGEST)
    for piece in pieces:
        made.update(piece)
    return made.digest()
