"""NPS, CSAT and CES of answers, as the metrics of the same names count them; each response answers once. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from amity.kernel.intervals import FEWEST, Z95, adjusted_wald, wilson
from amity.rooms.listening.contracts import Score


def score(kind: str, counts: Mapping[int, int]) -> Score:
    """Return the score of answers, given how many chose each point.

    `nps`: % of 9 and 10 less % of 0 to 6, adjusted Wald. `csat`: share of 4 and 5, Wilson. `ces`: the mean, normal interval (its
    standard error from the spread with n - 1).
    """
    n = sum(counts.values())
    if not n:
        return Score(kind=kind, value=None, low=None, high=None, n=0, method="", few=True)
    if kind == "nps":
        plus, minus = sum(counts.get(point, 0) for point in (9, 10)), sum(counts.get(point, 0) for point in range(7))
        low, high = adjusted_wald(plus, minus, n)
        value, method = (plus - minus) / n, "adjusted Wald"
        return Score(kind=kind, value=value * 100, low=low * 100, high=high * 100, n=n, method=method, few=n < FEWEST)
    if kind == "csat":
        value = (counts.get(4, 0) + counts.get(5, 0)) / n
        low, high = wilson(value, n)
        return Score(kind=kind, value=value, low=low, high=high, n=n, method="Wilson", few=n < FEWEST)
    mean, error = mean_of(counts)
    return Score(
        kind=kind, value=mean, low=mean - Z95 * error, high=mean + Z95 * error, n=n, method="normal", few=n < FEWEST
    )  # fmt: skip


def mean_of(counts: Mapping[int, int] | Mapping[float, int]) -> tuple[float, float]:
    """Return the mean of values that come so often, and its standard error; of one value, 0."""
    n = sum(counts.values())
    mean = sum(value * number for value, number in counts.items()) / n
    spread = sum(number * (value - mean) ** 2 for value, number in counts.items())
    return mean, sqrt(spread / (n - 1) / n) if n > 1 else 0.0
