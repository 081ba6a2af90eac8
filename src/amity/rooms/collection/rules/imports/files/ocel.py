"""OCEL 2.0 as JSON: events that refer to objects. The objects of one type are the customers; the others become properties."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.imports.files.json_pieces import elements
from amity.rooms.collection.rules.imports.files.table import Measured, Placed, Row
from amity.rooms.collection.rules.imports.refusal import Refused

CUSTOMER, EVENT, TIME, OBJECTS, ID = "customer", "event", "time", "objects", "ocel_id"
_SHOWN = 500


class _Attribute(msgspec.Struct):
    name: str
    value: Any = None


class _Reference(msgspec.Struct, rename="camel"):
    object_id: str
    qualifier: str = ""


class _Event(msgspec.Struct):
    id: str
    type: str
    time: str
    attributes: list[_Attribute] = []
    relationships: list[_Reference] = []


class _Object(msgspec.Struct):
    id: str
    type: str


_event = msgspec.json.Decoder(_Event).decode
_object = msgspec.json.Decoder(_Object).decode


def object_types(stream: BinaryIO) -> dict[str, str]:
    """Return each object's type by its id. That is all of a log that is held in memory. Raises Invalid."""
    found: dict[str, str] = {}
    names: dict[str, str] = {}
    for _, text in elements(stream, wanted=frozenset({b"objects"})):
        try:
            one = _object(text)
        except msgspec.DecodeError as error:
            raise Invalid(f"An object of the log can't be read: {error}.") from error
        found[one.id] = names.setdefault(one.type, one.type)
    return found


class Ocel:
    """An OCEL 2.0 log: a row for each customer that an event refers to; an event without one is a row without customer."""

    typed = True
    unit = "row"

    def __init__(self, stream: BinaryIO, measured: Measured, *, types: dict[str, str], customer: str) -> None:
        self._stream, self._types, self._customer = stream, types, customer
        self.share = measured.share
        self.columns: tuple[str, ...] = (CUSTOMER, EVENT, TIME, OBJECTS, ID)

    def learn(self, sample: list[Row]) -> None:
        """Name the columns by some events."""
        self.columns = tuple(dict.fromkeys([*self.columns, *(name for row in sample for name in row)]))

    def rows(self) -> Iterator[Placed | Refused]:
        """Yield each event's rows with their numbers."""
        at = 0
        try:
            for _, text in elements(self._stream, wanted=frozenset({b"events"})):
                at += 1
                try:
                    event = _event(text)
                except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
                    yield Refused(at, "unreadable", f"It is no event: {error}.", text[:_SHOWN].decode("utf-8", "replace"))
                    continue
                for row in self._rows(event):
                    yield at, row
                    at += 1
                at -= 1
        except Invalid as error:
            yield Refused(at + 1, "unreadable", error.message)

    def _rows(self, event: _Event) -> Iterator[Row]:
        row: Row = {one.name: one.value for one in event.attributes}
        others: dict[str, list[str]] = {}
        customers: list[str] = []
        for one in event.relationships:
            kind = self._types.get(one.object_id, "")
            (customers if kind == self._customer else others.setdefault(kind or "unknown", [])).append(one.object_id)
        row |= {EVENT: event.type, TIME: event.time, OBJECTS: others, ID: event.id}
        for customer in dict.fromkeys(customers) or ("",):
            yield {**row, CUSTOMER: customer}
