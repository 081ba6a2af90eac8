"""Percentiles of values that hang together by customer. Pure."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING

from amity.kernel.intervals import FEWEST, Z95
from amity.rooms.metrics.contracts import Figure
from amity.rooms.metrics.rules.statistics import WOODRUFF, Sums, ratio_variance

if TYPE_CHECKING:
    import numpy as np


def quantile(values: np.ndarray, customers: np.ndarray, *, at: float) -> Figure:
    """Return the percentile `at` (0 to 100) of values; `customers` says whose each is, as whole numbers.

    Interval: Woodruff (1952), “Confidence intervals for medians and other position measures”: that of the share of values up to
    the percentile, linearised by customer, read off the values' own distribution.
    """
    import numpy as np

    if not len(values):
        return Figure(value=None, low=None, high=None, method=WOODRUFF, events=0, customers=0, few=True)
    p = at / 100
    found = float(np.quantile(values, p))
    _, whose = np.unique(customers, return_inverse=True)
    x = np.bincount(whose).astype(np.float64)
    # The share up to the percentile is p but for ties: those at it count for as much as p asks.
    below, here = values < found, values == found
    part = (p * len(values) - below.sum()) / here.sum() if here.any() else 0.0
    y = np.bincount(whose, weights=below + min(max(part, 0.0), 1.0) * here)
    sums = Sums(
        n=len(x), events=len(values), y=float(y.sum()), x=float(x.sum()), yy=float((y * y).sum()), xx=float((x * x).sum()),
        xy=float((x * y).sum()),
    )  # fmt: skip
    # Ties and few customers make the spread look smaller than that of as many free draws: it is never taken smaller.
    error = sqrt(max(ratio_variance(sums), p * (1 - p) / len(values)))
    low, high = (float(np.quantile(values, min(max(p + side * Z95 * error, 0.0), 1.0))) for side in (-1, 1))
    return Figure(
        value=found, low=low, high=high, method=WOODRUFF, events=len(values), customers=len(x), few=len(x) < FEWEST
    )  # fmt: skip
