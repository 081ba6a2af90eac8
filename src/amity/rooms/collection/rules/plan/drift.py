"""Whether what flows still looks as it did: pure decisions over counts.

Shares (a property is there, a value has a type, an interaction breaks the plan) are compared by the pooled two-proportion z-test
(Agresti, Categorical Data Analysis, 3.2), volumes by a robust z-score from the median and the median absolute deviation
(Iglewicz and Hoaglin 1993, How to Detect and Handle Outliers), whose spread is never taken below that of a Poisson count.

Thousands of comparisons are made each hour, so the bars are high: |z| of 5 is a two-sided p of 6e-7, and a difference must matter
as well as be there.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import sqrt
from statistics import median
from typing import Any

SURE = 5.0  # |z|
MATTERS = 0.05  # of a share, as a difference
FEWEST = 100  # interactions in a window, to compare shares
EXPECTED = 25  # interactions in 24 hours, to miss them
DAYS = 7  # fewest days before, to know what is usual
WEEKS = 4  # as many equal weekdays tell better than all days

Place = tuple[str, str]  # properties or traits, and the name
Types = Mapping[Place, Mapping[str, int]]  # how often each came as which type


@dataclass(frozen=True, kw_only=True)
class Drift:
    """One thing that is other than it was. `before` and `now` are shares of 1, or interactions in 24 hours for volumes.

    Codes: `silent`, `volume`, `new_interaction`, `new_property`, `vanished`, `type`, `violations`. `path` is the property, for
    `type` with the type (`properties.total:string`). `n_before`, `n_now`: how many interactions (days, for volumes) that is of.
    """

    code: str
    path: str = ""
    before: float
    now: float
    n_before: int
    n_now: int


@dataclass(frozen=True, kw_only=True)
class Span:
    """What came of one interaction in a span of time."""

    n: int
    types: Types
    violations: int = 0


def volume_drift(now: int, days: Sequence[int]) -> Drift | None:
    """Compare the last 24 hours with the same 24 hours of the days before, `days`, latest first.

    Of enough equal weekdays (every seventh) only those are taken: weekends are weekends. It is silent where nothing came at
    all, which never was so in those days; a Poisson count of 25 or more is that once in 7e10.
    """
    weekly = [days[n] for n in range(6, len(days), 7)]
    usual = weekly if len(weekly) >= WEEKS else list(days)
    if len(days) < DAYS:
        return None
    middle = median(usual)
    if middle < EXPECTED:
        return None
    spread = max(1.4826 * median([abs(one - middle) for one in usual]), sqrt(middle))
    z = (now - middle) / spread
    told: dict[str, Any] = {"before": float(middle), "now": float(now), "n_before": len(usual), "n_now": 1}
    if now == 0:
        return Drift(code="silent", **told) if min(usual) > 0 else None
    if abs(z) >= SURE and not middle / 2 < now < middle * 2:
        return Drift(code="volume", **told)
    return None


def share_drift(before: Span, now: Span, *, planned: Mapping[Place, Any] | None) -> list[Drift]:
    """Compare what two spans carried: properties that are new or gone, types that changed, rules that are broken more often.

    `planned` are the properties of its plan (None: it has none): one that the plan names is never told of as new.
    """
    if min(before.n, now.n) < FEWEST:
        return []
    found: list[Drift] = []
    sizes: dict[str, Any] = {"n_before": before.n, "n_now": now.n}
    for place in sorted(before.types.keys() | now.types.keys()):
        old, new = before.types.get(place, {}), now.types.get(place, {})
        had, has = min(sum(old.values()), before.n), min(sum(new.values()), now.n)
        path = ".".join(place)
        shares: dict[str, Any] = {"before": had / before.n, "now": has / now.n, **sizes}
        if had == 0 and has and place not in (planned or {}):
            if has / now.n >= 0.01:
                found.append(Drift(code="new_property", path=path, **shares))
        elif _fell(had, before.n, has, now.n):
            found.append(Drift(code="vanished", path=path, **shares))
        if min(had, has) >= FEWEST:
            found += _types(path, old, had, new, has)
    if _fell(now.violations, now.n, before.violations, before.n) and now.violations * before.n >= 2 * before.violations * now.n:
        broken: dict[str, Any] = {"before": min(before.violations / before.n, 1), "now": min(now.violations / now.n, 1), **sizes}
        found.append(Drift(code="violations", **broken))
    return found


def still(held: Drift, now: float) -> bool:
    """Tell whether a share that drifted is still so: nearer to what it became than to what was usual."""
    return abs(now - held.before) > abs(now - held.now)


def share_now(held: Drift, now: Span) -> float:
    """Return today's figure that a drift of a share told of."""
    if held.code == "violations":
        return min(now.violations / now.n, 1) if now.n else 0.0
    place, _, name = held.path.partition(".")
    if held.code == "type":
        name, _, kind = name.rpartition(":")
        types = now.types.get((place, name), {})
        total = sum(types.values())
        return types.get(kind, 0) / total if total else 0.0
    return min(sum(now.types.get((place, name), {}).values()) / now.n, 1) if now.n else 0.0


def two_shares(x: int, n: int, y: int, m: int) -> float:
    """Return z of the pooled two-proportion test for y of m against x of n; 0 where neither tells anything."""
    pooled = (x + y) / (n + m)
    error = sqrt(pooled * (1 - pooled) * (1 / n + 1 / m))
    return (y / m - x / n) / error if error else 0.0


def _fell(x: int, n: int, y: int, m: int) -> bool:
    x, y = min(x, n), min(y, m)
    return x / n - y / m >= MATTERS and two_shares(x, n, y, m) <= -SURE


def _types(path: str, old: Mapping[str, int], had: int, new: Mapping[str, int], has: int) -> list[Drift]:
    """Return the types that came up: that others became rarer follows from it."""
    found = []
    for kind in sorted(new):
        x, y = old.get(kind, 0), new[kind]
        if y / has - x / had >= MATTERS and two_shares(x, had, y, has) >= SURE:
            found.append(Drift(code="type", path=f"{path}:{kind}", before=x / had, now=y / has, n_before=had, n_now=has))
    return found
