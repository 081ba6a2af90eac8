"""A definition as lines of a form, and back: one level of conditions, joined by all or any, each may be turned round.

What is nested deeper doesn't fit into lines; it's edited as JSON.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

from amity.engines.past.behaviour.fields import compared_of, number_of, property_of, text_of, window_of, window_text
from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.audiences.language import Definition, read, written

KINDS = ("did", "measure", "computed", "trait", "account", "consent", "identifier", "audience")
FIELDS = ("kind", "not", "name", "test", "to", "times", "of", "take", "window", "property", "ptest", "pto")
_SINGLE = {"all": "all", "any": "any"}
MOST = 20


@dataclass(slots=True)
class Line:
    """One condition: what its fields hold, as text."""

    kind: str
    given: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Lines:
    """A form's conditions and how they are joined (`all` or `any`)."""

    join: str
    lines: list[Line]

    def definition(self) -> Definition:
        """Return what the lines say. Raises Invalid with what to mend."""
        for number, line in enumerate(self.lines, 1):
            missing = _missing(line)
            if missing:
                raise Invalid(f"Condition {number} isn’t whole yet: {missing}.")
        parts = [_condition(line) for line in self.lines]
        return read(json.dumps({"version": 1, "where": {"kind": "any" if self.join == "any" and parts else "all", "of": parts}}))


def from_form(given: Mapping[str, str]) -> Lines:
    """Read a form's fields `c<number>-<field>`."""
    numbers = sorted({int(name[1:].split("-")[0]) for name in given if name[:1] == "c" and name[1:].split("-")[0].isdecimal()})
    lines = []
    for number in numbers[:MOST]:
        kind = given.get(f"c{number}-kind", "")
        if kind in KINDS:
            lines.append(Line(kind, {name: given.get(f"c{number}-{name}", "").strip()[:500] for name in FIELDS}))
    return Lines("any" if given.get("join") == "any" else "all", lines)


def from_definition(definition: Definition) -> Lines | None:
    """Return a definition as lines, None where it doesn't fit."""
    where: dict[str, Any] = json.loads(msgspec.json.encode(written(definition)))["where"]
    join = where["kind"] if where["kind"] in _SINGLE else "all"
    parts = where["of"] if where["kind"] in _SINGLE else [where]
    lines = Lines(join, [])
    for part in parts:
        turned = part["kind"] == "not"
        one = _line(part["of"] if turned else part)
        if one is None:
            return None
        one.given["not"] = "1" if turned else ""
        lines.lines.append(one)
    # Only what comes back the same is shown as lines: nothing may be lost by looking at it.
    again = json.loads(msgspec.json.encode(written(lines.definition())))["where"]
    same = again == (where if where["kind"] in _SINGLE else {"kind": "all", "of": [where]})
    return lines if same else None


def _missing(line: Line) -> str:  # noqa: PLR0911  one answer for each kind
    """Return what a line lacks, in words."""
    get = line.given.get
    if line.kind in {"trait", "consent"} and not get("name"):
        return "write the name of a trait" if line.kind == "trait" else "write a purpose"
    if line.kind in {"audience", "computed"} and not (get("name") or "").strip("0"):
        return "choose an audience" if line.kind == "audience" else "choose a computed trait"
    if line.kind == "measure" and isinstance(number_of(get("to") or ""), str):
        return "write the number that it is compared to"
    if line.kind == "did" and isinstance(number_of(get("times") or "1"), str):
        return "write how often, as a number"
    if line.kind == "account" and not get("name") and not get("to") and get("test") not in {None, "", "present"}:
        return "write an account’s id, or the name of one of its traits"
    if line.kind == "identifier" and get("test") not in {None, "", "present"} and not get("to"):
        return "write what the identifier is compared to"
    return ""


def _condition(line: Line) -> dict[str, Any]:  # noqa: C901  one case for each kind
    get = line.given.get
    made: dict[str, Any] = {"kind": line.kind}
    match line.kind:
        case "did":
            made["event"] = _event(line)
            if get("times") not in {None, "", "1"}:
                made["at_least"] = number_of(get("times", ""))
        case "measure":
            made |= {"event": _event(line), "take": get("take") or "sum", "of": property_of(get("of", "")) or "value"}
            made |= {"is": get("test") or "at_least", "to": number_of(get("to", ""))}
        case "computed":
            made |= {"id": number_of(get("name", "")), **compared_of(get("test", ""), get("to", ""))}
        case "trait":
            made |= {"name": get("name", ""), **compared_of(get("test", ""), get("to", ""))}
        case "account":
            made |= {"name": get("name", "")} if get("name") else {}
            if get("test") not in {None, "", "present"}:
                made |= compared_of(get("test", ""), get("to", ""), text=not get("name"))
        case "consent":
            made |= {"purpose": get("name", ""), "is": get("test") or "granted"}
        case "identifier":
            made |= {"of": get("name") or "email"}
            if get("test") not in {None, "", "present"}:
                made |= compared_of(get("test", ""), get("to", ""), text=True)
        case _:
            made["id"] = number_of(get("name", ""))
    if line.kind in {"did", "measure"} and get("window"):
        made["within"] = window_of(get("window", ""))
    return {"kind": "not", "of": made} if get("not") else made


def _event(line: Line) -> dict[str, Any]:
    event: dict[str, Any] = {"name": line.given["name"]} if line.given.get("name") else {}
    if line.given.get("property"):
        of = property_of(line.given["property"])
        event["where"] = [{"of": of, **compared_of(line.given.get("ptest", ""), line.given.get("pto", ""))}]
    return event


def _line(part: dict[str, Any]) -> Line | None:
    kind = part["kind"]
    if kind not in KINDS:
        return None
    given = {"to": text_of(part["to"])} if "to" in part else {}
    given["test"] = part.get("is", "")
    given["name"] = str(
        part.get("name") or part.get("purpose") or part.get("id") or (part.get("of") if kind == "identifier" else "") or ""
    )
    if "event" in part:
        event = part["event"]
        given |= {"name": event.get("name", ""), "times": str(part.get("at_least", 1)), "take": part.get("take", "")}
        given["of"] = part.get("of", "") if kind == "measure" else ""
        if len(event.get("where", ())) > 1:
            return None
        for one in event.get("where", ()):
            given |= {"property": one["of"], "ptest": one["is"], "pto": text_of(one.get("to", ""))}
        if part.get("within"):
            given["window"] = window_text(part["within"])
    return Line(kind, given)
