"""Packs interactions into chunks of about a megabyte: as large as an envelope of the log should be, and no larger."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import msgspec

from amity.facts.envelope import join_envelope
from amity.facts.interaction import Interaction
from amity.kernel.ids import digest

CHUNK_BYTES = 1_000_000
_encode = msgspec.json.Encoder().encode


@dataclass(slots=True)
class Chunk:
    """An envelope on its way: its bytes, the id under which the log takes it once, and what it brings.

    `mark` is what came with its last interaction: how far the sender had read. `task` is the attempt under way.
    """

    body: bytes
    message_id: str
    interactions: int
    mark: Any
    task: asyncio.Task[int] | None = None
    seq: int = 0


class Packer:
    """Fills one chunk after the other, in order."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0
        self._mark: Any = None

    def add(self, one: Interaction | bytes, mark: Any = None) -> Chunk | None:
        """Take an interaction, encoded already or not; return the chunk that this completed, if it did."""
        encoded = one if isinstance(one, bytes) else _encode(one)
        full = self.rest() if self._parts and self._size + len(encoded) > CHUNK_BYTES else None
        self._parts.append(encoded)
        self._size += len(encoded) + 1
        self._mark = mark
        return full

    def rest(self) -> Chunk | None:
        """Return what is held as a chunk, None if there is nothing."""
        if not self._parts:
            return None
        body = join_envelope(interactions=self._parts)
        chunk = Chunk(body, digest("bulk", body).hex(), len(self._parts), self._mark)
        self._parts, self._size = [], 0
        return chunk
