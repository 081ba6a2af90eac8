"""Rows as JSON Lines: one object a line, money as text, and JSON columns as the objects that they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from amity.rooms.customers.rules.export.columns import NO_NOTES, Block, Column
from amity.rooms.customers.rules.export.moments import iso

_NULL = msgspec.Raw(b"null")


class JsonLines:
    """Turns blocks into JSON Lines. What is unknown is null; times are ISO 8601 in UTC."""

    media_type, ending = "application/x-ndjson", "jsonl"

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._names = [column.name for column in columns]
        self._encoder = msgspec.json.Encoder(decimal_format="string")

    def begin(self) -> bytes:
        """Return nothing: each line names its columns."""
        return b""

    def add(self, block: Block) -> bytes:
        """Return a block's lines."""
        columns = [_VALUES.get(column.kind, _same)(values) for column, values in zip(self._columns, block, strict=True)]
        rows = (dict(zip(self._names, row, strict=True)) for row in zip(*columns, strict=True))
        return self._encoder.encode_lines(rows)

    def end(self, notes: Mapping[str, str] = NO_NOTES) -> bytes:  # noqa: ARG002  there is no place for them at a file's end
        """Return nothing: the last line ended already."""
        return b""


def _same(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _raw(values: Sequence[Any]) -> Iterator[msgspec.Raw]:
    return (msgspec.Raw(value.encode("utf-8", "replace")) if value else _NULL for value in values)


def _times(values: Sequence[Any]) -> Iterator[str | None]:
    return (None if value is None else iso(value) for value in values)


def _truths(values: Sequence[Any]) -> Iterator[bool | None]:
    return (None if value is None else bool(value) for value in values)


_VALUES: dict[str, Any] = {"json": _raw, "time": _times, "truth": _truths}
