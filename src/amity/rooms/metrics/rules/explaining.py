"""Which segments explain most of a change. Pure.

A segment's contribution is what it brings to the figure beyond the rate of before: of a total its own change, of a ratio
(y - r0 x) / X, so that the contributions of values that don't overlap add up to the change, whether rate or mix moved. As in Adtributor
(Bhagwan et al., NSDI 2014), how much of the change it explains is held against how much of the whole it is usually: a segment that is
nine tenths of everything and brings nine tenths of the change explains nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import erfc, sqrt

from amity.kernel.intervals import FEWEST, Z95
from amity.rooms.metrics.rules.statistics import CLEAR, Sums, adjusted


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One value of a breakdown: what it contributes (with its 95 % interval), which share of the change that is, and of the whole usually.

    `clear`: more or less than its usual share would bring, after Benjamini and Hochberg over all values of all breakdowns. `few`: too few
    customers to say.
    """

    of: str
    value: str
    rest: bool
    by: float
    low: float
    high: float
    share: float
    usual: float
    customers: int
    before: float
    few: bool
    p: float = 1.0
    clear: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Sides:
    """A segment's sums in the time that is explained, and in each of the times that it is held against."""

    now: Sums
    before: Sequence[Sums]


def parts_of(of: str, found: Mapping[str, Sides], *, total: bool, scale: float, rest: str) -> list[Part]:
    """Return what each value of a breakdown contributes to the change of the whole, not judged yet."""
    if not found:
        return []
    times = max(len(next(iter(found.values())).before), 1)
    old = {g: _added(one.before) for g, one in found.items()}
    y1, y0 = sum(one.now.y for one in found.values()), sum(one.y for one in old.values())
    x1, x0 = sum(one.now.x for one in found.values()), sum(one.x for one in old.values())
    if not total and not (x1 and x0):
        return []
    whole = y1 - y0 / times if total else y1 / x1 - y0 / x0
    parts = []
    for g, one in found.items():
        was = old[g]
        if total:
            by, variance = one.now.y - was.y / times, one.now.yy + was.yy / times**2
            usual = was.y / y0 if y0 else 0.0
        else:
            rate = y0 / x0
            by = (one.now.y - rate * one.now.x) / x1 - (was.y - rate * was.x) / x0
            variance = _left(one.now, rate) / x1**2 + _left(was, rate) / x0**2
            usual = was.x / x0
        error = sqrt(max(variance, 0.0))
        beyond = abs(by - usual * whole)
        few = one.now.n + was.n < FEWEST
        parts.append(
            Part(
                of=of, value="" if g == rest else g, rest=g == rest, by=by * scale, low=(by - Z95 * error) * scale,
                high=(by + Z95 * error) * scale, share=by / whole if whole else 0.0, usual=usual, customers=one.now.n,
                before=was.n / times, few=few, p=1.0 if few or not error else erfc(beyond / error / sqrt(2)),
            )
        )  # fmt: skip
    return parts


def ranked(parts: Sequence[Part]) -> list[Part]:
    """Return parts judged together, those that clearly bring more of the change than their share first, the largest excess first."""
    from dataclasses import replace

    judged = [n for n, one in enumerate(parts) if not one.few]
    found = list(parts)
    for n, p in zip(judged, adjusted([parts[n].p for n in judged]), strict=True):
        found[n] = replace(parts[n], p=p, clear=p <= CLEAR)
    return sorted(
        found, key=lambda one: (not (one.clear and one.share > one.usual), one.few, -(one.share - one.usual), one.value)
    )


def _added(rows: Sequence[Sums]) -> Sums:
    return Sums(
        n=sum(one.n for one in rows), events=sum(one.events for one in rows), y=sum(one.y for one in rows), x=sum(one.x for one in rows),
        yy=sum(one.yy for one in rows), xx=sum(one.xx for one in rows), xy=sum(one.xy for one in rows),
    )  # fmt: skip


def _left(sums: Sums, rate: float) -> float:
    return sums.yy - 2 * rate * sums.xy + rate * rate * sums.xx
