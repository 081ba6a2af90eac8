"""What people see of an Amity, whatever its customers are called inside: for holding several workers against one.

Workers that share the customers by shard don't work in the log's order, so another interaction may be the first to tell of
somebody. A customer's id is derived from that one, and the evidence of merges tells how it came about. Neither is
anything that the customers themselves have or did.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from bench.chaos.state import Row, State

_KEPT = {
    "customers": ("workspace_id", "traits", "words"),
    "identifiers": ("workspace_id", "kind", "value"),
    "activity": (
        "workspace_id", "first_seen", "last_seen", "last_key", "last_name", "interactions", "channels", "values", "consent",
        "session_start", "session_campaign",
    ),
    "seen": ("period", "key"),
    "counts": ("workspace_id", "source_id", "hour", "outcome", "count"),
    "quarantine": ("workspace_id", "source_id", "message_id", "reason", "step"),
}  # fmt: skip
# Of an interaction: not what was known of consent at the moment it was worked, nor ids that are derived from the customer's.
_WITHOUT = {"customer_id", "session_id", "consent"}


def as_seen(state: State) -> State:
    """Return the state with each customer called by the first of its identifiers, without evidence of how it came about."""
    names = _names(state)
    seen = State()
    for name, columns in _KEPT.items():
        table = state.tables[name]
        rows = [
            {column: row[column] for column in columns} | _of(row, key, name, names)
            for key, row in table.items()
            if not row.get("merged_into")
        ]
        seen.add(name, ("at",), iter(_numbered(rows)))
    told = [
        {column: value for column, value in row.items() if column not in _WITHOUT} | {"whose": names.get(row["customer_id"])}
        for row in state.tables["interactions"].values()
    ]
    seen.add("interactions", ("message_key",), iter(told))
    return seen


def _names(state: State) -> dict[Any, str]:
    names: dict[Any, str] = {}
    for row in state.tables["identifiers"].values():
        name = f"{row['workspace_id']} {row['kind']} {row['value']}"
        names[row["customer_id"]] = min(name, names.get(row["customer_id"], name))
    return names


def _of(row: Row, key: tuple[Any, ...], table: str, names: dict[Any, str]) -> Row:
    whose = names.get(row["id"] if table == "customers" else row.get("customer_id"))
    return {"whose": whose, "at": str(whose if table in {"customers", "activity"} else key)}


def _numbered(rows: Iterable[Row]) -> list[Row]:
    """Return rows in one order, told apart where they are called the same."""
    count: dict[str, int] = {}
    found = []
    for row in sorted(rows, key=lambda row: str(sorted(row.items(), key=str))):
        count[row["at"]] = count.get(row["at"], 0) + 1
        found.append(row | {"at": f"{row['at']}#{count[row['at']]}"})
    return found
