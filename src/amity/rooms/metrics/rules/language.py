"""The language of metrics, version 1: what is counted, of which interactions, over which window. A definition is a contract.

Events, filters and windows are those of audiences. `read` takes JSON and says in sentences what is wrong with it.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import Meta

from amity.engines.past.behaviour.language import Event, Last, Part, Window
from amity.kernel.errors import Invalid
from amity.rooms.metrics.contracts import Direction

VERSION = 1
Of = Annotated[str, Meta(min_length=1, max_length=500)]
DEFAULT_WINDOW = Last(amount=30, unit="days")


class Amount(Part, frozen=True):
    """One side of a ratio. `times`: how often; `sum`: of `of`; `customers`: how many different; `days`: on how many days, added up."""

    event: Event
    take: Literal["times", "sum", "customers", "days"] = "times"
    of: Of | None = None


class Count(Part, frozen=True, tag_field="kind", tag="count"):
    """How many interactions."""

    event: Event


class Customers(Part, frozen=True, tag_field="kind", tag="customers"):
    """How many different customers had the interaction."""

    event: Event


class Sum(Part, frozen=True, tag_field="kind", tag="sum"):
    """The sum of a number over interactions."""

    event: Event
    of: Of


class Mean(Part, frozen=True, tag_field="kind", tag="mean"):
    """The mean of a number over the interactions that have it."""

    event: Event
    of: Of


class Percentile(Part, frozen=True, tag_field="kind", tag="percentile"):
    """A percentile of a number over interactions, between the two nearest values (Hyndman and Fan 1996, type 7)."""

    event: Event
    of: Of
    at: Annotated[float, Meta(ge=0, le=100)] | Annotated[int, Meta(ge=0, le=100)] = 50


class Ratio(Part, frozen=True, tag_field="kind", tag="ratio"):
    """`over` divided by `under`: contacts per customer, order value, errors per page."""

    over: Amount
    under: Amount


class Share(Part, frozen=True, tag_field="kind", tag="share"):
    """Of the customers who had `among`, the share who in the same time had `event`, too, at least so many `times`."""

    event: Event
    among: Event
    times: Annotated[int, Meta(ge=1, le=1_000)] = 1


class Retention(Part, frozen=True, tag_field="kind", tag="retention"):
    """Of the customers with the interaction in the period before, the share with it in this one; `lost`: the share without.

    The period is the window, or the step of a series. This is what can be seen of who has no contract: nobody says that they leave.
    """

    event: Event
    count: Literal["kept", "lost"] = "kept"


class Stickiness(Part, frozen=True, tag_field="kind", tag="stickiness"):
    """On how many of the period's days a customer who was active at all was active: DAU over MAU, where the period is a month."""

    event: Event


class Nps(Part, frozen=True, tag_field="kind", tag="nps"):
    """Net Promoter Score: the percentage of answers of 9 and 10 less that of 0 to 6. Other answers than 0 to 10 are left out."""

    event: Event
    of: Of = "properties.score"


class Csat(Part, frozen=True, tag_field="kind", tag="csat"):
    """Customer satisfaction: the share of answers in the top two boxes of 1 to `scale`."""

    event: Event
    of: Of = "properties.score"
    scale: Annotated[int, Meta(ge=3, le=11)] = 5


class Ces(Part, frozen=True, tag_field="kind", tag="ces"):
    """Customer Effort Score 2.0, “made it easy”, 1 to 7, by one of three live conventions.

    `mean`: of the answers; `positive`: the share of 5 to 7; `index`: the percentage of 6 and 7 less that of 1 to 3.
    """

    event: Event
    of: Of = "properties.score"
    formula: Literal["mean", "positive", "index"] = "mean"


class Session(Part, frozen=True, tag_field="kind", tag="session"):
    """What sessions come to: the mean seconds from first to last interaction, or how many interactions one has.

    A session of one interaction lasts 0 seconds. It belongs to the period in which it began.
    """

    event: Event
    take: Literal["seconds", "interactions"] = "seconds"


class Wait(Part, frozen=True, tag_field="kind", tag="wait"):
    """A percentile of the seconds from an interaction to the customer's next `until` after it, if that came within `within` hours.

    `same`: a property that both share, such as a ticket's number. It belongs to the period of the first of the two.
    """

    event: Event
    until: Event
    at: Annotated[float, Meta(ge=0, le=100)] | Annotated[int, Meta(ge=0, le=100)] = 50
    same: Of | None = None
    within: Annotated[int, Meta(ge=1, le=8_760)] = 720


class Followed(Part, frozen=True, tag_field="kind", tag="followed"):
    """Of the interactions, the share that the customer's `until` followed within `within` hours; `alone`: that none followed.

    Only those count whose hours are over. `same`: a property that both share. First contact resolution, as operations see it, is
    the share of contacts that no other contact followed.
    """

    event: Event
    until: Event
    count: Literal["followed", "alone"] = "followed"
    same: Of | None = None
    within: Annotated[int, Meta(ge=1, le=8_760)] = 168


Measure = (
    Count
    | Customers
    | Sum
    | Mean
    | Percentile
    | Ratio
    | Share
    | Retention
    | Stickiness
    | Nps
    | Csat
    | Ces
    | Session
    | Wait
    | Followed
)
SCORES = (Nps, Csat, Ces)


class Definition(Part, frozen=True):
    """A metric's definition.

    `among`: a condition of the audience language; only those customers count. `zone`: an IANA time zone; none is the workspace's.
    `unit` is what the figure is of, for people: `EUR`, `seconds`, `contacts`. `direction`: which way is better.
    """

    measure: Measure
    within: Window = DEFAULT_WINDOW
    among: dict[str, Any] | None = None
    zone: Annotated[str, Meta(max_length=60)] = ""
    unit: Annotated[str, Meta(max_length=30)] = ""
    direction: Direction = "up"
    version: Literal[1] = 1


_decoder = msgspec.json.Decoder(Definition)
_encoder = msgspec.json.Encoder()


def read(text: str | bytes) -> Definition:
    """Read a definition from JSON. Raises Invalid with what is wrong, where, and how to mend it."""
    try:
        found = _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise Invalid(_explained(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The definition is no JSON: {str(error).removeprefix('JSON is malformed: ')}.") from None
    if b"\\u0000" in _encoder.encode(found):
        raise Invalid("A definition can't hold NUL characters: no engine keeps them.")
    check_shape(found)
    return found


def check_shape(one: Definition) -> None:
    """Raise Invalid for what the types allow and makes no sense."""
    if one.zone:
        try:
            ZoneInfo(one.zone)
        except (KeyError, ValueError, OSError):
            raise Invalid(f"{one.zone!r} is no time zone; write it as Europe/Lisbon.") from None
    if isinstance(one.measure, Ratio):
        for side in (one.measure.over, one.measure.under):
            if (side.take == "sum") != (side.of is not None):
                raise Invalid("In a ratio `sum` needs `of`, the number that is summed; nothing else has one.")


def written(one: Definition) -> dict[str, Any]:
    """Return a definition as it is kept: JSON objects."""
    return {"version": VERSION, **msgspec.to_builtins(one)}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a definition (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Amity metric, version 1",
        **msgspec.json.schema(Definition),
    }


def events_of(measure: Measure) -> Iterator[Event]:
    """Yield the events that a measure looks at."""
    match measure:
        case Ratio(over=over, under=under):
            yield from (over.event, under.event)
        case Share(event=event, among=among):
            yield from (event, among)
        case Wait(event=event, until=until) | Followed(event=event, until=until):
            yield from (event, until)
        case _:
            yield measure.event


def _explained(said: str) -> str:
    text, _, where = said.partition(" - at `")
    place = where.rstrip("`").removeprefix("$.").removeprefix("$")
    hint = ""
    if "unknown field" in text:
        hint = " Fields that the language doesn't have are refused, so that none is silently ignored; docs/metrics.md lists them."
    if "Invalid value" in text and "kind" in place:
        hint = f" Measures are: {', '.join(sorted(one.__struct_config__.tag for one in Measure.__args__))}."
    return f"{text.rstrip('.')}{f', at {place}' if place else ''}.{hint}"
