"""Numbers of a group of customers with their intervals, and what sets the group apart from the rest. Pure.

Intervals are of 95%. Shares: Wilson's score interval (Wilson 1927, JASA 22, 209-212). Means: Student's t. Differences: the
standardised mean difference with the mean of both variances (Cohen 1988, p. 44; for shares as Austin 2009, Communications in
Statistics 38, 1228-1234), its standard error as Hedges and Olkin (1985, p. 86) give it for large samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isnan, sqrt
from typing import TYPE_CHECKING, Any, Literal

from amity.kernel.intervals import Z95, wilson

if TYPE_CHECKING:
    import numpy as np

FEWEST = 30  # below, a number is no ground for a sentence
SMALL, MEDIUM, LARGE = 0.2, 0.5, 0.8  # Cohen's names for standardised differences
Kind = Literal["share", "number", "money", "days"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """An estimate with the ends of its interval."""

    value: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether the interval lies on one side of zero."""
        return self.low > 0 or self.high < 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Mean, standard deviation and number of a group's values; of a share, the values are 0 and 1."""

    n: int
    mean: float
    sd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One number of a group beside that of the rest. `apart` is the standardised difference; None where one side is too small."""

    key: str
    kind: Kind
    summary: Summary
    interval: Interval
    rest: Summary
    apart: Interval | None


def summary_of(values: np.ndarray | Sequence[float]) -> Summary:
    """Return mean, standard deviation (n - 1) and number of values; NaN is no value."""
    import numpy as np

    known = np.asarray(values, dtype=np.float64)
    known = known[~np.isnan(known)]
    if not len(known):
        return Summary(n=0, mean=0.0, sd=0.0)
    return Summary(n=len(known), mean=float(known.mean()), sd=float(known.std(ddof=1)) if len(known) > 1 else 0.0)


def share(hits: float, n: int) -> Interval:
    """Return a share with Wilson's interval. Without observations everything is possible: 0 to 1."""
    if n <= 0:
        return Interval(value=0.0, low=0.0, high=1.0)
    low, high = wilson(hits / n, n)
    return Interval(value=hits / n, low=low, high=high)


def mean(of: Summary) -> Interval:
    """Return a mean with Student's interval; of one value alone it has no ends."""
    if of.n < 2:
        return Interval(value=of.mean, low=-inf, high=inf)
    from scipy.special import stdtrit

    half = float(stdtrit(of.n - 1, 0.975)) * of.sd / sqrt(of.n)
    return Interval(value=of.mean, low=of.mean - half, high=of.mean + half)


def apart(one: Summary, rest: Summary) -> Interval | None:
    """Return how far a group's mean is from the rest's, in standard deviations; None where either has fewer than two values."""
    if one.n < 2 or rest.n < 2:
        return None
    spread = sqrt((one.sd**2 + rest.sd**2) / 2)
    if spread == 0 or isnan(spread):
        return Interval(value=0.0, low=0.0, high=0.0) if one.mean == rest.mean else None
    d = (one.mean - rest.mean) / spread
    error = sqrt((one.n + rest.n) / (one.n * rest.n) + d * d / (2 * (one.n + rest.n)))
    return Interval(value=d, low=d - Z95 * error, high=d + Z95 * error)


def measure(key: str, kind: Kind, one: np.ndarray, rest: np.ndarray) -> Measure:
    """Return a group's number beside the rest's. Counts and money are skewed: their difference is that of log(1 + x)."""
    import numpy as np

    mine, others = summary_of(one), summary_of(rest)
    skewed = kind in {"money", "number"} and all(
        not len(part) or float(np.nanmin(part, initial=0.0)) >= 0 for part in (one, rest)
    )
    difference = apart(summary_of(np.log1p(one)), summary_of(np.log1p(rest))) if skewed else apart(mine, others)
    interval = share(mine.mean * mine.n, mine.n) if kind == "share" else mean(mine)
    return Measure(key=key, kind=kind, summary=mine, interval=interval, rest=others, apart=difference)


def telling(measures: Sequence[Measure], *, least: float = SMALL) -> list[Measure]:
    """Return the measures that set a group apart: at least a small difference, and one that isn't chance; largest first."""
    found = [
        one
        for one in measures
        if one.apart is not None and abs(one.apart.value) >= least and one.apart.excludes_zero and one.summary.n >= FEWEST
    ]
    return sorted(found, key=lambda one: -abs(one.apart.value) if one.apart else 0.0)


def stored(measures: Sequence[Measure]) -> dict[str, Any]:
    """Return measures as they are kept for a later comparison."""
    return {one.key: [one.kind, one.summary.n, one.summary.mean, one.summary.sd] for one in measures}


def summary_from(kept: Sequence[Any]) -> Summary:
    """Return a summary as `stored` kept it."""
    _, n, mean_then, sd = kept
    return Summary(n=int(n), mean=float(mean_then), sd=float(sd))
