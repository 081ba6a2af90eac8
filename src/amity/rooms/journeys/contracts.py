"""What others may hold of journeys: a funnel as it was counted. Times are milliseconds since 1970 UTC, durations milliseconds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

FEW = 30  # below so many no share is worth saying


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """`of` out of `n`, with its 95% interval; all from 0 to 1."""

    number: int
    n: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share; 0 of nothing."""
        return self.number / self.n if self.n else 0.0

    @property
    def few(self) -> bool:
        """Whether there are too few to say."""
        return self.n < FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Times:
    """Percentiles of durations in ms, over `n`; the median with its 95% interval, where there are enough for one."""

    n: int
    p25: float
    p50: float
    p75: float
    p90: float
    low: float | None
    high: float | None

    @property
    def few(self) -> bool:
        """Whether there are too few to say."""
        return self.n < FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class StepFigure:
    """What a step came to: `reached` customers, `left` who had come to the needed step before and not to this one.

    `of_first` and `of_before` are shares of who began, and of who came to the needed step before. `from_first` and
    `from_before` say how long that took. Of a first step there is no share and no time.
    """

    number: int
    name: str
    optional: bool
    reached: int
    left: int
    of_first: Share
    of_before: Share
    from_first: Times | None
    from_before: Times | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupFigure:
    """One group of customers in a funnel. `key` names it in addresses; empty for everybody."""

    key: str
    label: str
    steps: Sequence[StepFigure]

    @property
    def began(self) -> int:
        """How many began."""
        return self.steps[0].reached

    @property
    def through(self) -> Share:
        """Who came to the last needed step, of who began."""
        return next(step for step in reversed(self.steps) if not step.optional).of_first


@dataclass(frozen=True, slots=True, kw_only=True)
class FunnelFigures:
    """A funnel as of an instant: `whole`, and the groups that it is broken down into, which add up to it.

    Attempts began from `first` to `last`. `open`: customers who aren't through and whose time isn't over yet.
    """

    as_of: int
    first: int
    last: int
    whole: GroupFigure
    groups: Sequence[GroupFigure]
    open: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviationFigure:
    """One way in which cases deviate from their target. `cases` is its share of the judged cases, `interactions` of their interactions.

    `moves` is what it adds to the cost of aligning the cases. `spent`: by its `customers`, from the period's beginning to the instant.
    """

    kind: str
    stage: str
    name: str
    cases: Share
    interactions: Share | None
    moves: int
    customers: int
    spent: float
    accepted: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ConformanceFigures:
    """How cases conform to their target at an instant. Those begun from `first` to `last` are judged, less those `waiting`: not over yet.

    `conforming`: cases without a deviation that isn't accepted, of all. `in_place`: interactions that stand for a stage, of all.
    `fitness` is one less `cost` over `worst`, whether accepted or not. `spent`: by customers of conforming cases.
    """

    as_of: int
    first: int
    last: int
    customers: int
    waiting: int
    conforming: Share
    in_place: Share
    fitness: float
    cost: int
    worst: int
    spent: float
    deviations: Sequence[DeviationFigure]
