"""What is to be foretold as fields of a form, and back. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from amity.engines.past.behaviour.fields import compared_of, property_of, text_of
from amity.engines.past.behaviour.language import Event
from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.friction.language import Outcome
from amity.rooms.journeys.rules.moments.language import Asked, read

FIELDS = (
    "kind",
    "outcome",
    "outcome_of",
    "outcome_to",
    "number",
    "days",
    "experience",
    "experience_of",
    "experience_to",
    "score",
)
BEGUN = dict.fromkeys(FIELDS, "") | {"kind": "leaving", "days": "60"}


def said(given: Mapping[str, str]) -> dict[str, str]:
    """Return what a form says."""
    return {name: given.get(name, "").replace("\0", "").strip()[:500] for name in FIELDS}


def asked_in(given: Mapping[str, str]) -> Asked:
    """Return what a form asks. Raises Invalid with what to mend."""
    if not given["days"].isdecimal() or len(given["days"]) > 6:
        raise Invalid("The days are a whole number.")
    outcome: dict[str, Any] = {"kind": given["kind"] or "leaving", "days": int(given["days"])}
    if given["outcome"]:
        outcome["event"] = _event(given, "outcome")
    if given["number"] and given["kind"] in {"spending", "score"}:
        outcome["of"] = property_of(given["number"])
    made: dict[str, Any] = {"version": 1, "outcome": outcome}
    if given["experience"]:
        made |= {"experience": _event(given, "experience"), "of": property_of(given["score"])}
    return read(json.dumps(made))


def fields_of(asked: Asked) -> dict[str, str]:
    """Return what is asked as fields."""
    outcome = asked.outcome
    found = BEGUN | {"kind": outcome.kind, "days": str(outcome.days), "number": _short(outcome.of), "score": _short(asked.of)}
    return found | _fields(outcome.event, "outcome") | _fields(asked.experience, "experience")


def outcome_words(outcome: Outcome) -> str:
    """Return what customers do afterwards, in words."""
    from amity.engines.past.behaviour.words import event_words

    event = event_words(outcome.event) if outcome.event else ""
    said = {
        "leaving": f"leave: {event}" if event else "leave: do and say nothing any more", "doing": f"do {event}",
        "spending": f"spend: {_short(outcome.of)} in {event}", "score": f"say: {_short(outcome.of)} in {event}",
    }  # fmt: skip
    return f"{said[outcome.kind]}, in the {outcome.days} days after"


def _event(given: Mapping[str, str], what: str) -> dict[str, Any]:
    found: dict[str, Any] = {"name": given[what]}
    if given[f"{what}_of"]:
        found["where"] = [{"of": property_of(given[f"{what}_of"]), **compared_of("equal", given[f"{what}_to"])}]
    return found


def _fields(event: Event | None, what: str) -> dict[str, str]:
    if event is None:
        return {}
    found = {what: event.name}
    if event.where:
        to = event.where[0].to
        found |= {
            f"{what}_of": _short(event.where[0].of),
            f"{what}_to": "" if to is None or isinstance(to, tuple) else text_of(to),
        }
    return found


def _short(of: str) -> str:
    return of.removeprefix("properties.")
