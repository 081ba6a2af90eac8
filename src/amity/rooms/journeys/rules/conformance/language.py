"""What is asked of conformance: the stages that are aimed for, of which cases, begun when."""

from __future__ import annotations

from typing import Annotated

import msgspec
from msgspec import Meta

from amity.engines.past.behaviour.language import Duration, Event, Part, Window
from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.maps.language import MOST_STAGES, JourneyMap
from amity.rooms.journeys.rules.paths.language import LONGEST_CASE


class Aim(Part, frozen=True):
    """A stage that is aimed for, without what people wrote of it."""

    key: str
    name: str
    event: Event
    optional: bool = False
    repeats: bool = False
    at_most: Duration | None = None
    channels: tuple[str, ...] = ()


class Conformance(Part, frozen=True):
    """Cases that began within the period, against the stages in their order.

    `case`: what one follows through: empty for the customer, `session_id`, a field, or a property such as `properties.order_id`.
    """

    stages: Annotated[tuple[Aim, ...], Meta(min_length=1, max_length=MOST_STAGES)]
    within: Duration
    period: Window | None
    case: Annotated[str, Meta(max_length=LONGEST_CASE)] = ""


def aimed(one: JourneyMap, *, case: str = "", period: Window | None) -> Conformance:
    """Return the question whether cases go as a map says. Raises Invalid where too little of it can be measured."""
    stages = tuple(
        Aim(
            key=stage.key, name=stage.name, event=stage.event, optional=stage.optional, repeats=stage.repeats, at_most=stage.at_most,
            channels=stage.channels,
        )
        for stage in one.stages
        if stage.event is not None
    )  # fmt: skip
    if len(stages) < 2 or all(stage.optional for stage in stages):
        raise Invalid(
            "Name the events of at least two stages, one of them needed: only what is measured can be held to a target."
        )
    return Conformance(stages=stages, within=one.within, period=period, case=case)


def compact(one: Conformance) -> str:
    """Return a question as one line of JSON, the same for equal ones."""
    return msgspec.json.encode(msgspec.to_builtins(one), order="deterministic").decode()
