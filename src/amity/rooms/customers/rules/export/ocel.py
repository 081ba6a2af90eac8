"""Interactions as an object-centric event log, OCEL 2.0 as JSON: customers and what interactions name, such as orders and tickets, are objects.

https://www.ocel-standard.org/specification/formats/json/. Events come first, so that they need no memory; of objects the ids are held
until the end. Values are text, as the format's own examples have them.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from amity.rooms.customers.rules.export.columns import NO_NOTES, Block, Column
from amity.rooms.customers.rules.export.moments import iso
from amity.rooms.customers.rules.export.xes import LEFT_OUT, leaves

CUSTOMER = "customer"
NAMED = {
    "order": ("order_id", "orderId"), "ticket": ("ticket_id", "ticketId"), "conversation": ("conversation_id", "conversationId"),
    "cart": ("cart_id", "cartId"), "invoice": ("invoice_id", "invoiceId"), "subscription": ("subscription_id", "subscriptionId"),
}  # fmt: skip
_TOLD = frozenset({"time", "name", "customer_id", "properties", "group_id"})


class Ocel:
    """Turns blocks into one OCEL 2.0 document. An object's id is its type and its own id; a customer's is the customer's."""

    media_type, ending = "application/json", "jsonocel"

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = columns
        self._objects: dict[str, tuple[str, str]] = {}  # by id: the type, and the customer who was first seen with it
        self._events: dict[str, dict[str, None]] = {}  # by type: the names of attributes
        self._first = True

    def begin(self) -> bytes:
        """Return the beginning of the events."""
        return b'{"events":['

    def add(self, block: Block) -> bytes:
        """Return a block's events."""
        out: list[bytes] = []
        for values in zip(*block, strict=True):
            row = {column.name: value for column, value in zip(self._columns, values, strict=True)}
            out += [b"\n" if self._first else b",\n", msgspec.json.encode(self._event(row))]
            self._first = False
        return b"".join(out)

    def end(self, notes: Mapping[str, str] = NO_NOTES) -> bytes:  # noqa: ARG002  there is no place for them
        """Return the objects, and the types of both."""
        types = sorted({kind for kind, _ in self._objects.values()})
        objects = [
            {
                "id": one,
                "type": kind,
                "attributes": [],
                "relationships": [{"objectId": owner, "qualifier": "of"}] if owner else [],
            }
            for one, (kind, owner) in self._objects.items()
        ]
        told = {
            "objects": objects, "objectTypes": [{"name": kind, "attributes": []} for kind in types],
            "eventTypes": [
                {"name": name, "attributes": [{"name": each, "type": "string"} for each in attributes]}
                for name, attributes in self._events.items()
            ],
        }  # fmt: skip
        return b"\n]," + msgspec.json.encode(told)[1:] + b"\n"

    def _event(self, row: Mapping[str, Any]) -> dict[str, Any]:
        properties = json.loads(row["properties"] or "{}")
        name = row["name"] or row["type"]
        attributes = dict(self._attributes(row, properties))
        self._events.setdefault(name, {}).update(dict.fromkeys(attributes))
        return {
            "id": row["key"], "type": name, "time": iso(row["time"]),
            "attributes": [{"name": each, "value": value} for each, value in attributes.items()],
            "relationships": [{"objectId": one, "qualifier": kind} for kind, one in self._met(row, properties)],
        }  # fmt: skip

    def _met(self, row: Mapping[str, Any], properties: dict[str, Any]) -> Iterator[tuple[str, str]]:
        customer = row["customer_id"]
        self._objects.setdefault(customer, (CUSTOMER, ""))
        yield CUSTOMER, customer
        known = [
            (kind, next((properties[one] for one in names if _names(properties.get(one))), None)) for kind, names in NAMED.items()
        ]
        for kind, said in [*known, ("account", row["group_id"] or None)]:
            if said is not None:
                one = f"{kind}:{said}"
                self._objects.setdefault(one, (kind, "" if kind == "account" else customer))
                yield kind, one

    def _attributes(self, row: Mapping[str, Any], properties: dict[str, Any]) -> Iterator[tuple[str, str]]:
        for column in self._columns:
            value = row[column.name]
            if column.name not in _TOLD | LEFT_OUT and value not in (None, "", "{}", "[]"):
                yield column.name, iso(value) if column.kind == "time" else _text(value)
        for path, value in leaves("properties", properties):
            yield path, _text(value)


def _names(value: Any) -> bool:
    """Return whether a value can name an object: text or a whole number."""
    return isinstance(value, str | int) and not isinstance(value, bool) and value != ""


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else str(value)
