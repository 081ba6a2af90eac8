"""What changed between two times: shares and rates, each with its 95% interval. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from amity.rooms.journeys.contracts import Share
from amity.rooms.journeys.rules.intervals import share

LEAST = 0.02  # a share that went by less isn't worth a look, however sure it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Apart:
    """How far two figures lie apart: now less then for shares, now over then for rates. `few`: too few to say."""

    value: float
    low: float
    high: float
    few: bool
    still: float  # the value of no change

    @property
    def sure(self) -> bool:
        """Whether they differ by more than chance makes them (95%)."""
        return not self.few and not self.low <= self.still <= self.high


def apart(now: Share, then: Share) -> Apart:
    """Return the difference of two shares with Newcombe's hybrid score interval (Newcombe 1998, method 10)."""
    value = now.value - then.value
    low = value - sqrt((now.value - now.low) ** 2 + (then.high - then.value) ** 2)
    high = value + sqrt((now.high - now.value) ** 2 + (then.value - then.low) ** 2)
    return Apart(value=value, low=low, high=high, few=now.few or then.few, still=0.0)


def pace(now: int, then: int, *, days_now: float, days_then: float) -> Apart:
    """Return how many times as often something happens now, of two counts over so many days.

    Given how many there were together, those of now are a binomial share, whose interval is the ratio's (Przyborowski and Wilenski
    1940; with Wilson's interval, as Price and Bonett 2000).
    """
    found = share(now, now + then)

    def times(p: float) -> float:
        return p / (1 - p) * days_then / days_now if p < 1 else float("inf")

    return Apart(value=times(found.value), low=times(found.low), high=times(found.high), few=found.few, still=1.0)


def moved(one: Apart) -> bool:
    """Whether a share went so far, and so surely, that a map should be looked at."""
    return one.sure and abs(one.value) >= LEAST
