"""What a segment is called and what sets it apart, by the features that customers were sorted by. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from amity.rooms.customers.rules.personas.measures import SMALL, Summary, apart
from amity.rooms.customers.rules.portrait.portray import channel_words

if TYPE_CHECKING:
    import numpy as np

TOLD = 6


def label(group: str, words: str) -> str:
    """Return what a feature is called."""
    return (
        f"{_capital(channel_words(words) or words)} a month"
        if group == "channels"
        else f"{words} a month"
        if group == "events"
        else words
    )


def differences(raw: np.ndarray, segments: np.ndarray, number: int, names: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """Return for each segment {size, told: what sets it apart from the rest, largest first}.

    Each of `told` is {label, d, low, high}: the difference of the features' means in standard deviations, with its interval. The
    segments were made of the same features, so these differences describe them; they are no test that segments exist.
    """
    found = []
    for segment in range(number):
        mine, rest = raw[segments == segment], raw[segments != segment]
        told: list[dict[str, Any]] = []
        for column, (group, words) in enumerate(names):
            one, other = _summary(mine[:, column]), _summary(rest[:, column])
            difference = apart(one, other)
            if difference is None or abs(difference.value) < SMALL or not difference.excludes_zero:
                continue
            told.append(
                {
                    "label": label(group, words),
                    "d": round(difference.value, 3),
                    "low": round(difference.low, 3),
                    "high": round(difference.high, 3),
                }
            )
        told.sort(key=lambda one: -abs(one["d"]))
        found.append({"size": len(mine), "told": told[:TOLD]})
    return found


def named(told: Sequence[Sequence[dict[str, Any]]]) -> list[str]:
    """Return a name for each segment, of what sets it apart most; no two are the same."""
    names: list[str] = []
    for number, parts in enumerate(told):
        more = [one["label"].removesuffix(" a month").lower() for one in parts if one["d"] > 0][:2]
        less = [one["label"].removesuffix(" a month").lower() for one in parts if one["d"] < 0][:2]
        if more:
            name = f"More {' and '.join(more)}"
        elif less:
            name = f"Less {' and '.join(less)}"
        else:
            name = f"Segment {number + 1}"
        name = name[:100]
        names.append(name if name not in names else f"{name} ({number + 1})")
    return names


def _summary(values: np.ndarray) -> Summary:
    if not len(values):
        return Summary(n=0, mean=0.0, sd=0.0)
    return Summary(n=len(values), mean=float(values.mean()), sd=float(values.std(ddof=1)) if len(values) > 1 else 0.0)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
