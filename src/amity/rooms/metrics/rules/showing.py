"""Figures as people read them: value, unit, interval, n, and whether the change is clear and good."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from amity.rooms.metrics.contracts import Change, Figure, Measured
from amity.rooms.metrics.rules.statistics import POISSON
from amity.rooms.metrics.rules.wording import is_money, value_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A figure in words. `rule` are positions in percent for the interval rule; `mark` says the change with its kind."""

    value: str
    unit: str
    interval: str
    n: str
    method: str
    few: bool
    mark: str = ""
    said: str = ""
    rule: dict[str, str] | None = None


def figure_shown(one: Measured) -> Shown:
    """Return a measured metric's figure in words."""
    mark, said = _change(one)
    return _shown(one.figure, one, mark=mark, said=said, previous=one.previous)


def part_shown(figure: Figure, one: Measured) -> Shown:
    """Return another figure of the same metric in words."""
    return _shown(figure, one)


def unit_text(one: Measured) -> str:
    """Return the unit to write beside a value."""
    return "" if one.shape == "seconds" or is_money(one.unit) else one.unit


def step_text(first: int, by: str, zone: str) -> str:
    """Return when a step of a series begins, as short as it is clear."""
    at = datetime.fromtimestamp(first / 1000, ZoneInfo(zone))
    return f"{at:%b %Y}" if by == "month" else f"{at:%H:%M}" if by == "hour" else f"{at.day} {at:%b}"


def _shown(figure: Figure, one: Measured, *, mark: str = "", said: str = "", previous: Figure | None = None) -> Shown:
    def text(value: float | None) -> str:
        return value_text(value, one.shape, one.unit)

    low, high = figure.low, figure.high
    if figure.method == POISSON and not is_money(one.unit) and low is not None and high is not None:
        low, high = round(low), round(high)  # of what is counted, halves are no help
    interval = f"{text(low)} to {text(high)}" if low is not None and not figure.few else ""
    n = (
        f"{figure.customers:,}"
        if one.of_customers or figure.events == figure.customers
        else (f"{figure.events:,} from {figure.customers:,} customers")
    )
    return Shown(
        value="too few" if figure.few else text(figure.value), unit="" if figure.few else unit_text(one), interval=interval, n=n,
        method=figure.method, few=figure.few, mark=mark, said=said, rule=_rule(figure, previous),
    )  # fmt: skip


def _change(one: Measured) -> tuple[str, str]:
    if one.change is None:
        return "quiet", "Nothing to compare with" if one.previous is not None else ""
    change = one.change
    if not change.clear:
        return "quiet", "No clear change"
    return _judged(one, change), f"{change_text(change, one)} {'higher' if change.by > 0 else 'lower'}"


def _judged(one: Measured, change: Change) -> str:
    if one.direction == "none":
        return "quiet"
    return "good" if (change.by > 0) == (one.direction == "up") else "bad"


def change_text(change: Change, one: Measured) -> str:
    """Return how much a figure changed, without its sign."""
    by = abs(change.by)
    if one.shape == "share":
        return f"{by * 100:.0f} points" if by >= 0.1 else f"{by * 100:.1f} points"
    if one.shape == "score":
        return f"{by:.0f} points"
    return value_text(by, one.shape, one.unit)


def _rule(figure: Figure, previous: Figure | None) -> dict[str, str] | None:
    if figure.few or figure.value is None or figure.low is None or figure.high is None:
        return None
    marks = [figure.low, figure.high]
    was = previous.value if previous is not None and not previous.few else None
    marks += [was] if was is not None else []
    low, high = min(marks), max(marks)
    room = (high - low) * 0.6 or abs(high) * 0.2 or 1.0
    low, high = low - room, high + room

    def at(value: float) -> float:
        return (value - low) / (high - low) * 100

    return {
        "x": f"{at(figure.low):.1f}%", "width": f"{max(at(figure.high) - at(figure.low), 0.5):.1f}%", "dot": f"{at(figure.value):.1f}%",
        "was": "" if was is None else f"{at(was):.1f}%",
    }  # fmt: skip


def context_of(one: Measured) -> dict[str, Any]:
    """Return what the templates of a figure need."""
    return {"shown": figure_shown(one), "measured": one}
