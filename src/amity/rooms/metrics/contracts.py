"""What measuring a metric gives, for every room that reads one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

Shape = Literal["number", "share", "score", "seconds"]
Direction = Literal["up", "down", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A metric's value with what it stands on. `low` and `high` bound the 95 % interval that `method` names.

    `value` is None where there is nothing to divide by. `events` are interactions that count (answers, orders, sessions),
    `customers` how many different ones; `few`: too few to say anything, so show no point and rank nothing. Shares are from 0 to 1, scores
    from -100 to 100.
    """

    value: float | None
    low: float | None
    high: float | None
    method: str
    events: int
    customers: int
    few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """How a figure differs from the one before: new less old, its 95 % interval, `p` of no difference.

    `adjusted` is p after Benjamini and Hochberg over all segments that were compared; `clear`: adjusted is at most 0.05.
    """

    by: float
    low: float
    high: float
    p: float
    adjusted: float
    clear: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """One period of a series, from `first` to `last` (ms, both included); `whole`: all of it lies within the window and is over."""

    first: int
    last: int
    figure: Figure
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """One value of a breakdown. `rest`: all values beyond the largest few together."""

    value: str
    figure: Figure
    previous: Figure | None
    change: Change | None
    rest: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """What a metric that adds up came to in a window, and what was to be expected of the same hours; `low` and `high` are its 95 % range.

    `weeks`: how many earlier windows of the same hours and weekday it is expected from. `why`: empty, or why nothing is expected
    (`no past`, `few`).
    """

    metric_id: int
    name: str
    unit: str
    direction: Direction
    value: float
    expected: float | None
    low: float | None
    high: float | None
    events: int
    customers: int
    weeks: int
    why: str = ""

    @property
    def lost(self) -> tuple[float, float, float] | None:
        """What is missing of what was expected, with its range: below 0 where more came. Of what is better low, what is too much."""
        if self.expected is None or self.low is None or self.high is None:
            return None
        if self.direction == "down":
            return self.value - self.expected, self.value - self.high, self.value - self.low
        return self.expected - self.value, self.low - self.value, self.high - self.value


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertTold:
    """An alert for rooms above. Times in ms; `last` is none while it is open. `event`: what its metric counts, in the words of audiences.

    `told` are who was written to, and when (none: not yet, or it couldn't be).
    """

    id: int
    title: str
    first: int
    last: int | None
    opened_at: int
    metric_id: int
    adds_up: bool
    event: Mapping[str, Any] | None
    owner: str
    told: Sequence[tuple[str, int | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """A metric, measured. `first` and `last` (ms) are the window.

    `shape`: number, share, score or seconds, for who writes it down. `of_customers`: what counts is how many customers, whatever
    each of them did.
    """

    metric_id: int | None
    version: int
    of_customers: bool = False
    shape: Shape
    unit: str
    direction: Direction
    zone: str
    first: int
    last: int
    figure: Figure
    previous: Figure | None = None
    change: Change | None = None
    series: Sequence[Point] = field(default_factory=tuple)
    by: str = ""
    segments: Sequence[Segment] = field(default_factory=tuple)
