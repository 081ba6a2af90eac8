"""A file of rows for who wants no interactions of it: with the same eyes for format, encoding, separator and columns."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from amity.rooms.collection.contracts import FileColumn, FileTable
from amity.rooms.collection.rules.imports.looking import Look, look
from amity.rooms.collection.rules.imports.mapping import CUSTOMER_FIELDS
from amity.rooms.collection.rules.imports.mapping import Mapping as Map
from amity.rooms.collection.rules.imports.refusal import Refused

_NO_NAME = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|\+?[\d\s()/.-]{7,}|[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}")


def look_at_table(stream: BinaryIO, *, name: str, size: int) -> FileTable:
    """Look at a file that can be read from anywhere; it has to stay open as long as rows are read. Raises Invalid.

    A first line that holds an address, a number or an id instead of a name is a row like the others.
    """
    found = look(stream, name=name, size=size, given=Map())
    if any(_NO_NAME.fullmatch(column) for column in found.columns):
        found = look(stream, name=name, size=size, given=Map(header=False))

    def rows() -> Iterator[tuple[int, Mapping[str, Any] | None]]:
        for one in found.open().rows():
            yield (one.line, None) if isinstance(one, Refused) else one

    return FileTable(facts=tuple(found.facts), columns=_columns(found), guessed=_guessed(found), rows=rows)


def _columns(found: Look) -> tuple[FileColumn, ...]:
    looks = [found.looks[name] for name in found.columns]
    return tuple(
        FileColumn(
            name=one.name, kind=one.kind, filled=one.filled, different=one.different, example=one.example, emails=one.emails
        )
        for one in looks
    )


def _guessed(found: Look) -> dict[str, str]:
    chosen = {kind: getattr(found.mapping, kind) for kind in CUSTOMER_FIELDS}
    return {kind: column for kind, column in chosen.items() if column}
