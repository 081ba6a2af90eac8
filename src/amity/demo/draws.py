"""Chance that comes out the same on every machine.

All of it is made from `Random.random()` after `seed(int)`: of Python's generator these two are promised not to change
between versions. Normal and exponential draws go through `math.log` and `math.cos`, whose last bit a C library may choose;
it would take a draw within 1e-15 of a threshold for that to show.
"""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from hashlib import blake2b
from math import cos, exp, log, pi, sqrt
from random import Random
from typing import TypeVar

T = TypeVar("T")


class Dice:
    """Draws for one purpose after the other: `begin` with the purpose's numbers, then draw."""

    __slots__ = ("_source", "random")

    def __init__(self) -> None:
        self._source = Random()  # noqa: S311  a story, not a secret
        self.random = self._source.random

    def begin(self, *purpose: int) -> None:
        """Start the draws of a purpose: the same purpose, the same draws."""
        self._source.seed(int.from_bytes(blake2b(repr(purpose).encode(), digest_size=8).digest(), "big"))

    def whether(self, chance: float) -> bool:
        """Return whether something of this chance happens."""
        return self.random() < chance

    def between(self, low: int, high: int) -> int:
        """Return a whole number from `low` to `high`, both included."""
        return low + int(self.random() * (high - low + 1))

    def pick(self, some: Sequence[T]) -> T:
        """Return one of them, each as likely."""
        return some[int(self.random() * len(some))]

    def weighted(self, some: Sequence[T], ladder: Sequence[float]) -> T:
        """Return one of them by a ladder of their weights (see `ladder_of`)."""
        return some[bisect(ladder, self.random() * ladder[-1])]

    def normal(self) -> float:
        """Return a standard normal draw (Box and Muller 1958)."""
        return sqrt(-2.0 * log(1.0 - self.random())) * cos(2.0 * pi * self.random())

    def exponential(self, mean: float) -> float:
        """Return a draw from the exponential distribution."""
        return -mean * log(1.0 - self.random())

    def count(self, mean: float) -> int:
        """Return a Poisson draw, by multiplying uniform ones (Knuth 1969); made for small means."""
        least, product, found = exp(-mean), self.random(), 0
        while product > least:
            product *= self.random()
            found += 1
        return found


def ladder_of(weights: Sequence[float]) -> list[float]:
    """Return running sums of weights, the last one a hair larger so that no draw falls beyond it."""
    total, ladder = 0.0, []
    for weight in weights:
        total += weight
        ladder.append(total)
    return ladder
