"""What a friction costs in a year: how often it is met × what it does × what that is worth, as an interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING

from amity.rooms.journeys.rules.friction.partial import Effect

if TYPE_CHECKING:
    import numpy as np

YEAR = 365.0
_DRAWS = 20_000


def reach(times: np.ndarray, *, days: float) -> Effect:
    """Return how often a friction is met in a year, from how often each customer who met it did within `days`.

    Customers come by chance, and each brings their own times: a compound Poisson count, whose variance is estimated by the sum of
    squares (Feller 1968, XII.2).
    """
    a_year = YEAR / days
    return Effect(value=float(times.sum()) * a_year, error=sqrt(float((times.astype(float) ** 2).sum())) * a_year)


@dataclass(frozen=True, slots=True, kw_only=True)
class Worth:
    """Money a year with a 90% interval."""

    value: float
    low: float
    high: float


def worth(parts: list[Effect], *, seed: int) -> Worth:
    """Return the product of independent parts, each normal about its value: the interval by simulation (Efron and Tibshirani 1993, 6.5).

    The value is the product of the values, which is the product's mean (Goodman 1960, eq. 1).
    """
    import numpy as np

    dice = np.random.default_rng(seed)
    drawn, value = np.ones(_DRAWS), 1.0
    for one in parts:
        drawn *= one.value + one.error * dice.standard_normal(_DRAWS)
        value *= one.value
    low, high = np.quantile(drawn, [0.05, 0.95])
    return Worth(value=value, low=float(low), high=float(high))
