"""Reads cells: each reader is made once for a column, and knows then what it needs not look at in every row."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from typing import Any

import msgspec

from amity.rooms.collection.rules.imports.columns import NOTHING, ColumnLook, cell_of, is_nothing
from amity.rooms.collection.rules.imports.files.table import Row
from amity.rooms.collection.rules.imports.mapping import Case, Column
from amity.rooms.collection.rules.imports.refusal import Unfit

LONGEST_ID = 500

Cell = Callable[[Row], Any]
Cells = Callable[[Row], dict[str, Any]]
Chosen = Callable[[Row], str]
Number = Callable[[str], int | float]


def cell_reader(name: str) -> Cell:
    """Return what reads a cell, None where there is none."""
    if "." not in name:
        return lambda row: row.get(name)
    return lambda row: cell_of(row, name)


def id_reader(name: str, look: ColumnLook | None) -> Callable[[Row], str | None]:
    """Return what reads an identifier as text: whole numbers without a point, nothing where nothing is known. It raises Unfit."""
    whole, cell_in = look is not None and look.whole, cell_reader(name)

    def read(row: Row) -> str | None:
        cell = cell_in(row)
        if cell.__class__ is not str:
            if isinstance(cell, float) and cell.is_integer():
                cell = int(cell)
            cell = "" if cell is None else str(cell)
        text: str = cell.strip()
        if whole:
            text = text.removesuffix(".0")
        if len(text) < 10 and text.lower() in NOTHING:
            return None
        if len(text) > LONGEST_ID:
            raise Unfit("bad_field", f"{name} has more than {LONGEST_ID} characters: that is no identifier.")
        return text

    return read


def number_in(name: str, number: Number) -> Callable[[Row], int | float | None]:
    """Return what reads a cell that must be a number, or nothing. It raises Unfit."""
    cell_in = cell_reader(name)

    def read(row: Row) -> int | float | None:
        cell = cell_in(row)
        if is_nothing(cell):
            return None
        if isinstance(cell, str):
            try:
                return number(cell)
            except ValueError:
                raise Unfit("bad_number", f"{name} is {cell[:60]!r}, which is no number.") from None
        if isinstance(cell, Decimal):
            return float(cell)
        if isinstance(cell, int | float) and not isinstance(cell, bool):
            return cell
        raise Unfit("bad_number", f"{name} is no number.")

    return read


def cells_reader(names: dict[str, str], typed: dict[str, Callable[[str], Any]]) -> Cells:
    """Return what reads some cells (name: column), texts by `typed` where a column has a type; empty ones are left out."""
    plan = [(name, column, cell_reader(column), typed.get(column)) for name, column in names.items()]
    if not plan:
        return lambda _: {}

    def read(row: Row) -> dict[str, Any]:
        found = {}
        for name, column, cell_in, of_text in plan:
            cell = row[column] if column in row else cell_in(row)
            if cell is None or cell == "":
                continue
            found[name] = of_text(cell) if of_text is not None and cell.__class__ is str else cell
        return found

    return read


def types_of(looks: Iterable[ColumnLook], number: Number) -> dict[str, Callable[[str], Any]]:
    """Return how texts of columns become numbers and truths; what doesn't stays text."""

    def number_or_text(cell: str) -> Any:
        try:
            return number(cell)
        except ValueError:
            return cell

    def truth_or_text(cell: str) -> Any:
        return {"true": True, "false": False}.get(cell.strip().lower(), cell)

    kinds: dict[str, Callable[[str], Any]] = {"number": number_or_text, "boolean": truth_or_text}
    return {look.name: kinds[look.kind] for look in looks if look.kind in kinds}


def chosen_reader(given: str | Column) -> Chosen:
    """Return what reads a text that is the same in each row, or stands in a column."""
    if isinstance(given, str):
        return lambda _: given
    first, otherwise = cell_reader(given.column), cell_reader(given.otherwise) if given.otherwise else None

    def read(row: Row) -> str:
        cell = first(row)
        if otherwise is not None and is_nothing(cell):
            cell = otherwise(row)
        return cell.strip() if cell.__class__ is str else "" if cell is None else str(cell).strip()

    return read


def case_reader(case: Case) -> tuple[Callable[[Row], bool], Case]:
    """Return what tells whether a row falls under a case, with the case."""
    text = chosen_reader(Column(case.column))
    if case.starts is not None:
        start = case.starts
        return (lambda row: text(row).startswith(start)), case
    if case.equals is not None:
        return (lambda row: text(row) == case.equals), case
    if case.one_of is not None:
        some = frozenset(case.one_of)
        return (lambda row: text(row) in some), case
    return (lambda row: is_nothing(cell_of(row, case.column)) == case.empty), case


def object_in(row: Row, name: str) -> dict[str, Any]:
    """Return the object that stands in a column, as such or as JSON. Raises Unfit."""
    cell = row.get(name)
    if isinstance(cell, str):
        if not cell.strip():
            return {}
        try:
            cell = msgspec.json.decode(cell)
        except (msgspec.DecodeError, RecursionError):
            raise Unfit("bad_field", f"{name} is no JSON object.") from None
    if cell is None:
        return {}
    if not isinstance(cell, dict):
        raise Unfit("bad_field", f"{name} is no object.")
    return cell
