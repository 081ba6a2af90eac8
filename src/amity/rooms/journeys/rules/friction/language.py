"""A pain point as it is measured, version 1: what shows that it was met, who could have met it, what it may do, and what else is known.

Events are of the audiences' language.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amity.engines.past.behaviour.language import Event, Part
from amity.engines.past.behaviour.moments import TRAIT, check_value
from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.texts import read_json

Name = Annotated[str, Meta(max_length=500)]
Kind = Literal["leaving", "doing", "spending", "score"]
KINDS: dict[Kind, str] = {
    "leaving": "leaves", "doing": "does this", "spending": "spends", "score": "gives a score",
}  # fmt: skip


class Outcome(Part, frozen=True):
    """What a pain point may change in the `days` after the period in which it was met.

    `leaving`: they do and say nothing, or `event` happens. `doing`: `event` happens. `spending`: the sum of the number `of` in
    `event`. `score`: the mean of the number `of` in `event`, of those who gave one.
    """

    kind: Kind
    event: Event | None = None
    of: Name = ""
    days: Annotated[int, Meta(ge=1, le=180)] = 30


class Pain(Part, frozen=True):
    """A pain point. `friction` shows that it was met; `chance` that it could have been (else: whoever did or said anything).

    `known` names properties, fields or traits (`traits.plan`) that also bear on the outcome: their last value before counts.
    `worth` is what one customer who leaves, one event or one point of the score is worth; of spending, 1.
    """

    friction: Event
    outcome: Outcome
    chance: Event | None = None
    known: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=500)], ...], Meta(max_length=5)] = ()
    period: Annotated[int, Meta(ge=1, le=90)] = 30
    worth: Annotated[float, Meta(ge=0, le=1e9)] | None = None
    version: Literal[1] = 1


_decoder = msgspec.json.Decoder(Pain)


def read(text: str | bytes) -> Pain:
    """Read a pain point from JSON. Raises Invalid with what is wrong, where, and how to mend it."""
    return checked(read_json(_decoder, text, "pain point"))


def checked(one: Pain) -> Pain:
    """Return a pain point that can be asked. Raises Invalid."""
    if one.friction.unnamed and not one.friction.where:
        raise Invalid("Say which event shows that somebody met it.")
    outcome = one.outcome
    if outcome.kind != "leaving" and outcome.event is None:
        raise Invalid("Say which event the outcome is read from.")
    if outcome.kind in {"spending", "score"}:
        if not outcome.of:
            raise Invalid("Say which property holds the number.")
        check_value(outcome.of)
    for name in one.known:
        check_value(name)
    return one


def written(one: Pain) -> dict[str, Any]:
    """Return a pain point as it is kept: JSON objects."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(one))
    return {"version": 1, **found}


def unit_of(one: Pain) -> float | None:
    """Return what one unit of the outcome costs where the friction adds it: negative where it is good; None where nobody said."""
    if one.outcome.kind == "spending":
        return -1.0
    if one.worth is None:
        return None
    return one.worth if one.outcome.kind == "leaving" else -one.worth


__all__ = ["KINDS", "TRAIT", "Kind", "Outcome", "Pain", "checked", "read", "unit_of", "written"]
