"""Figures and their intervals, from sums over customers. Pure.

A customer's interactions hang together, so customers are what is sampled, not interactions: each gives a pair (y, x), and the
spread between customers makes the interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import erfc, sqrt

from amity.kernel.intervals import FEWEST, Z95, adjusted_wald, wilson
from amity.rooms.metrics.contracts import Change, Figure

CLEAR = 0.05
NONE_SEEN = 3.6888794541139363  # -ln 0.025
ADJUSTED_WALD, WILSON, LINEARISED = "adjusted Wald", "Wilson", "delta method by customer"
POISSON, WOODRUFF = "compound Poisson by customer", "Woodruff by customer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sums:
    """Over customers: how many (`n`), their interactions, sums of y, x and products; `plus` and `minus` are the answers at both ends."""

    n: int = 0
    events: int = 0
    y: float = 0.0
    x: float = 0.0
    yy: float = 0.0
    xx: float = 0.0
    xy: float = 0.0
    plus: float = 0.0
    minus: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cross:
    """Sums of products of a customer's now (1) and before (0): what the two figures have in common."""

    yy: float = 0.0
    xx: float = 0.0
    y1x0: float = 0.0
    x1y0: float = 0.0


def total(sums: Sums) -> Figure:
    """Return a total of y. Customers come as a Poisson process and bring what they bring: its variance is the sum of y squared.

    The interval is that of a Poisson count of (sum y)² / (sum y²), scaled: Byar's approximation (Breslow and Day 1987, 2.18), as Fay
    and Feuer (1997) scale it for weighted sums. Where y may be negative, the normal one.
    """
    if not sums.events:
        return Figure(value=0.0, low=0.0, high=0.0, method=POISSON, events=0, customers=0, few=False)
    if sums.y > 0 and sums.yy > 0:
        n = sums.y**2 / sums.yy
        low = n * max(1 - 1 / (9 * n) - Z95 / (3 * sqrt(n)), 0.0) ** 3
        high = (n + 1) * (1 - 1 / (9 * (n + 1)) + Z95 / (3 * sqrt(n + 1))) ** 3
        each = sums.yy / sums.y
        low, high = low * each, high * each
    else:
        low, high = sums.y - Z95 * sqrt(sums.yy), sums.y + Z95 * sqrt(sums.yy)
    return Figure(value=sums.y, low=low, high=high, method=POISSON, events=sums.events, customers=sums.n, few=False)


def ratio(sums: Sums, *, scale: float = 1.0) -> Figure:
    """Return sum y / sum x with the linearised variance of a ratio, customers as clusters (Cochran 1977, 6.13; Deng et al. 2018)."""
    if not sums.x:
        return _nothing(LINEARISED, sums)
    value, error = sums.y / sums.x, sqrt(ratio_variance(sums))
    low, high = value - Z95 * error, value + Z95 * error
    if not sums.yy and sums.x > 0:  # nothing seen is not nothing possible: the upper bound of a Poisson count of 0
        high = NONE_SEEN / sums.x
    return Figure(
        value=value * scale, low=low * scale, high=high * scale, method=LINEARISED,
        events=sums.events, customers=sums.n, few=sums.n < FEWEST,
    )  # fmt: skip


def ratio_variance(sums: Sums) -> float:
    """Return the linearised variance of sum y / sum x."""
    if sums.n < 2 or not sums.x:
        return 0.0
    r = sums.y / sums.x
    left = max(sums.yy - 2 * r * sums.xy + r * r * sums.xx, 0.0)
    return left * sums.n / (sums.n - 1) / sums.x**2


def net(sums: Sums, *, scale: float = 100.0) -> Figure:
    """Return the share of `plus` less that of `minus` of x answers: NPS and its like, with the adjusted Wald interval.

    Where customers answered more than once, of as many answers as would say as much (n over the design effect).
    """
    if not sums.x:
        return _nothing(ADJUSTED_WALD, sums)
    value = (sums.plus - sums.minus) / sums.x
    effect = design_effect(sums, (sums.plus + sums.minus) / sums.x - value**2)
    low, high = adjusted_wald(sums.plus / effect, sums.minus / effect, sums.x / effect)
    return Figure(
        value=value * scale, low=low * scale, high=high * scale,
        method=ADJUSTED_WALD, events=sums.events, customers=sums.n, few=sums.x < FEWEST,
    )  # fmt: skip


def proportion(sums: Sums) -> Figure:
    """Return the share y / x, of answers or of customers, with Wilson's score interval (1927), of the effective number of answers."""
    if not sums.x:
        return _nothing(WILSON, sums)
    value = sums.y / sums.x
    low, high = wilson(value, sums.x / design_effect(sums, value * (1 - value)))
    return Figure(
        value=value, low=low, high=high, method=WILSON, events=sums.events, customers=sums.n, few=sums.x < FEWEST
    )  # fmt: skip


def design_effect(sums: Sums, variance: float) -> float:
    """Return by how much the variance of a mean of answers is larger than if each was another customer's: at least 1 (Kish 1965)."""
    if variance <= 0 or sums.n >= sums.x:
        return 1.0
    return max(ratio_variance(sums) / (variance / sums.x), 1.0)


def changed(  # noqa: PLR0913  one argument for each part
    new: Sums, old: Sums, cross: Cross, *, totals: bool, scale: float = 1.0, old_scale: float | None = None
) -> Change | None:
    """Return how a figure changed; customers who are in both are counted as what they are, the same ones. None without either."""
    if totals:
        by, variance = new.y - old.y, max(new.yy + old.yy - 2 * cross.yy, 0.0)
        if not (new.events or old.events):
            return None
    else:
        if not new.x or not old.x:
            return None
        before = scale if old_scale is None else old_scale
        r1, r0 = new.y / new.x, old.y / old.x
        shared = (cross.yy - r1 * cross.x1y0 - r0 * cross.y1x0 + r1 * r0 * cross.xx) / (new.x * old.x)
        by = r1 * scale - r0 * before
        variance = ratio_variance(new) * scale**2 + ratio_variance(old) * before**2 - 2 * shared * scale * before
    return change_of(by, sqrt(max(variance, 0.0)))


def change_of(by: float, error: float) -> Change:
    """Return a change with its standard error, by the normal distribution, not adjusted yet."""
    p = erfc(abs(by) / error / sqrt(2)) if error else (1.0 if not by else 0.0)
    return Change(by=by, low=by - Z95 * error, high=by + Z95 * error, p=p, adjusted=p, clear=p <= CLEAR)


def adjusted(ps: Sequence[float]) -> list[float]:
    """Return p-values adjusted for how many there are: Benjamini and Hochberg (1995), step-up."""
    order = sorted(range(len(ps)), key=lambda n: ps[n], reverse=True)
    found, least = [1.0] * len(ps), 1.0
    for place, n in enumerate(order):
        least = min(least, ps[n] * len(ps) / (len(ps) - place))
        found[n] = least
    return found


def _nothing(method: str, sums: Sums) -> Figure:
    return Figure(value=None, low=None, high=None, method=method, events=sums.events, customers=sums.n, few=True)
