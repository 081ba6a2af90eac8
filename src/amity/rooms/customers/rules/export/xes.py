"""Interactions as an event log in XES (IEEE 1849-2016, the 1.0 schema): a trace for each customer or other case, an event for each interaction.

Rows have to come by case and then by time. Attributes of our own carry plain keys; `properties.` stands before what a
client sent. Characters that XML can't hold become U+FFFD.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from xml.sax.saxutils import quoteattr

from amity.rooms.customers.rules.export.columns import NO_NOTES, Block, Column
from amity.rooms.customers.rules.export.moments import iso

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<log xes.version="1.0" xes.features="" openxes.version="1.0RC7" xmlns="http://www.xes-standard.org/">
<extension name="Concept" prefix="concept" uri="http://www.xes-standard.org/concept.xesext"/>
<extension name="Time" prefix="time" uri="http://www.xes-standard.org/time.xesext"/>
<extension name="Lifecycle" prefix="lifecycle" uri="http://www.xes-standard.org/lifecycle.xesext"/>
<global scope="trace">
<string key="concept:name" value=""/>
</global>
<global scope="event">
<string key="concept:name" value=""/>
<string key="lifecycle:transition" value="complete"/>
<date key="time:timestamp" value="1970-01-01T00:00:00.000+00:00"/>
</global>
<classifier name="Activity" keys="concept:name"/>
<string key="lifecycle:model" value="standard"/>
"""
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TOLD = frozenset({"time", "name", "customer_id", "properties"})  # in their own way
# The customer, the browser and how Amity keeps it, not the step; the trace's order says what came before.
LEFT_OUT = frozenset({"context", "traits", "key", "previous_name", "previous_time", "original_time", "received_at"})
_LARGEST = 2**63


class Xes:
    """Turns blocks, ordered by case, into one XES document. `case` is the way to a property; without one the customer is the case.

    Where a property is the case, interactions without it are left out, and each event says its customer.
    """

    media_type, ending = "application/xml", "xes"

    def __init__(self, columns: Sequence[Column], *, case: str = "") -> None:
        self._columns = columns
        self._by = case.split(".") if case else []
        self._told = _TOLD - {"customer_id"} if case else _TOLD
        self._case = ""

    def begin(self) -> bytes:
        """Return the head: extensions, globals, the classifier."""
        return _HEAD.encode()

    def add(self, block: Block) -> bytes:
        """Return a block's events, with the traces that begin and end among them."""
        out: list[str] = []
        for values in zip(*block, strict=True):
            row = {column.name: value for column, value in zip(self._columns, values, strict=True)}
            case = _value_at(row["properties"], self._by) if self._by else row["customer_id"]
            if not case:
                continue
            if case != self._case:
                out.append(self._next_trace(case))
            out.append(f"<event>{''.join(self._event(row))}</event>\n")
        return "".join(out).encode()

    def end(self, notes: Mapping[str, str] = NO_NOTES) -> bytes:  # noqa: ARG002  there is no place for them at a file's end
        """Return the end of the last trace and of the log."""
        return (b"</trace>\n" if self._case else b"") + b"</log>\n"

    def _next_trace(self, case: str) -> str:
        closing = "</trace>\n" if self._case else ""
        self._case = case
        return f"{closing}<trace>\n{_attribute('string', 'concept:name', case)}\n"

    def _event(self, row: Mapping[str, Any]) -> Iterator[str]:
        yield _attribute("string", "concept:name", row["name"] or row["type"])
        yield _attribute("date", "time:timestamp", _date(row["time"]))
        yield _attribute("string", "lifecycle:transition", "complete")
        for column in self._columns:
            value = row[column.name]
            if column.name not in self._told | LEFT_OUT and value not in (None, "", "{}", "[]"):
                yield _typed(column, value)
        for key, value in leaves("properties", json.loads(row["properties"] or "{}")):
            yield _of_json(key, value)


def _value_at(properties: str | None, path: Sequence[str]) -> str:
    """Return a text, whole number or truth in properties, as the past's JSON_VALUE writes it; nothing for all else."""
    value = json.loads(properties or "{}")
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value) if isinstance(value, str | int) else ""


def _typed(column: Column, value: Any) -> str:
    if column.kind == "time":
        return _attribute("date", column.name, _date(value))
    if column.kind == "truth":
        return _attribute("boolean", column.name, "true" if value else "false")
    return _attribute({"number": "int", "money": "float"}.get(column.kind, "string"), column.name, str(value))


def _of_json(key: str, value: Any) -> str:
    if isinstance(value, bool):
        return _attribute("boolean", key, "true" if value else "false")
    if isinstance(value, int) and -_LARGEST <= value < _LARGEST:
        return _attribute("int", key, str(value))
    if isinstance(value, float):
        return _attribute("float", key, repr(value))
    return _attribute("string", key, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))


def leaves(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    """Yield what an object holds at its ends, with the way there; arrays count as ends, nothing where it is null."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from leaves(f"{path}.{name}", inner)
    elif value is not None:
        yield path, value


def _attribute(tag: str, key: str, value: str) -> str:
    return f"<{tag} key={_quoted(key)} value={_quoted(value)}/>"


def _quoted(text: str) -> str:
    return quoteattr(_FORBIDDEN.sub("\ufffd", text))


def _date(instant: int) -> str:
    return iso(instant)[:-1] + "+00:00"
