"""A funnel as fields of a form, and back. What doesn't fit into them is edited as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.funnels.language import MOST_STEPS, Funnel, read, written

PARTS = ("name", "event", "type", "property", "ptest", "pto", "optional")
_ANYTHING = {"page": "page", "screen": "screen"}


@dataclass(slots=True)
class Fields:
    """What a form's fields hold, as text: for each step, and for the whole."""

    steps: list[dict[str, str]] = field(default_factory=list)
    given: dict[str, str] = field(default_factory=dict)

    def funnel(self) -> Funnel:
        """Return what the fields say. Raises Invalid with what to mend."""
        if len(self.steps) < 2:
            raise Invalid("A funnel needs at least two steps.")
        amount = self.given.get("amount", "")
        if not amount.isdecimal() or len(amount) > 6:
            raise Invalid("How long may it take? Give a whole number.")
        made: dict[str, Any] = {
            "version": 1,
            "steps": [_step(n, one) for n, one in enumerate(self.steps, 1)],
            "within": {"amount": int(amount), "unit": self.given.get("unit", "days")},
            "order": self.given.get("order") or "ordered",
            "period": window_of(self.given.get("period", "")),
            "hold": value_of(self.given.get("hold", "")),
        }
        if among := self.given.get("among", ""):
            made["among"] = _number(among)
        by, of = self.given.get("by", ""), self.given.get("of", "")
        if by in {"value", "trait"} and not of:
            raise Invalid("Broken down by which? Name the property or trait.")
        if by == "value":
            made["by"] = {"kind": "value", "of": value_of(of)}
        elif by == "trait":
            made["by"] = {"kind": "trait", "name": of}
        elif by == "audience":
            made["by"] = {"kind": "audience", "id": _number(self.given.get("by_audience", ""))}
        return read(json.dumps(made))


def from_form(given: Mapping[str, str]) -> Fields:
    """Read a form's fields `s<number>-<part>` and those of the whole."""
    numbers = sorted({int(name[1:].split("-")[0]) for name in given if name[:1] == "s" and name[1:].split("-")[0].isdecimal()})
    steps = [{part: given.get(f"s{n}-{part}", "").strip()[:500] for part in PARTS} for n in numbers[:MOST_STEPS]]
    whole = ("amount", "unit", "order", "period", "hold", "among", "by", "of", "by_audience")
    return Fields(steps, {name: given.get(name, "").strip()[:500] for name in whole})


def from_funnel(one: Funnel) -> Fields | None:
    """Return the fields that say a funnel; None where they can't."""
    said = written(one)
    steps = []
    for step in said["steps"]:
        event = step["event"]
        where = event.get("where", [])
        if len(where) > 1 or event.get("voice") or (event.get("type") and event.get("type") not in _ANYTHING):
            return None
        if where and isinstance(where[0].get("to"), list | bool):
            return None
        made = dict.fromkeys(PARTS, "") | {
            "name": step.get("name", ""),
            "event": event.get("name", ""),
            "type": event.get("type", ""),
        }
        made["optional"] = "1" if step.get("optional") else ""
        if where:
            made |= {"property": where[0]["of"], "ptest": where[0]["is"], "pto": str(where[0].get("to", ""))}
        steps.append(made)
    period = window_text(said.get("period", {"kind": "last", "amount": 30, "unit": "days"}))
    if period is None:
        return None
    within, by = said.get("within", {"amount": 7, "unit": "days"}), said.get("by") or {}
    return Fields(steps, {
        "amount": str(within["amount"]), "unit": within["unit"], "order": one.order, "period": period, "hold": one.hold,
        "among": str(one.among or ""), "by": by.get("kind", ""), "of": str(by.get("of") or by.get("name") or ""),
        "by_audience": str(by.get("id", "")),
    })  # fmt: skip


def _step(number: int, one: Mapping[str, str]) -> dict[str, Any]:
    event: dict[str, Any] = {"name": one["event"]} if one["event"] else {}
    if one["type"] in _ANYTHING:
        event["type"] = one["type"]
    if not event:
        raise Invalid(f"What is step {number}? Name the event.")
    if one["property"]:
        test: dict[str, Any] = {"of": value_of(one["property"]), "is": one["ptest"] or "equal"}
        if test["is"] not in {"present", "absent"}:
            if not one["pto"]:
                raise Invalid(f"Step {number} compares {one['property']} to what? Give a value.")
            test["to"] = _amount(one["pto"]) if test["is"] in {"above", "at_least", "below", "at_most"} else one["pto"]
            if test["is"] == "one_of":
                test["to"] = [part.strip() for part in one["pto"].split(",") if part.strip()]
        event["where"] = [test]
    made: dict[str, Any] = {"event": event}
    if one["name"]:
        made["name"] = one["name"][:120]
    if one["optional"]:
        made["optional"] = True
    return made


def _amount(text: str) -> float | int:
    try:
        found = float(text.replace(",", "."))
    except ValueError:
        raise Invalid(f"{text!r} is no number.") from None
    if not abs(found) < 1e14:
        raise Invalid(f"{text!r} is no number that could be meant.")
    return int(found) if found.is_integer() else found


def value_of(of: str) -> str:
    """Return a property as the language writes it: people may leave `properties.` out."""
    from amity.engines.past.behaviour.language import FIELDS, PROPERTY

    return of if not of or of.startswith(PROPERTY) or of in FIELDS or of == "session_id" else f"{PROPERTY}{of}"


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 15:
        raise Invalid("Choose an audience.")
    return int(text)


def window_of(text: str) -> dict[str, Any] | None:
    """Return a period as JSON from its text in a form: `last:30:days`, `this:month`; nothing for whenever."""
    kind, _, rest = text.partition(":")
    if not kind:
        return None
    if kind == "last":
        amount, _, unit = rest.partition(":")
        return {"kind": "last", "amount": int(amount) if amount.isdecimal() else 0, "unit": unit}
    if kind == "between":
        first, _, last = rest.partition(":")
        return {"kind": "between", "first": first, "last": last}
    return {"kind": kind, "date" if kind == "since" else "unit": rest}


def window_text(window: Mapping[str, Any] | None) -> str | None:
    """Return a period's text in a form."""
    if window is None:
        return ""
    rest = {"last": ("amount", "unit"), "since": ("date",), "between": ("first", "last")}.get(window["kind"], ("unit",))
    return ":".join([window["kind"], *(str(window[name]) for name in rest)])
