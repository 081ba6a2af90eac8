"""Intervals against a second library and a simulation with known truth."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binom, binomtest

from amity.rooms.journeys.rules.intervals import share, times


@pytest.mark.parametrize(("number", "n"), [(0, 1), (1, 1), (0, 30), (7, 9), (15, 30), (999, 1000), (64, 12_480), (1, 2_000_000)])
def test_shares_are_wilsons(number, n):
    expected = binomtest(number, n).proportion_ci(method="wilson")
    found = share(number, n)
    assert (found.low, found.high) == pytest.approx((expected.low, expected.high), abs=1e-12)
    assert found.low <= found.value <= found.high


def test_of_nothing_all_is_possible():
    assert (share(0, 0).low, share(0, 0).high, share(0, 0).value) == (0.0, 1.0, 0.0)
    assert times([]) is None


def test_percentiles_are_numpys_and_few_give_no_interval():
    spans = [5, 1, 4, 2, 3]
    found = times(spans)
    assert (found.p25, found.p50, found.p75, found.p90) == tuple(np.quantile(spans, [0.25, 0.5, 0.75, 0.9]))
    assert found.low is None
    assert times(range(6)).low == 0.0  # 2 of 2^6 orders miss the median on either side: 3.1%


@pytest.mark.parametrize("n", [5, 6, 17, 30, 101, 1000, 1001, 50_000])
def test_the_medians_ranks_are_the_binomials(n):
    found = times(range(n))
    expected = int(binom.ppf(0.025, n, 0.5))
    while expected and binom.cdf(expected - 1, n, 0.5) > 0.025:
        expected -= 1
    rank = 0 if found.low is None else found.low + 1
    assert abs(rank - expected) <= (1 if n > 1000 else 0)
    assert found.low is None or found.high == n - rank


def test_the_medians_interval_holds_in_so_many_cases():
    """On skewed durations; 2,000 samples of 25 have a standard error of 0.5 points, so under 94% would be a mistake."""
    random = np.random.default_rng(1)
    held = 0
    for _ in range(2_000):
        one = times(random.lognormal(0, 1.5, 25))
        held += one.low <= 1.0 <= one.high
    assert held / 2_000 >= 0.94
