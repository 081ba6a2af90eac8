"""Lists of customers from what people write down: which line names what, and which lines name nothing. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal
from uuid import UUID

from amity.rooms.customers.rules.identifiers import IdentityRules, spellings

OWN = "@customer"  # a kind that no client can send: the customer's id in Amity
ANY = ""  # whatever kind it is that has the value
Mode = Literal["add", "remove", "replace"]
MODES: tuple[Mode, ...] = ("add", "remove", "replace")
REASONS = {
    "empty": "Nothing stands there.",
    "invalid": "It can’t be an identifier of this kind.",
    "unreadable": "The line can’t be read.",
    "unknown": "No customer has it.",
    "ambiguous": "Several customers have it, as identifiers of different kinds.",
}
MOST_TOLD = 10_000
MOST_LINES = 2_000_000
_NOTHING = frozenset({"", "na", "n/a", "null", "none", "nan", "-", "(null)", "undefined"})


@dataclass(slots=True)
class Read:
    """What a file's column holds: how each value may be stored, with the first line that it stands in; and lines that hold nothing.

    `lines` counts them all, `again` those whose value stood before.
    """

    values: dict[str, int] = field(default_factory=dict)
    spelled: dict[str, list[str]] = field(default_factory=dict)
    trouble: list[tuple[int, str]] = field(default_factory=list)
    lines: int = 0
    again: int = 0


def read_cells(rows: Iterable[tuple[int, Mapping[str, Any] | None]], *, column: str, kind: str, rules: IdentityRules) -> Read:
    """Read the cells of a column as identifiers of a kind."""
    found = Read()
    for line, row in rows:
        found.lines += 1
        if row is None:
            found.trouble.append((line, "unreadable"))
            continue
        text = text_of(row.get(column))
        if text.lower() in _NOTHING:
            found.trouble.append((line, "empty"))
            continue
        stored = stored_as(text, kind=kind, rules=rules)
        if not stored:
            found.trouble.append((line, "invalid"))
        elif stored[0] in found.values:
            found.again += 1
        else:
            found.values[stored[0]] = line
            found.spelled[stored[0]] = stored
    return found


def stored_as(text: str, *, kind: str, rules: IdentityRules) -> list[str]:
    """Return how a value may be stored, the likeliest first; nothing for what can't identify."""
    if kind == OWN:
        try:
            return [str(UUID(text))]
        except ValueError:
            return []
    if kind == ANY:
        return spellings(text, phone_region=rules.phone_region)
    value, _ = rules.admit(kind, text)
    return [value] if value else []


def text_of(cell: Any) -> str:
    """Return a cell as the text of an identifier: whole numbers without the `.0` that spreadsheets give them."""
    if cell is None:
        return ""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell).replace("\0", "").strip()
