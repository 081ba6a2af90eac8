"""What may be said about a customer's interactions: which ones, in which window, and what of them counts. Version 1.

Pure types that JSON is read into; `measures` turns them into SQL. Audiences are made of these; whatever else asks the past
about behaviour says it in the same words.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

Text = Annotated[str, Meta(max_length=500)]
Amount = Annotated[int, Meta(ge=1, le=100_000)]
Whole = Annotated[int, Meta(ge=0, le=1_000_000)]
Number = Annotated[int, Meta(ge=-(10**14), le=10**14)] | Annotated[float, Meta(ge=-1e14, le=1e14)]
Scalar = bool | Number | Text
Unit = Literal["minutes", "hours", "days", "weeks"]
Calendar = Literal["day", "week", "month", "quarter", "year"]
Kind = Literal["track", "identify", "page", "screen", "group", "alias"]
Voice = Literal["did", "said", "ours"]
Test = Literal[
    "equal", "not_equal", "one_of", "contains", "starts_with", "ends_with", "above", "at_least", "below", "at_most",
    "present", "absent",
]  # fmt: skip
Compare = Literal["equal", "above", "at_least", "below", "at_most"]
Day = Annotated[str, Meta(pattern=r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$", max_length=10)]

MINUTE = 60_000
UNITS: dict[str, int] = {"minutes": MINUTE, "hours": 60 * MINUTE, "days": 1_440 * MINUTE, "weeks": 10_080 * MINUTE}

# What of an interaction can be tested beside its properties: the past's own columns.
FIELDS = (
    "name", "channel", "touchpoint", "voice", "value", "currency", "group_id", "url", "path", "referrer", "campaign_source",
    "campaign_medium", "campaign_name", "browser", "os", "device", "country", "source_id",
)  # fmt: skip
PROPERTY = "properties."


class Part(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """A part of the language: says nothing that it doesn't know."""


class Duration(Part, frozen=True):
    """A length of time: 3 days."""

    amount: Amount
    unit: Unit

    @property
    def ms(self) -> int:
        """The length in milliseconds."""
        return self.amount * UNITS[self.unit]


class Last(Part, frozen=True, tag_field="kind", tag="last"):
    """A rolling window that ends now: the last 30 days, to the millisecond."""

    amount: Amount
    unit: Unit


class This(Part, frozen=True, tag_field="kind", tag="this"):
    """The calendar's current day, week (from Monday), month, quarter or year, in the workspace's zone."""

    unit: Calendar


class Previous(Part, frozen=True, tag_field="kind", tag="previous"):
    """The calendar's day, week, month, quarter or year before the current one, in the workspace's zone."""

    unit: Calendar


class Since(Part, frozen=True, tag_field="kind", tag="since"):
    """From a date on, in the workspace's zone."""

    date: Day


class Between(Part, frozen=True, tag_field="kind", tag="between"):
    """From one date to another, both included, in the workspace's zone."""

    first: Day
    last: Day


Window = Last | This | Previous | Since | Between


class Filter(Part, frozen=True):
    """A test of one property or field. `of` is `properties.<path>` or a field's name. What is missing equals nothing."""

    of: Annotated[str, Meta(min_length=1, max_length=500)]
    test: Test = msgspec.field(name="is")
    to: Scalar | Annotated[tuple[Scalar, ...], Meta(max_length=1_000)] | None = None


class Event(Part, frozen=True):
    """Which interactions: of a name, of a type, on whose side (`voice`), with all of these properties.

    Without a name, a type and a voice it means whatever the customer did or said.
    """

    name: Annotated[str, Meta(max_length=500)] = ""
    type: Kind | Literal[""] = ""
    voice: Voice | Literal[""] = ""
    where: Annotated[tuple[Filter, ...], Meta(max_length=20)] = ()

    @property
    def unnamed(self) -> bool:
        """Whether it means anything that the customer did or said."""
        return not (self.name or self.type or self.voice)


class Did(Part, frozen=True, tag_field="kind", tag="did"):
    """How often: at least and at most so many times, or on so many different days, weeks or months. Default: at least once."""

    event: Event
    at_least: Whole | None = None
    at_most: Whole | None = None
    count: Literal["times", "days", "weeks", "months"] = "times"
    within: Window | None = None


class Measure(Part, frozen=True, tag_field="kind", tag="measure"):
    """What a number comes to over interactions: `take` of property or field `of`.

    The sum of nothing is 0; of all else nothing is known without an interaction that has the number, and the condition not met.
    """

    event: Event
    take: Literal["sum", "average", "smallest", "largest", "first", "last", "distinct"]
    of: Annotated[str, Meta(min_length=1, max_length=500)]
    test: Compare = msgspec.field(name="is")
    to: Scalar
    within: Window | None = None


class When(Part, frozen=True, tag_field="kind", tag="when"):
    """When an interaction came first or last: within a window."""

    event: Event
    take: Literal["first", "last"]
    within: Window


class Step(Part, frozen=True):
    """A step of a sequence, at most so long after the step before."""

    event: Event
    within: Duration | None = None


class ThenNot(Part, frozen=True):
    """What did not follow the last step within a time. It can only be told once that time is over."""

    event: Event
    within: Duration


class Sequence(Part, frozen=True, tag_field="kind", tag="sequence"):
    """One after another, in the order of the story, all steps within the window; something else may lie between."""

    steps: Annotated[tuple[Step, ...], Meta(min_length=2, max_length=6)]
    then_not: ThenNot | None = None
    within: Window | None = None


Behaviour = Did | Measure | When | Sequence


def events_of(one: Behaviour) -> list[Event]:
    """Return the events that a condition looks at."""
    if isinstance(one, Sequence):
        return [step.event for step in one.steps] + ([one.then_not.event] if one.then_not else [])
    return [one.event]
