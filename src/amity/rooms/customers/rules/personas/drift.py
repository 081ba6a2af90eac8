"""How far a persona's members have moved since somebody last said that it holds. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from amity.kernel.clock import DAY
from amity.rooms.customers.rules.personas.measures import (
    FEWEST,
    SMALL,
    Interval,
    Measure,
    Summary,
    apart,
    share,
    stored,
    summary_from,
)

OLD = 180 * DAY
State = Literal["never", "few", "fresh", "moved", "old"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """One number then and now; `by` in standard deviations. `really`: at least a small difference that isn't chance."""

    key: str
    kind: str
    then: Summary
    now: Summary
    by: Interval | None
    really: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Freshness:
    """Whether a persona still describes its members. `stayed`: those of the review who are members still, of `size_then`."""

    state: State
    moved: Sequence[Moved]
    size_then: int
    size_now: int
    stayed: Interval | None


def kept_at_review(*, size: int, everybody: int, measures: Sequence[Measure]) -> dict[str, Any]:
    """Return what is kept when somebody says that a persona holds."""
    return {"size": size, "everybody": everybody, "measures": stored(measures)}


def freshness(  # noqa: PLR0913  one argument for each part
    *, reviewed_at: int | None, reviewed: Mapping[str, Any], now: int, size: int, stayed: int, measures: Sequence[Measure]
) -> Freshness:
    """Compare members now with members at the review. `stayed`: how many of those then are still in.

    `old` is said after 180 days even if nothing moved; `few` where either time has too few members to tell.
    """
    if reviewed_at is None:
        return Freshness(state="never", moved=(), size_then=0, size_now=size, stayed=None)
    then, size_then = reviewed.get("measures", {}), int(reviewed.get("size", 0))
    moved = [_moved(one, summary_from(then[one.key])) for one in measures if one.key in then]
    told = [one for one in moved if one.really]
    told.sort(key=lambda one: -abs(one.by.value) if one.by else 0.0)
    state: State = "fresh"
    if told:
        state = "moved"
    elif now - reviewed_at > OLD:
        state = "old"
    elif min(size, size_then) < FEWEST:
        state = "few"
    return Freshness(
        state=state, moved=told, size_then=size_then, size_now=size,
        stayed=share(min(stayed, size_then), size_then) if size_then else None,
    )  # fmt: skip


def _moved(one: Measure, then: Summary) -> Moved:
    by = apart(one.summary, then)
    enough = min(one.summary.n, then.n) >= FEWEST
    really = by is not None and enough and abs(by.value) >= SMALL and by.excludes_zero
    return Moved(key=one.key, kind=one.kind, then=then, now=one.summary, by=by, really=really)
