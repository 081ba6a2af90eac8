"""Joins rows that are the lines of one interaction: an order's products. It holds what may still get a line, and no more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from amity.facts.interaction import Interaction
from amity.rooms.collection.rules.imports.cells import number_in
from amity.rooms.collection.rules.imports.columns import cell_of, is_nothing
from amity.rooms.collection.rules.imports.files.table import Row
from amity.rooms.collection.rules.imports.making import Maker
from amity.rooms.collection.rules.imports.mapping import Case, Lines
from amity.rooms.collection.rules.imports.refusal import Unfit

WITHIN = 20_000
"""Rows for which an interaction waits for another line of its own."""
MOST_LINES = 3_000
"""Lines after which an interaction is closed; more of the same begin another one."""
CENTS = 4


@dataclass(slots=True)
class _Open:
    at: int
    row: Row
    case: Case | None
    touched: int
    items: list[dict[str, Any]] = field(default_factory=list)
    total: float = 0.0
    counted: bool = False


class Joiner:
    """Gathers lines. `add` each row, and take what is finished from it; at the end take the `rest`."""

    def __init__(self, maker: Maker, lines: Lines, *, within: int = WITHIN) -> None:
        self._maker, self._lines, self._within = maker, lines, within
        self._open: dict[str, _Open] = {}  # the least recently touched first
        self._columns = maker.cells(lines.columns)
        self._amounts = [number_in(name, maker.number) for name in (lines.amount, lines.quantity, lines.price) if name]
        self._count = 0
        self.split = 0

    def add(self, at: int, row: Row) -> Iterator[tuple[int, Interaction | Unfit]]:
        """Take a row; yield interactions that get no further line, with the place of their first one. Raises Unfit for the row."""
        cell = cell_of(row, self._lines.by)
        if is_nothing(cell):
            raise Unfit("bad_field", f"Nothing stands in {self._lines.by}, which says what it is a line of.")
        self._count += 1
        key = str(cell).strip()
        amount = self._amount(row)
        held = self._open.pop(key, None)
        if held is None:
            held = _Open(at, row, self._maker.case_of(row), self._count)
        if held.case is None or not held.case.leave_out:
            item = self._columns(row)
            if item:
                held.items.append(item)
            if amount is not None:
                held.total, held.counted = held.total + amount, True
        held.touched = self._count
        self._open[key] = held
        yield from self._due(key)

    def rest(self) -> Iterator[tuple[int, Interaction | Unfit]]:
        """Yield all that is still open."""
        for held in self._open.values():
            yield from self._finish(held)
        self._open.clear()

    def _due(self, key: str) -> Iterator[tuple[int, Interaction | Unfit]]:
        if len(self._open[key].items) >= MOST_LINES:
            self.split += 1
            yield from self._finish(self._open.pop(key))
        while self._open:
            oldest = next(iter(self._open))
            if self._count - self._open[oldest].touched < self._within:
                return
            yield from self._finish(self._open.pop(oldest))

    def _finish(self, held: _Open) -> Iterator[tuple[int, Interaction | Unfit]]:
        if held.case is not None and held.case.leave_out:
            return
        try:
            properties = self._maker.properties(held.row)
            if held.counted:
                properties[self._maker.value_as(held.case, "total")] = round(held.total, CENTS)
            properties[self._lines.into] = held.items  # last: of what is too much for the past the end is kept as text
            yield held.at, self._maker.finish(held.at, held.row, held.case, properties)
        except Unfit as unfit:
            yield held.at, unfit

    def _amount(self, row: Row) -> float | None:
        found = 1.0
        for read in self._amounts:
            number = read(row)
            if number is None:
                return None
            found *= number
        return found if self._amounts else None
