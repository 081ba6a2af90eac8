"""Shares of what customers did, each customer counted as one cluster, and how far two of them lie apart. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import NormalDist
from typing import TYPE_CHECKING

from amity.rooms.journeys.contracts import FEW

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Rate:
    """A share of `n` occasions of `customers`, with its interval; `effective`: how many independent occasions they are worth."""

    value: float
    n: int
    customers: int
    effective: float
    low: float
    high: float

    @property
    def few(self) -> bool:
        """Whether there are too few customers to say."""
        return self.customers < FEW


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """How far one share lies above another, with its interval."""

    value: float
    low: float
    high: float


def z_of(comparisons: int) -> float:
    """Return the normal's quantile at which that many intervals hold together in 95% of cases (Bonferroni; Dunn 1961)."""
    return NormalDist().inv_cdf(1 - 0.025 / max(comparisons, 1))


def rate(events: np.ndarray, occasions: np.ndarray, *, z: float) -> Rate:
    """Return the share of occasions with an event; one entry of both for each customer, none without an occasion.

    The variance is that of a ratio of clusters' sums (Cochran 1977, 6.13 and 9A.2). It says how many independent occasions the same
    would be; Wilson's score interval is taken with these (Korn and Graubard 1998; Franco, Little, Louis and Slud 2019). Where nobody or
    everybody had the event, a customer is one occasion.
    """
    import numpy as np

    there = occasions > 0
    a, n = events[there].astype(np.float64), occasions[there].astype(np.float64)
    m, total = len(n), float(n.sum())
    if not m:
        return Rate(value=0.0, n=0, customers=0, effective=0.0, low=0.0, high=1.0)
    p, effective = float(a.sum()) / total, float(m)
    if 0 < p < 1 and m > 1:
        variance = m / (m - 1) * float(((a - p * n) ** 2).sum()) / total**2
        effective = min(p * (1 - p) / variance, total) if variance > 0 else total
    low, high = wilson(p, effective, z=z)
    return Rate(value=p, n=int(total), customers=m, effective=effective, low=low, high=high)


def of_count(number: int, n: int, *, z: float) -> Rate:
    """Return the share of customers, each counted once."""
    p = number / n if n else 0.0
    low, high = wilson(p, float(n), z=z)
    return Rate(value=p, n=n, customers=n, effective=float(n), low=low, high=high)


def wilson(p: float, n: float, *, z: float) -> tuple[float, float]:
    """Return Wilson's score interval (Wilson 1927; Brown, Cai and DasGupta 2001, eq. 4)."""
    if n <= 0:
        return 0.0, 1.0
    z2 = z * z
    middle = (p + z2 / (2 * n)) / (1 + z2 / n)
    half = z / (1 + z2 / n) * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    return (0.0 if p == 0 else max(middle - half, 0.0)), (1.0 if p == 1 else min(middle + half, 1.0))


def gap(more: Rate, less: Rate) -> Gap:
    """Return how far a share lies above another, with Newcombe's hybrid score interval (Newcombe 1998, method 10).

    Customers who are in both make it wider than it need be where they are alike in both.
    """
    value = more.value - less.value
    low = value - sqrt((more.value - more.low) ** 2 + (less.high - less.value) ** 2)
    high = value + sqrt((more.high - more.value) ** 2 + (less.value - less.low) ** 2)
    return Gap(value=value, low=low, high=high)


def quantile(values: np.ndarray, at: float, *, effective: float, z: float) -> tuple[float, float, float]:
    """Return a quantile with Woodruff's interval (1952): the values at the ends of the interval of its share."""
    import numpy as np

    low, high = wilson(at, effective, z=z)
    middle, first, last = (float(one) for one in np.quantile(values, [at, low, high]))
    return middle, first, last
