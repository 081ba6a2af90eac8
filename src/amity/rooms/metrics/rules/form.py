"""A definition as fields of a form, and back: one or two events, one window. What says more is edited as JSON. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from amity.engines.past.behaviour.fields import compared_of, number_of, property_of, text_of, window_of, window_text
from amity.kernel.errors import Invalid
from amity.rooms.metrics.rules.language import Definition, read, written

# What each kind is called, whether it needs a property (`of`), a second event (`other`), a percentile (`at`).
WHATS: Mapping[str, tuple[str, str]] = {
    "count": ("How often", ""),
    "customers": ("How many customers", ""),
    "sum": ("The sum of", "of"),
    "mean": ("The mean of", "of"),
    "percentile": ("A percentile of", "of at"),
    "ratio": ("How often, for each of another", "other"),
    "per_customer": ("How often, for each customer of another", "other"),
    "share": ("The share of customers of another who had it", "other"),
    "repeat": ("The share of customers who had it twice or more", ""),
    "kept": ("The share who came back from the period before", ""),
    "lost": ("The share who did not come back from the period before", ""),
    "stickiness": ("The share of days on which a customer had it", ""),
    "nps": ("Net Promoter Score (0 to 10) of", "of"),
    "csat": ("CSAT, the top two of 5, of", "of"),
    "ces": ("CES, the mean of 1 to 7, of", "of"),
    "ces_positive": ("CES, the share of 5 to 7, of", "of"),
    "ces_index": ("CES, 6 and 7 less 1 to 3, of", "of"),
    "wait": ("A percentile of the time to another", "other at"),
    "followed": ("The share that another followed within a week", "other"),
    "alone": ("The share that no other followed within a week", "other"),
    "session": ("The length of sessions of", ""),
}
DIRECTIONS = {"up": "more is better", "down": "less is better", "none": "neither"}
FIELDS = ("what", "of", "at", "event", "property", "ptest", "pto", "other", "window", "unit", "direction")
NEW = dict.fromkeys(FIELDS, "") | {"what": "count", "window": "last:30:days", "direction": "up"}
_OF_SCORES = {"nps", "csat", "ces", "ces_positive", "ces_index"}


def from_form(given: Mapping[str, str]) -> dict[str, str]:
    """Read a form's fields."""
    return {name: given.get(name, "").strip()[:500] for name in FIELDS}


def definition(fields: Mapping[str, str]) -> Definition:  # noqa: C901  one branch for each kind
    """Return what a form's fields say. Raises Invalid with what to mend."""
    what = fields["what"] if fields["what"] in WHATS else "count"
    event: dict[str, Any] = {"name": fields["event"]} if fields["event"] else {}
    if fields["property"]:
        event["where"] = [{"of": property_of(fields["property"]), **compared_of(fields["ptest"], fields["pto"])}]
    other: dict[str, Any] = {"name": fields["other"]} if fields["other"] else {}
    measure: dict[str, Any] = {"kind": what, "event": event}
    needs = WHATS[what][1].split()
    if "of" in needs:
        if not fields["of"] and what not in _OF_SCORES:
            raise Invalid("Write of which property it is, or “value” for money.")
        measure["of"] = property_of(fields["of"]) or "properties.score"
    if "at" in needs:
        measure["at"] = number_of(fields["at"] or "50")
    match what:
        case "ratio" | "per_customer":
            under = {"event": other, "take": "times" if what == "ratio" else "customers"}
            measure = {"kind": "ratio", "over": {"event": event}, "under": under}
        case "share":
            measure["among"] = other
        case "repeat":
            measure = {"kind": "share", "event": event, "among": event, "times": 2}
        case "kept" | "lost":
            measure = {"kind": "retention", "event": event, "count": what}
        case "ces" | "ces_positive" | "ces_index":
            measure |= {"kind": "ces", "formula": what.removeprefix("ces_") if "_" in what else "mean"}
        case "wait":
            measure["until"] = other
        case "followed" | "alone":
            measure = {"kind": "followed", "event": event, "until": other, "count": what}
    whole = {"version": 1, "measure": measure, "unit": fields["unit"][:30], "direction": fields["direction"] or "up"}
    if fields["window"]:
        whole["within"] = window_of(fields["window"])
    return read(json.dumps(whole))


def from_definition(one: Definition) -> dict[str, str] | None:
    """Return a definition as a form's fields, None where it doesn't fit."""
    whole = json.loads(json.dumps(written(one)))
    measure = whole["measure"]
    kind = measure["kind"]
    what, other = kind, measure.get("until") or {}
    event = measure.get("event", {})
    match kind:
        case "ratio":
            event, other = measure["over"]["event"], measure["under"]["event"]
            what = "per_customer" if measure["under"].get("take") == "customers" else "ratio"
        case "share":
            what, other = ("repeat", {}) if measure.get("times") == 2 else ("share", measure["among"])
        case "retention":
            what = measure.get("count", "kept")
        case "followed":
            what = measure.get("count", "followed")
        case "ces":
            formula = measure.get("formula", "mean")
            what = "ces" if formula == "mean" else f"ces_{formula}"
    tests = event.get("where", ())
    if what not in WHATS or len(tests) > 1:
        return None
    fields = dict.fromkeys(FIELDS, "") | {
        "what": what, "of": measure.get("of", ""), "event": event.get("name", ""), "other": other.get("name", ""),
        "at": text_of(measure["at"]) if "at" in measure else "", "window": window_text(whole.get("within") or {}),
        "unit": whole.get("unit", ""), "direction": whole.get("direction", "up"),
    }  # fmt: skip
    for test in tests:
        fields |= {"property": test["of"], "ptest": test["is"], "pto": text_of(test.get("to", ""))}
    fields["window"] = fields["window"] or "last:30:days"
    try:
        # Only what comes back the same is shown as fields: nothing may be lost by looking at it.
        return fields if written(definition(fields)) == written(one) else None
    except Invalid:
        return None
