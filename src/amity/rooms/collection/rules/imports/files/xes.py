"""XES, the event logs of process mining: a row an event, its case's attributes as `case:…`; entities and DTDs are refused."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO
from xml.etree.ElementTree import Element, ParseError

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.imports.files.table import Measured, Placed, Row
from amity.rooms.collection.rules.imports.refusal import Refused

CASE = "case:"
_VALUES = {"string", "date", "int", "float", "boolean", "id"}


class Xes:
    """An XES log. Its columns are those that its first events use."""

    typed = False
    unit = "event"

    def __init__(self, stream: BinaryIO, measured: Measured) -> None:
        self._stream = stream
        self.share = measured.share
        self.columns: tuple[str, ...] = ()

    def learn(self, sample: list[Row]) -> None:
        """Name the columns by some events."""
        self.columns = tuple(dict.fromkeys(name for row in sample for name in row))

    def rows(self) -> Iterator[Placed | Refused]:
        """Yield each event with its number. Raises Invalid for a file with entities or a DTD."""
        from defusedxml.common import DefusedXmlException
        from defusedxml.ElementTree import iterparse

        at = 0
        try:
            for at, row in enumerate(_events(iterparse(self._stream, events=("start", "end"), forbid_dtd=True)), 1):
                yield at, row
        except DefusedXmlException as error:
            raise Invalid("The file declares a DTD or entities, which no event log needs; it isn't read.") from error
        except (ParseError, OSError, EOFError) as error:
            if not at:
                raise Invalid(f"The file can't be read as XES: {error}.") from error
            yield Refused(at + 1, "unreadable", f"From here on the file can't be read: {error}.")


def _events(steps: Iterator[tuple[str, Element]]) -> Iterator[Row]:
    root: Element | None = None
    case: Row = {}
    within: list[str] = []
    for step, element in steps:
        tag = element.tag.rpartition("}")[2]
        if step == "start":
            root = element if root is None else root
            within.append(tag)
            continue
        within.pop()
        inner = within[-1] if within else ""
        if tag == "event" and inner in {"trace", "log"}:
            yield {**case, **_attributes(element, "")}
            element.clear()
        elif tag in _VALUES and inner == "trace":
            case.update(_attribute(element, CASE))
        elif tag == "trace":
            case = {}
            if root is not None:
                root.clear()


def _attributes(element: Element, prefix: str) -> Row:
    row: Row = {}
    for one in element:
        row.update(_attribute(one, prefix))
    return row


def _attribute(element: Element, prefix: str) -> Row:
    """Return an attribute and those inside it, whose names its own precedes."""
    key = element.get("key", "")
    tag = element.tag.rpartition("}")[2]
    row: Row = {}
    if key and tag in _VALUES:
        row[prefix + key] = _value(tag, element.get("value", ""))
    if len(element):
        for one in element:
            row.update(_attribute(one, f"{prefix}{key}." if key else prefix))
    return row


def _value(tag: str, text: str) -> Any:
    try:
        if tag == "int":
            return int(text)
        if tag == "float":
            return float(text)
    except ValueError:
        return text
    return text.strip().lower() == "true" if tag == "boolean" else text
