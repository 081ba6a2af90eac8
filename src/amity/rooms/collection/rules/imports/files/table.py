"""What every format is read as: rows with named cells, one after the other, each with its place in the file."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any, BinaryIO, Protocol, cast

from amity.rooms.collection.rules.imports.refusal import Refused

Row = dict[str, Any]
Placed = tuple[int, Row]
LINE_MOST = 1_000_000
"""The longest line, in characters, that is read as one: more of it would only fill the memory."""


class Table(Protocol):
    """A file that is read from its beginning, once. `columns` are the names of its cells, as far as they are known.

    `typed`: cells are numbers, times and objects already; else all are text. `unit` is what a place counts: line, row, event.
    """

    columns: tuple[str, ...]
    typed: bool
    unit: str

    def rows(self) -> Iterator[Placed | Refused]:
        """Yield each row with its place, or why it can't be read."""
        ...

    def share(self) -> float:
        """Return about how much of the file is read, from 0 to 1."""
        ...


class _Kept(io.RawIOBase):
    """Bytes of a file that stays open when who reads them is done."""

    def __init__(self, held: BinaryIO) -> None:
        self._held = held

    def readable(self) -> bool:
        return True

    def readinto(self, into: Any) -> int:
        part = self._held.read(len(into))
        into[: len(part)] = part
        return len(part)


def kept(held: BinaryIO) -> BinaryIO:
    """Return a way to read a file from where it stands, without ever closing it."""
    return cast("BinaryIO", io.BufferedReader(_Kept(held), 262_144))


class Measured:
    """A file as bytes, which knows how much of it was read."""

    def __init__(self, raw: BinaryIO, *, size: int) -> None:
        self.raw, self.size = raw, max(size, 1)

    def share(self) -> float:
        """Return how much of the file is read, from 0 to 1."""
        return 1.0 if self.raw.closed else min(self.raw.tell() / self.size, 1.0)


def distinct(names: list[str]) -> tuple[str, ...]:
    """Return names of columns, each once: those without one are numbered, repeated ones too."""
    seen: dict[str, int] = {}
    found: list[str] = []
    for number, raw in enumerate(names, 1):
        name = " ".join(raw.split()) or f"column {number}"
        seen[name] = seen.get(name, 0) + 1
        found.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return tuple(found)
