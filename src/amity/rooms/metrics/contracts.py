"""What measuring a metric gives, for every room that reads one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

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
