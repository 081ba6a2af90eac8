"""What a journey's stages are asked to foretell, version 1: what customers do afterwards, and where their experience is read."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amity.engines.past.behaviour.language import Event, Part
from amity.engines.past.behaviour.moments import check_value
from amity.kernel.clock import DAY
from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.friction.language import Name, Outcome
from amity.rooms.journeys.rules.maps.language import JourneyMap
from amity.rooms.journeys.rules.texts import read_json

YEAR = 365  # days that are looked back at
_SHORTEST = 30  # days in which cases have to begin, at least


class Asked(Part, frozen=True):
    """What is to be foretold. `experience` is an interaction in which customers say how it was, `of` the number in it."""

    outcome: Outcome
    experience: Event | None = None
    of: Name = ""
    version: Literal[1] = 1


_decoder = msgspec.json.Decoder(Asked)
Stages = Annotated[tuple[str, ...], Meta(max_length=16)]


def read(text: str | bytes) -> Asked:
    """Read what is asked from JSON. Raises Invalid with what is wrong, where, and how to mend it."""
    return checked(read_json(_decoder, text, "question"))


def checked(one: Asked) -> Asked:
    """Return a question that can be asked. Raises Invalid."""
    outcome = one.outcome
    if outcome.kind != "leaving" and outcome.event is None:
        raise Invalid("Say which event shows what they do afterwards.")
    if outcome.kind in {"spending", "score"}:
        if not outcome.of:
            raise Invalid("Say which property holds the number.")
        check_value(outcome.of)
    if one.experience is not None:
        if not one.of:
            raise Invalid("Say which property holds the number that says how it was.")
        check_value(one.of)
    return one


def fits(one: Asked, content: JourneyMap) -> None:
    """Raise Invalid where a map's journey and what comes after it take longer than what is looked back at."""
    days = content.within.ms / DAY + one.outcome.days
    if days + _SHORTEST > YEAR:
        raise Invalid(
            f"A journey of {content.within.amount} {content.within.unit} and {one.outcome.days} days after it leave less than "
            f"{_SHORTEST} days of the year in which customers can begin. Shorten one of them."
        )


def written(one: Asked) -> dict[str, Any]:
    """Return what is asked as it is kept: JSON objects."""
    found: dict[str, Any] = msgspec.json.decode(msgspec.json.encode(one))
    return {"version": 1, **found}
