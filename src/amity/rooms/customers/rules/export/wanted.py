"""Which rows a file is to hold, and in which form: what was asked, checked once, told to the audit log."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol
from uuid import UUID

from amity.kernel.clock import from_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.export.columns import NO_NOTES, Block, Column
from amity.rooms.customers.rules.export.csv_lines import CsvLines
from amity.rooms.customers.rules.export.json_lines import JsonLines
from amity.rooms.customers.rules.export.ocel import Ocel
from amity.rooms.customers.rules.export.parquet import Parquet
from amity.rooms.customers.rules.export.xes import Xes

_CASE = re.compile(r"[\w-]{1,100}(\.[\w-]{1,100}){0,4}")
Format = Literal["csv", "jsonl", "parquet", "xes", "jsonocel"]
OF_STEPS = frozenset({"xes", "jsonocel"})  # which hold interactions, not customers
FORMATS: dict[str, type[Writer]]


class Writer(Protocol):
    """One form of file. It is made with its columns, then gives bytes: `begin`, `add` for each block, `end`."""

    media_type: str
    ending: str

    def __init__(self, columns: Sequence[Column]) -> None: ...

    def begin(self) -> bytes:
        """Return what comes before the first row."""

    def add(self, block: Block) -> bytes:
        """Return what a block adds; may be nothing yet."""

    def end(self, notes: Mapping[str, str] = NO_NOTES) -> bytes:
        """Return what comes after the last row; with notes about the whole, where the form has a place for them at its end."""


FORMATS = {"csv": CsvLines, "jsonl": JsonLines, "parquet": Parquet, "xes": Xes, "jsonocel": Ocel}


@dataclass(frozen=True, slots=True, kw_only=True)
class InteractionsWanted:
    """Which interactions of customers who allow a purpose when they are written; what else is empty lets everything through.

    `since` counts, `until` does not (ms since 1970).
    """

    purpose: str
    customer_id: UUID | None = None
    sources: tuple[int, ...] = ()
    names: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    types: tuple[str, ...] = ()
    voices: tuple[str, ...] = ()
    spelled: tuple[str, ...] = ()  # names of tracked events as `event_key` spells them
    money: bool = False  # only what paid or was paid back
    since: int | None = None
    until: int | None = None
    case: str = ""  # in XES, the property whose values make the traces, such as order_id or cart.id; empty: the customer

    @property
    def case_path(self) -> str:
        """Where the case stands in the properties, as the past's JSONPath; all of them where the customer is the case."""
        return "$" + "".join(f'."{one}"' for one in self.case.split(".") if one)


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomersWanted:
    """Which customers of those who allow a purpose when they are written; what else is empty lets everybody through.

    `text` finds as the list's search does. `traits` are (name, value as text) pairs that all have to fit. `since` and `until` frame when they were last seen.
    """

    purpose: str
    text: str = ""
    channels: tuple[str, ...] = ()
    traits: tuple[tuple[str, str], ...] = ()
    since: int | None = None
    until: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AudienceWanted:
    """The members of an audience who allow a purpose at the moment when they are written."""

    audience_id: int
    purpose: str


Wanted = InteractionsWanted | CustomersWanted | AudienceWanted


def case_of(text: str) -> str:
    """Return the property that cases are told apart by, as people write it: `order_id` or `properties.order_id`. Raises Invalid."""
    case = text.strip().removeprefix("properties.")
    if case and not _CASE.fullmatch(case):
        raise Invalid(f"{text!r} is no property that cases can be told apart by: write order_id, or cart.id within another.")
    return case


def told(wanted: Wanted) -> dict[str, Any]:
    """Return the filters that were set, for the audit log; times as ISO 8601."""
    given = {one.name: getattr(wanted, one.name) for one in fields(wanted)}
    times = {name: from_ms(given[name]).isoformat() for name in ("since", "until") if given.get(name) is not None}
    rest = {name: str(value) if isinstance(value, UUID) else value for name, value in given.items() if name not in times}
    return {name: list(value) if isinstance(value, tuple) else value for name, value in rest.items() if value} | times


def format_of(name: str) -> tuple[Format, bool]:
    """Return the form of file that a name asks for, and whether gzipped. Raises Invalid, which lists the endings."""
    bare = name.lower()
    gzipped = bare.endswith(".gz")
    ending = bare.removesuffix(".gz").rpartition(".")[2]
    if ending not in FORMATS:
        raise Invalid(
            f"{name!r} doesn't say what it is to be: end it in .parquet, .csv, .jsonl, .xes or .jsonocel (all but the first also .gz)."
        )
    if gzipped and ending == "parquet":
        raise Invalid("A Parquet file is compressed inside already: leave out .gz.")
    return ending, gzipped  # type: ignore[return-value]
