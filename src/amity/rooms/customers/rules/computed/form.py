"""A definition as fields of a form, and back: one take over one event. What is made of more is edited as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import msgspec

from amity.engines.past.behaviour.fields import compared_of, number_of, property_of, text_of, window_of, window_text
from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.computed.language import Definition, read, written

WHATS: dict[str, tuple[str, dict[str, str]]] = {
    "count": ("How often", {"kind": "count"}),
    "days": ("On how many days", {"kind": "count", "each": "days"}),
    "months": ("In how many months", {"kind": "count", "each": "months"}),
    "sum": ("The sum of", {"kind": "number", "take": "sum"}),
    "average": ("The average of", {"kind": "number", "take": "average"}),
    "smallest": ("The smallest", {"kind": "number", "take": "smallest"}),
    "largest": ("The largest", {"kind": "number", "take": "largest"}),
    "percentile": ("A percentile of", {"kind": "number", "take": "percentile"}),
    "distinct": ("The number of different", {"kind": "number", "take": "distinct"}),
    "first": ("The first", {"kind": "pick", "take": "first"}),
    "last": ("The last", {"kind": "pick", "take": "last"}),
    "most_frequent": ("The most frequent", {"kind": "pick", "take": "most_frequent"}),
    "list": ("A list of the different", {"kind": "list"}),
    "since_last": ("Days since they last did", {"kind": "days_since", "take": "last"}),
    "since_first": ("Days since they first did", {"kind": "days_since", "take": "first"}),
}
FIELDS = ("what", "of", "at", "event", "property", "ptest", "pto", "window")
_OF_NOTHING = frozenset({"count", "days_since"})


def from_form(given: Mapping[str, str]) -> dict[str, str]:
    """Read a form's fields."""
    return {name: given.get(name, "").strip()[:500] for name in FIELDS}


def definition(fields: Mapping[str, str]) -> Definition:
    """Return what a form's fields say. Raises Invalid with what to mend."""
    _, made = WHATS.get(fields["what"], WHATS["count"])
    value: dict[str, Any] = dict(made)
    event: dict[str, Any] = {"name": fields["event"]} if fields["event"] else {}
    if fields["property"]:
        event["where"] = [{"of": property_of(fields["property"]), **compared_of(fields["ptest"], fields["pto"])}]
    value["event"] = event
    if value["kind"] not in _OF_NOTHING:
        if not fields["of"]:
            raise Invalid("Write of which property it is taken, or “value” for money.")
        value["of"] = property_of(fields["of"])
    if fields["what"] == "percentile":
        value["at"] = number_of(fields["at"] or "50")
    if fields["window"]:
        value["within"] = window_of(fields["window"])
    return read(json.dumps({"version": 1, "value": value}))


def from_definition(one: Definition) -> dict[str, str] | None:
    """Return a definition as a form's fields, None where it doesn't fit."""
    value: dict[str, Any] = json.loads(msgspec.json.encode(written(one)))["value"]
    plain = {"kind": value["kind"]} | {name: value[name] for name in ("take", "each") if name in value}
    if value["kind"] == "days_since":
        plain.setdefault("take", "last")
    what = next((name for name, (_, made) in WHATS.items() if made == plain), "")
    tests = value.get("event", {}).get("where", ())
    if not what or len(tests) > 1:
        return None
    fields = dict.fromkeys(FIELDS, "") | {"what": what, "of": value.get("of", ""), "event": value["event"].get("name", "")}
    fields["at"] = text_of(value["at"]) if "at" in value else ""
    for test in tests:
        fields |= {"property": test["of"], "ptest": test["is"], "pto": text_of(test.get("to", ""))}
    fields["window"] = window_text(value.get("within") or {})
    try:
        # Only what comes back the same is shown as fields: nothing may be lost by looking at it.
        return fields if written(definition(fields)) == written(one) else None
    except Invalid:
        return None
