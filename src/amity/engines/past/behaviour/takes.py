"""What may be taken of a customer's interactions as a value: a count, a sum, the most frequent, the last. Part of version 1.

Conditions say whether something is so; these say what it is. They share events and windows with them.
"""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from amity.engines.past.behaviour.language import Event, Part, Window

Of = Annotated[str, Meta(min_length=1, max_length=500)]


class Count(Part, frozen=True, tag_field="kind", tag="count"):
    """How often, or on how many different days, weeks (from Monday) or months in the workspace's zone."""

    event: Event
    each: Literal["times", "days", "weeks", "months"] = "times"
    within: Window | None = None


class Number(Part, frozen=True, tag_field="kind", tag="number"):
    """A number over interactions: `take` of property or field `of`. `at` is the percentile's, from 0 to 100.

    The sum and the number of different values of nothing are 0; all else of nothing is nothing. Percentiles lie between the
    two nearest values (Hyndman and Fan 1996, type 7, as Excel's PERCENTILE.INC and numpy's default).
    """

    event: Event
    take: Literal["sum", "average", "smallest", "largest", "distinct", "percentile"]
    of: Of
    at: Annotated[float, Meta(ge=0, le=100)] | Annotated[int, Meta(ge=0, le=100)] | None = None
    within: Window | None = None


class Pick(Part, frozen=True, tag_field="kind", tag="pick"):
    """The value of the first or last interaction that has one, or the most frequent one; of equally frequent ones that seen last."""

    event: Event
    take: Literal["first", "last", "most_frequent"]
    of: Of
    within: Window | None = None


class Unique(Part, frozen=True, tag_field="kind", tag="list"):
    """The different values, those seen last in front, at most `most` of them."""

    event: Event
    of: Of
    most: Annotated[int, Meta(ge=1, le=100)] = 20
    within: Window | None = None


class DaysSince(Part, frozen=True, tag_field="kind", tag="days_since"):
    """How many whole days (of 24 hours) ago the first or the last interaction was."""

    event: Event
    take: Literal["first", "last"] = "last"
    within: Window | None = None


Take = Count | Number | Pick | Unique | DaysSince
NUMBERS = (Count, Number, DaysSince)  # what gives numbers only
