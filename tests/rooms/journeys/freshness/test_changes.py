"""Intervals of changes are those that were published, and hold where the truth is known."""

from __future__ import annotations

import numpy as np
import pytest

from amity.rooms.journeys.rules.freshness.changes import apart, moved, pace
from amity.rooms.journeys.rules.intervals import share


@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [
        ((56, 70), (48, 80), 0.0524, 0.3339), ((9, 10), (3, 10), 0.1705, 0.8090), ((6, 7), (2, 7), 0.0582, 0.8062),
        ((5, 56), (0, 29), -0.0381, 0.1926), ((0, 10), (0, 20), -0.1611, 0.2775), ((10, 10), (0, 10), 0.6075, 1.0),
    ],
)  # fmt: skip
def test_differences_are_newcombes(first, second, low, high):
    """Newcombe (1998), Statistics in Medicine 17, table II, method 10: his examples (a), (b), (c), (d), (f), (h)."""
    found = apart(share(*first), share(*second))
    assert (found.low, found.high) == pytest.approx((low, high), abs=5e-5)


def test_a_pace_holds_the_truth_nineteen_times_in_twenty():
    """Of 2,000 pairs of Poisson counts 1,900 should; within 1,860 and 1,940 all but once in ten thousand."""
    dice = np.random.default_rng(1)
    now, then = dice.poisson(60, 2_000), dice.poisson(90, 2_000)
    found = [pace(int(a), int(b), days_now=10, days_then=30) for a, b in zip(now, then, strict=True)]
    assert 1_860 <= sum(one.low <= 2 <= one.high for one in found) <= 1_940
    assert pace(40, 0, days_now=10, days_then=10).value == float("inf")


def test_what_is_small_or_unsure_is_not_called_moved():
    assert moved(apart(share(500, 1_000), share(300, 1_000)))
    assert not moved(apart(share(5_100, 100_000), share(4_000, 100_000)))  # sure, but little
    assert not moved(apart(share(20, 40), share(15, 40)))  # much, but unsure
    assert not moved(apart(share(20, 20), share(0, 20)))  # of fewer than thirty nothing is said
