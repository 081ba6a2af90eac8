"""What a funnel is, version 1: steps in the words of audiences, their order, the time to get through, and what is held constant.

`read` takes JSON and says in sentences what is wrong with it.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amity.engines.past.behaviour.language import Duration, Event, Last, Part, Window
from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.texts import read_json

VERSION = 1
MOST_STEPS = 20
LONGEST = 366 * 86_400_000  # the longest time to get through, in ms
Order = Literal["ordered", "strict", "any"]
Of = Annotated[str, Meta(min_length=1, max_length=500)]


class FunnelStep(Part, frozen=True):
    """One step: which interactions, and what people call it. An `optional` one is counted but not needed to get on."""

    event: Event
    name: Annotated[str, Meta(max_length=120)] = ""
    optional: bool = False


class ByValue(Part, frozen=True, tag_field="kind", tag="value"):
    """By a property or field of the interaction with which the counted attempt began."""

    of: Of


class ByTrait(Part, frozen=True, tag_field="kind", tag="trait"):
    """By what is known of the customer now under a name."""

    name: Annotated[str, Meta(min_length=1, max_length=200)]


class ByAudience(Part, frozen=True, tag_field="kind", tag="audience"):
    """By whether the customer is in an audience now."""

    id: Annotated[int, Meta(ge=1, le=2**53)]


By = ByValue | ByTrait | ByAudience


class Funnel(Part, frozen=True):
    """Steps; who began within the period had `within` to get through, even where that ends after the period.

    `ordered`: one after another, something else may lie between. `strict`: nothing else that the customer did or said lies
    between. `any`: in whatever order, so the second step is having done two of them. `hold`: all steps of an attempt have the
    same value of a property or field, or `session_id`. `among`: only customers who are in an audience now.
    """

    steps: Annotated[tuple[FunnelStep, ...], Meta(min_length=2, max_length=MOST_STEPS)]
    within: Duration = Duration(amount=7, unit="days")
    period: Window | None = Last(amount=30, unit="days")
    order: Order = "ordered"
    hold: Annotated[str, Meta(max_length=500)] = ""
    among: Annotated[int, Meta(ge=1, le=2**53)] | None = None
    by: By | None = None
    version: Literal[1] = 1


_decoder = msgspec.json.Decoder(Funnel)


def read(text: str | bytes) -> Funnel:
    """Read a funnel from JSON. Raises Invalid with what is wrong, where, and how to mend it."""
    found = read_json(_decoder, text, "funnel")
    check(found)
    return found


def check(one: Funnel) -> None:
    """Raise Invalid, with what to mend, for a funnel that makes no sense."""
    if one.steps[0].optional:
        raise Invalid("The first step can't be optional: an attempt begins with it.")
    if sum(not step.optional for step in one.steps) < 2:
        raise Invalid("At least two steps have to be needed.")
    if one.order != "ordered" and any(step.optional for step in one.steps):
        raise Invalid("Only where one step follows another with others between can some be optional.")
    if one.within.ms > LONGEST:
        raise Invalid("The time to get through can be a year at most.")


def written(one: Funnel) -> dict[str, Any]:
    """Return a funnel as it is kept: JSON objects."""
    return {"version": VERSION, **msgspec.to_builtins(one)}


def compact(one: Funnel) -> str:
    """Return a funnel as one line of JSON, the same for equal ones."""
    return msgspec.json.encode(written(one), order="deterministic").decode()


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a funnel (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Amity funnel, version 1",
        **msgspec.json.schema(Funnel),
    }
