"""What stands on a journey's map, version 1: stages, each with the interactions that show it was reached, and lanes of what people know of it.

The map, its target and its live numbers are this one object: a stage keeps its key in all of them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amity.engines.past.behaviour.language import UNITS, Duration, Event, Last, Part, Window
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.journeys.rules.funnels.language import LONGEST, Funnel, FunnelStep
from amity.rooms.journeys.rules.texts import read_json

MOST_STAGES = 16
Lane = Literal["steps", "touchpoints", "pains", "opportunities", "backstage"]
LANES: dict[str, str] = {
    "steps": "People do", "touchpoints": "Touchpoints", "pains": "Pain points", "opportunities": "Opportunities",
    "backstage": "Back-stage",
}  # fmt: skip
Line = Annotated[str, Meta(min_length=1, max_length=300)]
Lines = Annotated[tuple[Line, ...], Meta(max_length=30)]
Key = Annotated[str, Meta(pattern=r"^[a-z0-9]{1,12}$", max_length=12)]


class Stage(Part, frozen=True):
    """One stage. `event` says which interactions show that it was reached; without one it has no live numbers.

    `emotion` is how people are imagined to feel, from -2 (upset) to 2 (delighted). What it asks for: that it may be left out
    (`optional`), that it may come again (`repeats`), at most how long after the stage before it is reached (`at_most`), and by
    which `channels`; by any where none is named.
    """

    key: Key
    name: Annotated[str, Meta(min_length=1, max_length=120)]
    event: Event | None = None
    owner: Annotated[str, Meta(max_length=120)] = ""
    emotion: Annotated[int, Meta(ge=-2, le=2)] | None = None
    optional: bool = False
    repeats: bool = False
    at_most: Duration | None = None
    channels: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=120)], ...], Meta(max_length=20)] = ()
    steps: Lines = ()
    touchpoints: Lines = ()
    pains: Lines = ()
    opportunities: Lines = ()
    backstage: Lines = ()


class JourneyMap(Part, frozen=True):
    """A map: its stages in order; who begins within the period has `within` to come through."""

    stages: Annotated[tuple[Stage, ...], Meta(max_length=MOST_STAGES)] = ()
    within: Duration = Duration(amount=30, unit="days")
    period: Window | None = Last(amount=90, unit="days")
    version: Literal[1] = 1


_decoder = msgspec.json.Decoder(JourneyMap)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """The stages that can be measured, and the funnel of them."""

    stages: tuple[int, ...]
    funnel: Funnel


def read(text: str | bytes) -> JourneyMap:
    """Read a map from JSON. Raises Invalid with what is wrong, where, and how to mend it."""
    found = read_json(_decoder, text, "map")
    keys = [stage.key for stage in found.stages]
    if len(set(keys)) != len(keys):
        raise Invalid("Each stage needs a key of its own.")
    if found.within.ms > LONGEST:
        raise Invalid("The time to come through can be a year at most.")
    if any(stage.at_most is not None and stage.at_most.ms > LONGEST for stage in found.stages):
        raise Invalid("The time to come to a stage can be a year at most.")
    return found


def written(one: JourneyMap) -> dict[str, Any]:
    """Return a map as it is kept: JSON objects."""
    return {"version": 1, **msgspec.to_builtins(one)}


def measured(one: JourneyMap) -> Measured | None:
    """Return the funnel of the stages that have an event; None for fewer than two.

    A stage that may be left out is needed by none after it. The first is needed, for a journey begins with it, and so is the last
    where no other would be.
    """
    some = [(n, stage, stage.event) for n, stage in enumerate(one.stages) if stage.event is not None]
    if len(some) < 2:
        return None
    optional = [bool(place) and stage.optional for place, (_, stage, _) in enumerate(some)]
    if sum(optional) == len(some) - 1:
        optional[-1] = False
    steps = tuple(
        FunnelStep(event=event, name=stage.name, optional=left_out)
        for (_, stage, event), left_out in zip(some, optional, strict=True)
    )
    return Measured(stages=tuple(n for n, _, _ in some), funnel=Funnel(steps=steps, within=one.within, period=one.period))


def with_stage(one: JourneyMap, key: str, **changes: Any) -> JourneyMap:
    """Return the map with something of a stage changed. Raises NotFound, Invalid."""
    made = written(one)
    stage = next((each for each in made["stages"] if each["key"] == key), None) if one.stages else None
    if stage is None:
        raise NotFound("There is no such stage.")
    stage |= changes
    return read(json.dumps({**made, "stages": [{k: v for k, v in each.items() if v is not None} for each in made["stages"]]}))


def timed(one: JourneyMap, *, amount: str, unit: str, period: dict[str, Any] | None) -> JourneyMap:
    """Return the map with another time to come through, and another period in which they begin. Raises Invalid."""
    if not amount.isdecimal() or len(amount) > 6 or unit not in UNITS:
        raise Invalid("How long may it take to come through? Give a whole number.")
    return read(json.dumps({**written(one), "within": {"amount": int(amount), "unit": unit}, "period": period}))


def added(one: JourneyMap, name: str) -> JourneyMap:
    """Return the map with another stage at the end. Raises Invalid."""
    made = written(one)
    taken = {stage.key for stage in one.stages}
    key = next(f"s{n}" for n in range(1, 1_000) if f"s{n}" not in taken)
    return read(json.dumps({**made, "stages": [*made.get("stages", []), {"key": key, "name": name}]}))


def moved(one: JourneyMap, key: str, by: int) -> JourneyMap:
    """Return the map with a stage moved by one place. Raises NotFound."""
    stages = list(one.stages)
    at = next((n for n, stage in enumerate(stages) if stage.key == key), None)
    if at is None:
        raise NotFound("There is no such stage.")
    to = at + by
    if 0 <= to < len(stages):
        stages[at], stages[to] = stages[to], stages[at]
    return msgspec.structs.replace(one, stages=tuple(stages))


def without(one: JourneyMap, key: str) -> JourneyMap:
    """Return the map without a stage."""
    return msgspec.structs.replace(one, stages=tuple(stage for stage in one.stages if stage.key != key))


def lines_of(text: str) -> list[str]:
    """Return what stands on the lines of a text."""
    return [line[:300] for line in (part.strip() for part in text.splitlines()) if line][:30]


def event_of(given: Mapping[str, str]) -> dict[str, Any] | None:
    """Return an event as JSON from a form's fields; None for no event."""
    name = given.get("event", "").strip()[:500]
    return {"name": name} if name else None
