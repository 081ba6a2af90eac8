"""A pain point as fields of a form, and back. Pure but for Django's QueryDict."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from amity.engines.past.behaviour.fields import compared_of, property_of, text_of
from amity.engines.past.behaviour.language import Event
from amity.engines.past.behaviour.moments import TRAIT
from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.friction.language import Pain, read

FIELDS = (
    "name", "about", "event", "of", "test", "to", "chance", "kind", "outcome", "number", "days", "period", "worth", "known", "effort",
    "where", "json",
)  # fmt: skip
TESTS = {
    "equal": "is", "not_equal": "is not", "one_of": "is one of", "above": "is more than", "at_least": "is at least", "below": "is less than",
    "at_most": "is at most", "present": "is known", "absent": "isn’t known",
}  # fmt: skip


def begun() -> dict[str, str]:
    """Return the fields of a pain point that nobody has said anything of."""
    return dict.fromkeys(FIELDS, "") | {"kind": "leaving", "days": "30", "period": "30", "test": "equal"}


def said(given: Mapping[str, str]) -> dict[str, str]:
    """Return what a form says."""
    return {name: given.get(name, "").strip()[:20_000] for name in FIELDS}


def fields_of(pain: Pain) -> dict[str, str] | None:
    """Return a pain point as fields; None where it says more than they can."""
    tested, outcome = pain.friction.where, pain.outcome
    plain = [one for one in (pain.friction, pain.chance, outcome.event) if one is not None]
    if len(tested) > 1 or any(one.type or one.voice for one in plain) or any(one.where for one in plain[1:]):
        return None
    found = begun() | {
        "event": pain.friction.name, "chance": pain.chance.name if pain.chance else "", "kind": outcome.kind, "days": str(outcome.days),
        "outcome": outcome.event.name if outcome.event else "", "number": outcome.of.removeprefix("properties."),
        "period": str(pain.period), "worth": "" if pain.worth is None else f"{pain.worth:g}", "known": ", ".join(pain.known),
    }  # fmt: skip
    if tested:
        to = tested[0].to
        listed = ", ".join(map(text_of, to)) if isinstance(to, tuple) else ("" if to is None else text_of(to))
        found |= {"of": tested[0].of.removeprefix("properties."), "test": tested[0].test, "to": listed}
    return found


def pain_in(given: Mapping[str, str]) -> Pain:
    """Return the pain point that a form says. Raises Invalid with what to mend."""
    if given["json"]:
        return read(given["json"])
    friction: dict[str, Any] = {"name": given["event"]}
    if given["of"]:
        friction["where"] = [{"of": property_of(given["of"]), **compared_of(given["test"], given["to"])}]
    outcome: dict[str, Any] = {"kind": given["kind"] or "leaving", "days": _whole(given["days"], "days")}
    if given["outcome"]:
        outcome["event"] = {"name": given["outcome"]}
    if given["number"] and given["kind"] in {"spending", "score"}:
        outcome["of"] = property_of(given["number"])
    made: dict[str, Any] = {"friction": friction, "outcome": outcome, "period": _whole(given["period"], "days of a period")}
    if given["chance"]:
        made["chance"] = {"name": given["chance"]}
    made["known"] = [_known(one.strip()) for one in given["known"].split(",") if one.strip()]
    if given["worth"]:
        try:
            made["worth"] = float(given["worth"].replace(",", ""))
        except ValueError:
            raise Invalid("What one is worth is a number, such as 120.") from None
    return read(json.dumps(made))


def effort_in(given: Mapping[str, str]) -> int | None:
    """Return the effort that a form says."""
    return int(given["effort"]) if given["effort"] in {"1", "2", "3", "4", "5"} else None


def place_in(given: Mapping[str, str]) -> tuple[int | None, str]:
    """Return the journey and stage that a form says."""
    journey, _, stage = given["where"].partition(":")
    return (int(journey), stage) if journey.isdecimal() and len(journey) < 16 else (None, "")


def _known(name: str) -> str:
    return name if name.startswith(TRAIT) else property_of(name)


def _whole(text: str, what: str) -> int:
    if not text.isdecimal() or len(text) > 6:
        raise Invalid(f"The {what} are a whole number.")
    return int(text)


def words_of(one: Event) -> str:
    """Return an event in words."""
    from amity.engines.past.behaviour.words import event_words

    return event_words(one)
