"""Placebos, robustness and money against published figures, exact formulas and worlds whose truth is known."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from amity.rooms.journeys.rules.friction.doubts import grade, placebo, robustness, robustness_of
from amity.rooms.journeys.rules.friction.partial import Effect, fit
from amity.rooms.journeys.rules.friction.worth import reach, worth
from tests.rooms.journeys.friction.test_partial import world


def test_robustness_is_the_published_one() -> None:
    """Cinelli and Hazlett (2020), table 1: harm in Darfur, t = 4.18445 with 783 degrees of freedom, 13.9% and 7.6%."""
    t, freedom = 4.18445, 783
    strength = t / sqrt(t**2 + freedom)
    assert strength**2 == pytest.approx(0.022, abs=0.0005)
    assert robustness(strength, freedom) == pytest.approx(0.139, abs=0.0005)
    assert robustness(-strength, freedom) == robustness(strength, freedom)
    assert robustness(strength, freedom, beyond=1.963) == pytest.approx(0.076, abs=0.0005)


def test_a_reason_as_strong_as_the_robustness_value_brings_the_effect_to_zero() -> None:
    """The definition: with both partial R² at the value, bias = effect (Cinelli and Hazlett 2020, eq. 14 to 20)."""
    for strength in (0.02, 0.1, 0.4, 0.8):
        value = robustness(strength, 1e9)
        # |bias| / effect = sqrt(R²y · R²d / (1 - R²d)) / f, with f the partial Cohen's f.
        assert sqrt(value * value / (1 - value)) == pytest.approx(strength / sqrt(1 - strength**2))
    assert robustness(0.0, 100) == 0.0
    assert robustness(1.0, 100) == 1.0
    assert robustness(0.05, 100, beyond=1.645) == 0.0


def test_nothing_comes_of_a_friction_that_nobody_met() -> None:
    y, met, x, who = world(3_000, seed=21)
    found = fit(y, met, x, who, seed=1)
    tried = placebo(found, met, seed=1)
    assert tried.passed
    assert tried.chance == 1 / 201
    assert abs(tried.low + tried.high) < 0.5 * (tried.high - tried.low)
    # As wide as chance alone makes it: twice 1.645 standard errors.
    assert tried.high - tried.low == pytest.approx(2 * 1.645 * found.adjusted.error, rel=0.35)
    assert grade(found, tried) == "adjusted"
    assert all(0 < one < 1 for one in robustness_of(found))


def test_an_effect_that_isnt_there_is_as_far_as_chance_goes() -> None:
    chances = []
    for seed in range(30):
        y, met, x, who = world(400, seed=seed, effect=0.0)
        chances.append(placebo(fit(y, met, x, who, seed=1, splits=1), met, seed=seed, tries=60).chance)
    assert 0.35 < np.mean(chances) < 0.65
    assert min(chances) < 0.3
    assert max(chances) > 0.7


def test_who_has_no_like_makes_it_a_correlation() -> None:
    y, met, x, who = world(2_000, seed=9)
    surely = x[:, 0] > 1
    met[surely] = 1
    found = fit(y, met, np.column_stack([x, surely]), who, seed=1)
    assert found.overlap.share > 0.2
    assert grade(found, placebo(found, met, seed=1)) == "correlation"


def test_money_is_the_product_and_as_uncertain_as_goodman_says() -> None:
    parts = [Effect(value=900.0, error=40.0), Effect(value=0.03, error=0.008), Effect(value=240.0, error=20.0)]
    found = worth(parts, seed=4)
    assert found.value == pytest.approx(900 * 0.03 * 240)
    squares = [one.value**2 for one in parts]
    # Goodman 1960, eq. 5.
    spread = sqrt(np.prod([s + one.error**2 for s, one in zip(squares, parts, strict=True)]) - np.prod(squares))
    # The product is a little skewed: its 5% and 95% points lie 1.6 deviations away, give or take a tenth.
    assert found.high - found.low == pytest.approx(2 * 1.645 * spread, rel=0.05)
    assert worth(parts, seed=4) == found


def test_reach_holds_the_truth_in_nine_of_ten_years() -> None:
    dice, hits = np.random.default_rng(3), 0
    for _ in range(400):
        met = dice.binomial(6, 0.08, 500)
        found = reach(met[met > 0], days=182.5)
        hits += found.low <= 2 * 500 * 6 * 0.08 <= found.high
    assert 340 <= hits <= 386  # 360 expected; a little wider, since the number of customers is fixed here
    assert reach(np.array([1, 1, 3]), days=365.0).value == 5
