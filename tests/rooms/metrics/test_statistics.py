"""Intervals against published examples, SciPy, and simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from amity.rooms.metrics.rules.quantiles import quantile
from amity.rooms.metrics.rules.statistics import Cross, Sums, adjusted, changed, net, proportion, ratio, total, wilson


def of(y, x) -> Sums:
    """Sums over customers, each with a y and an x."""
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    return Sums(
        n=len(y), events=int(x.sum()) or len(y), y=y.sum(), x=x.sum(), yy=(y * y).sum(), xx=(x * x).sum(), xy=(x * y).sum()
    )  # fmt: skip


def answers(promoters: int, passives: int, detractors: int) -> Sums:
    y = [1.0] * promoters + [0.0] * passives + [-1.0] * detractors
    one = of(y, [1.0] * len(y))
    return Sums(
        **{name: getattr(one, name) for name in ("n", "events", "y", "x", "yy", "xx", "xy")}, plus=promoters, minus=detractors
    )


def test_nps_as_published():
    """Rocks (2016), MeasuringU: of 100 answers 50, 30 and 20, 29.1 ± 15.1 adjusted; of 1,000, ± 4.8 about 30."""
    small, large = net(answers(50, 30, 20)), net(answers(500, 300, 200))
    assert small.value == 30
    assert (small.low + small.high) / 2 == pytest.approx(29.1, abs=0.05)
    assert (small.high - small.low) / 2 == pytest.approx(15.1, abs=0.05)
    assert (large.high - large.low) / 2 == pytest.approx(4.8, abs=0.05)
    assert (small.method, small.few, net(answers(10, 5, 10)).few) == ("adjusted Wald", False, True)


def test_who_answers_often_counts_for_less():
    once = net(answers(50, 30, 20))
    y = [5.0] * 10 + [0.0] * 6 + [-5.0] * 4  # the same hundred answers of twenty customers, five each
    clustered = of(y, [5.0] * 20)
    often = net(
        Sums(n=20, events=100, y=clustered.y, x=100, yy=clustered.yy, xx=clustered.xx, xy=clustered.xy, plus=50, minus=20)
    )
    assert often.value == once.value
    assert often.high - often.low > 2 * (once.high - once.low)


@given(n=st.integers(1, 2_000), share=st.floats(0, 1))
def test_wilson_is_scipys(n, share):
    done = round(n * share)
    expected = stats.binomtest(done, n).proportion_ci(method="wilson")
    assert wilson(done / n, n) == pytest.approx((expected.low, expected.high), abs=1e-9)


@given(count=st.integers(1, 5_000))
def test_a_count_of_customers_has_poissons_interval(count):
    found = total(of([1.0] * count, [0.0] * count))
    exact = stats.chi2.ppf(0.025, 2 * count) / 2, stats.chi2.ppf(0.975, 2 * (count + 1)) / 2
    assert (found.low, found.high) == pytest.approx(exact, rel=0.02, abs=0.06)


def test_a_ratio_is_fiellers_where_that_is_easy_and_covers():
    """Of 2,000 samples of 200 customers with orders and money that hang together, 93 to 97 of 100 intervals hold the truth."""
    dice = np.random.default_rng(5)
    hit = 0
    for _ in range(2_000):
        x = dice.poisson(3, 200) + 1.0
        y = x * 20 + dice.normal(0, 30, 200) * np.sqrt(x)
        one = ratio(of(y, x))
        hit += one.low <= 20 <= one.high
    assert 0.93 < hit / 2_000 < 0.97


def test_a_mean_of_one_each_is_the_usual_one():
    y = np.random.default_rng(1).normal(5, 2, 400)
    found, error = ratio(of(y, np.ones(400))), stats.sem(y)
    assert (found.value, found.low, found.high) == pytest.approx(
        (y.mean(), y.mean() - 1.96 * error, y.mean() + 1.96 * error), rel=1e-3
    )


def test_nothing_seen_is_not_nothing_possible():
    found = ratio(of([0.0] * 300, [1.0] * 300))
    assert (found.value, found.low) == (0, 0)
    assert found.high == pytest.approx(stats.chi2.ppf(0.975, 2) / 2 / 300)
    assert ratio(Sums()).value is None
    assert total(Sums()).value == 0
    assert proportion(of([0.0] * 40, [1.0] * 40)).high == pytest.approx(0.0876, abs=1e-3)


def test_a_change_knows_who_is_in_both():
    dice = np.random.default_rng(2)
    base = dice.normal(10, 3, 500)
    one, two = base + dice.normal(0.2, 0.5, 500), base
    ones = np.ones(500)
    cross = Cross(yy=one @ two, xx=500, y1x0=one.sum(), x1y0=two.sum())
    found = changed(of(one, ones), of(two, ones), cross, totals=False)
    paired = stats.ttest_rel(one, two)
    assert found.by == pytest.approx((one - two).mean())
    assert found.p == pytest.approx(paired.pvalue, rel=0.3)
    assert (
        found.p < 1e-6 < changed(of(one, ones), of(two, ones), Cross(), totals=False).p
    )  # as if they were others, it is not clear


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_adjusted_as_scipy_does(ps):
    assert adjusted(ps) == pytest.approx(list(stats.false_discovery_control(ps, method="bh")), abs=1e-12)


def test_a_percentile_covers():
    """Of 600 samples of 150 customers with one to nine values that hang together, 92 to 98 of 100 intervals hold the true median."""
    dice = np.random.default_rng(3)
    hit = 0
    for _ in range(600):
        each = dice.integers(1, 10, 150)
        level = dice.normal(0, 1, 150)
        whose = np.repeat(np.arange(150), each)
        one = quantile(np.exp(level[whose] + dice.normal(0, 1, len(whose))), whose, at=50)
        hit += one.low <= 1 <= one.high
    assert 0.92 < hit / 600 < 0.98


def test_a_percentile_is_numpys():
    values = np.random.default_rng(4).gamma(2, 3, 999)
    assert quantile(values, np.arange(999), at=90).value == pytest.approx(np.percentile(values, 90))
    assert quantile(np.zeros(0), np.zeros(0), at=90).value is None
