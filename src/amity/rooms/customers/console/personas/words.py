"""A persona's numbers in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import isinf

from amity.rooms.customers.rules.personas.drift import Freshness, Moved
from amity.rooms.customers.rules.personas.measures import FEWEST, LARGE, MEDIUM, Interval, Measure, Summary
from amity.rooms.customers.rules.portrait.portray import channel_words
from amity.shell.words import say_money, say_number

_NAMES = {
    "active": "Seen in the last 30 days",
    "value": "Brought, on average",
    "interactions": "Interactions, on average",
    "since": "Days since first seen, on average",
}
_FRESH = {
    "never": ("quiet", "Never reviewed"),
    "few": ("quiet", "Too few members to tell"),
    "fresh": ("good", "Still holds"),
    "moved": ("warn", "Its members have moved"),
    "old": ("warn", "Reviewed long ago"),
}


@dataclass(frozen=True, kw_only=True)
class Line:
    """One number for a table or a tile: value, interval and number of customers in words; `rest` is everybody else's.

    `x`, `low` and `high` are places in % for a drawing of a share; `apart` the difference in words, `d` the number of it.
    """

    label: str
    value: str
    interval: str
    n: int
    rest: str
    few: bool
    x: float = 0.0
    low: float = 0.0
    wide: float = 0.0
    rest_x: float = 0.0
    apart: str = ""
    d: str = ""


@dataclass(frozen=True, kw_only=True)
class Move:
    """One number then and now."""

    label: str
    then: str
    now: str
    by: str


def line_of(one: Measure, *, traits: Mapping[int, str], currency: str) -> Line:
    """Return a measure in words."""

    def said(value: float) -> str:
        return value_words(one.kind, value, currency)

    interval = one.interval
    open_ended = isinf(interval.low) or isinf(interval.high)
    return Line(
        label=label_of(one.key, traits),
        value=said(interval.value),
        interval="" if open_ended else f"{said(interval.low)} to {said(interval.high)}",
        n=one.summary.n,
        rest=said(one.rest.mean) if one.rest.n else "–",
        few=one.summary.n < FEWEST,
        x=round(100 * interval.value, 1) if one.kind == "share" else 0.0,
        low=round(100 * interval.low, 1) if one.kind == "share" else 0.0,
        wide=round(100 * (interval.high - interval.low), 1) if one.kind == "share" else 0.0,
        rest_x=round(100 * one.rest.mean, 1) if one.kind == "share" else 0.0,
        apart=apart_words(one.apart),
        d=signed(one.apart) if one.apart else "",
    )


def moves_of(fresh: Freshness, *, traits: Mapping[int, str], currency: str) -> list[Move]:
    """Return what has moved since the review."""
    return [_move(one, traits, currency) for one in fresh.moved]


def fresh_words(fresh: Freshness) -> tuple[str, str]:
    """Return (mark, words) of how a persona stands."""
    return _FRESH[fresh.state]


def label_of(key: str, traits: Mapping[int, str]) -> str:
    """Return what a number is called."""
    kind, _, name = key.partition(":")
    if kind == "channel":
        words = channel_words(name) or name
        return words[:1].upper() + words[1:]
    if kind == "trait":
        return traits.get(int(name), "A computed trait")
    return name if kind == "stage" else _NAMES.get(key, key)


def value_words(kind: str, value: float, currency: str) -> str:
    """Return a number with its unit."""
    if kind == "share":
        return f"{100 * value:.0f}%"
    if kind == "money":
        return say_money(Decimal(str(round(value, 2))), currency)
    digits = 0 if abs(value) >= 100 else 1
    return say_number(Decimal(str(round(value, digits))), digits=digits)


def share_words(of: Interval) -> tuple[str, str]:
    """Return a share, and its interval, to a tenth of a percent."""
    return f"{100 * of.value:.1f}%", f"{100 * of.low:.1f}% to {100 * of.high:.1f}%"


def apart_words(of: Interval | None) -> str:
    """Return how large a standardised difference is (Cohen's names); empty where it may be chance or is next to nothing."""
    if of is None or not of.excludes_zero or abs(of.value) < 0.2:
        return ""
    size = "far" if abs(of.value) >= LARGE else "clearly" if abs(of.value) >= MEDIUM else "a little"
    return f"{size} {'more' if of.value > 0 else 'less'}"


def signed(of: Interval) -> str:
    """Return a standardised difference with its interval."""
    return f"{of.value:+.2f} ({of.low:+.2f} to {of.high:+.2f})".replace("-", "−")


def lines_of(measures: Sequence[Measure], *, traits: Mapping[int, str], currency: str) -> list[Line]:
    """Return measures in words."""
    return [line_of(one, traits=traits, currency=currency) for one in measures]


def _move(one: Moved, traits: Mapping[int, str], currency: str) -> Move:
    then, now = (_said(one.kind, part, currency) for part in (one.then, one.now))
    return Move(label=label_of(one.key, traits), then=then, now=now, by=signed(one.by) if one.by else "")


def _said(kind: str, of: Summary, currency: str) -> str:
    return value_words(kind, of.mean, currency)
