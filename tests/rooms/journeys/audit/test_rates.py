"""Shares with customers as clusters: equal to Wilson's where they are independent, and holding what they promise where they aren't."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import binomtest

from amity.rooms.journeys.rules.audit.rates import gap, of_count, quantile, rate, wilson, z_of

Z = z_of(1)


@pytest.mark.parametrize(("number", "n"), [(0, 40), (3, 40), (40, 40), (25, 90)])
def test_independent_customers_have_wilsons_interval(number, n):
    found = binomtest(number, n).proportion_ci(method="wilson")
    told = of_count(number, n, z=Z)
    assert (told.low, told.high) == pytest.approx((found.low, found.high), abs=1e-9)


def test_a_gap_has_newcombes_interval():
    # Newcombe 1998, table II, contrast (a), method 10.
    told = gap(of_count(56, 70, z=Z), of_count(48, 80, z=Z))
    assert (told.low, told.high) == pytest.approx((0.0524, 0.3339), abs=5e-5)


def test_who_does_something_often_is_worth_less_than_as_many_customers():
    once = rate(np.repeat([0, 1], 50), np.ones(100, dtype=int), z=Z)
    often = rate(np.repeat([0, 10], 50), np.full(100, 10), z=Z)
    assert often.n == 1_000
    assert often.effective == pytest.approx(once.effective, rel=1e-9)
    # Of one occasion each, the ratio's variance is the share's with n - 1.
    assert once.effective == pytest.approx(99, rel=1e-9)
    assert rate(np.zeros(50, dtype=int), np.full(50, 9), z=Z).effective == 50


def test_the_interval_holds_where_customers_differ():
    dice, held = np.random.default_rng(5), 0
    for _ in range(400):
        chance, n = dice.beta(1, 3, size=150), dice.integers(1, 20, size=150)
        told = rate(dice.binomial(n, chance), n, z=Z)
        held += told.low <= 0.25 <= told.high
    # 95% of 400 is 380; three standard errors of that are 13.
    assert 367 <= held <= 396


def test_a_quantile_lies_between_the_values_of_its_shares_interval():
    values = np.arange(1_001.0)
    middle, low, high = quantile(values, 0.75, effective=1_001, z=Z)
    share = wilson(0.75, 1_001, z=Z)
    assert (middle, low, high) == pytest.approx((750, share[0] * 1_000, share[1] * 1_000))


def test_many_comparisons_widen():
    assert z_of(1) == pytest.approx(1.959964, abs=1e-6)
    assert z_of(10) == pytest.approx(2.807034, abs=1e-6)
