"""What the columns of a file hold, told by some of their cells."""

from __future__ import annotations

import re
from collections.abc import Mapping as Named
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Literal

from amity.rooms.collection.rules.imports.dates import Dates, find_dates, like_time
from amity.rooms.collection.rules.imports.numbers import find_decimal, is_number

Kind = Literal["empty", "text", "number", "boolean", "time", "object"]
NOTHING = frozenset({"", "na", "n/a", "null", "none", "nan", "nil", "-", "(null)", "undefined"})
"""What people and programs write where they know no customer, number or time; in any case."""
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_WHOLE = re.compile(r"\d{1,15}\.0")
_NAMES_SOMETHING = re.compile(
    r"(?i)(?:\b|_|[a-z](?=[A-Z]))(?:id|no|nr|nummer|number|code|zip|plz|postcode|sku|ean|isbn|phone|tel)\b|(?-i:[a-z](?:Id|ID|No|Nr|Code))\b"
)
"""Columns whose digits are names, not quantities: nobody adds them up, and a leading zero counts."""
_TRUTH = {"true", "false"}
_MOSTLY, _NEARLY = 0.9, 0.95


@dataclass(frozen=True, slots=True, kw_only=True)
class ColumnLook:
    """One column: what it holds, how its times are written, how many different cells of how many it showed.

    `whole`: numbers that name something and got a `.0` on the way (17850.0), which is not part of the name.
    """

    name: str
    kind: Kind
    dates: Dates = Dates("")
    filled: int = 0
    different: int = 0
    emails: bool = False
    whole: bool = False
    example: str = ""


def look_at(columns: Sequence[str], rows: Sequence[Named[str, Any]], *, decimal: str) -> dict[str, ColumnLook]:
    """Return what each column holds, by these rows."""
    return {name: _look(name, [cell_of(row, name) for row in rows], decimal=decimal) for name in columns}


def decimal_of(rows: Sequence[Named[str, Any]]) -> str:
    """Return the decimal sign of a file of text: the one that its columns need."""
    return find_decimal(cell for row in rows[:500] for cell in row.values() if isinstance(cell, str))


def cell_of(row: Named[str, Any], name: str) -> Any:
    """Return a cell; `a.b` is also what stands under b in the object a. None where there is none."""
    if name in row or "." not in name:
        return row.get(name)
    outer, _, inner = name.partition(".")
    held = row.get(outer)
    return held.get(inner) if isinstance(held, dict) else None


def is_nothing(cell: Any) -> bool:
    """Whether a cell says that nothing is known."""
    if cell.__class__ is str:
        return len(cell) < 20 and cell.strip().lower() in NOTHING
    return cell is None or cell != cell  # noqa: PLR0124  NaN


def _look(name: str, cells: list[Any], *, decimal: str) -> ColumnLook:
    known = [cell for cell in cells if not is_nothing(cell)]
    if not known:
        return ColumnLook(name=name, kind="empty")
    texts = [cell.strip() for cell in known if isinstance(cell, str)]
    different = len({repr(cell) for cell in known})
    typed = len(texts) < len(known)
    told = ColumnLook(
        name=name, kind=_typed(known), dates=Dates("iso"), filled=len(known), different=different, example=str(known[0])[:80]
    )
    if typed:
        return told
    dates = find_dates(texts)
    if not dates.form and len(times := [one for one in texts if like_time(one)]) >= _NEARLY * len(texts):
        dates = find_dates(times)  # a few broken cells are rejected rows, and make no column of texts
    emails = sum(bool(_EMAIL.fullmatch(one)) for one in texts) > _MOSTLY * len(texts)
    whole = all(_WHOLE.fullmatch(one) for one in texts)
    return replace(told, kind=_kind(name, texts, dates, decimal), dates=dates, emails=emails, whole=whole)


def _kind(name: str, texts: list[str], dates: Dates, decimal: str) -> Kind:
    if {one.lower() for one in texts} <= _TRUTH:
        return "boolean"
    if all(is_number(one, decimal=decimal) for one in texts) and not _NAMES_SOMETHING.search(name):
        return "number"
    return "time" if dates.form else "text"


def _typed(known: list[Any]) -> Kind:
    first = known[0]
    if isinstance(first, bool):
        return "boolean"
    if isinstance(first, int | float | Decimal):
        return "number"
    if isinstance(first, date):
        return "time"
    return "object" if isinstance(first, dict | list) else "text"
