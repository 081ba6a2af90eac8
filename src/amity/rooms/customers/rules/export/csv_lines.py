"""Rows as CSV (RFC 4180): UTF-8, one header line, numbers bare, and no cell that a spreadsheet would run as a formula."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from amity.kernel.cells import safe_cell
from amity.rooms.customers.rules.export.columns import NO_NOTES, Block, Column
from amity.rooms.customers.rules.export.moments import iso


class CsvLines:
    """Turns blocks into CSV. Empty cells are unknown values or empty texts; times ISO 8601 in UTC; truths `true` and `false`."""

    media_type, ending = "text/csv; charset=utf-8", "csv"

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._out = io.StringIO()
        self._csv = csv.writer(self._out, lineterminator="\r\n")

    def begin(self) -> bytes:
        """Return the header line."""
        self._csv.writerow([safe_cell(column.name) for column in self._columns])
        return self._taken()

    def add(self, block: Block) -> bytes:
        """Return a block's lines."""
        cells = [_CELLS[column.kind](values) for column, values in zip(self._columns, block, strict=True)]
        self._csv.writerows(zip(*cells, strict=True))
        return self._taken()

    def end(self, notes: Mapping[str, str] = NO_NOTES) -> bytes:  # noqa: ARG002  there is no place for them at a file's end
        """Return nothing: the last line ended already."""
        return b""

    def _taken(self) -> bytes:
        text = self._out.getvalue()
        self._out.seek(0)
        self._out.truncate()
        return text.encode("utf-8", "replace")


def _texts(values: Sequence[Any]) -> Iterator[str]:
    return map(safe_cell, values)


def _numbers(values: Sequence[Any]) -> Iterator[str]:
    return ("" if value is None else f"{value:f}" if value else "0" for value in values)


def _whole(values: Sequence[Any]) -> Iterator[str]:
    return ("" if value is None else str(int(value)) for value in values)


def _times(values: Sequence[Any]) -> Iterator[str]:
    return ("" if value is None else iso(value) for value in values)


def _truths(values: Sequence[Any]) -> Iterator[str]:
    return ("" if value is None else "true" if value else "false" for value in values)


_CELLS = {"text": _texts, "json": _texts, "number": _whole, "money": _numbers, "time": _times, "truth": _truths}
