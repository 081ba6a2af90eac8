"""A gain is what scikit-learn makes of the same folds, and what was planted; where nothing was, hardly anything is claimed."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

from amity.rooms.journeys.rules.moments.gains import FOLDS, folds_of, sure
from tests.rooms.journeys.moments.stories import gain


def planted(dice: np.random.Generator, *, slope: float, customers: int = 600):
    """Rows of customers, two each, who share a mood. The signal explains slope² of 1 + 1 + mood² + slope², by its making."""
    who = np.repeat(np.arange(customers), 2)
    x, s, noise = (dice.standard_normal(2 * customers) for _ in range(3))
    y = x + slope * s + noise + dice.standard_normal(customers)[who]
    return y, x[:, None], s[:, None], who, slope**2 / (3 + slope**2)


def test_it_is_what_scikit_learn_makes_of_the_same_folds():
    dice = np.random.default_rng(2)
    y, x, s, who, _ = planted(dice, slope=0.5)
    here = dice.random(len(y)) < 0.7
    (fold,) = splits = folds_of(600, seed=4, splits=1)
    errors = []
    for columns in (x[here], np.hstack([x, s])[here]):
        foretold = np.empty(here.sum())
        for k in range(FOLDS):
            inside = fold[who[here]] == k
            foretold[inside] = LinearRegression().fit(columns[~inside], y[here][~inside]).predict(columns[inside])
        errors.append(((y[here] - foretold) ** 2).sum())
    expected = (errors[0] - errors[1]) / ((y - y.mean()) ** 2).sum()
    assert gain(y, x[here], s[here], who, here=here, splits=splits).value == pytest.approx(expected, abs=2e-4)


def test_intervals_hold_what_was_planted():
    """Of 200 tries 190 should hold; fewer than 180 or more than 199 come once in two thousand."""
    hits = 0
    for seed in range(200):
        y, x, s, who, truth = planted(np.random.default_rng([seed, 1]), slope=0.6)
        found = gain(y, x, s, who, here=np.ones(len(y), dtype=bool), splits=folds_of(600, seed=seed, splits=1))
        hits += found.low <= truth <= found.high
    assert 180 <= hits <= 199


def test_of_nothing_hardly_anything_is_claimed():
    """At 5% one-sided 15 of 300 would be claimed by chance; a model that knows more errs more, so it is fewer."""
    claimed = 0
    for seed in range(300):
        y, x, s, who, _ = planted(np.random.default_rng([seed, 2]), slope=0.0, customers=200)
        claimed += gain(y, x, s, who, here=np.ones(len(y), dtype=bool), splits=folds_of(200, seed=seed, splits=1)).chance < 0.05
    assert claimed <= 15


def test_holm_is_holms():
    # Holm's procedure by hand: 0.01 ≤ 0.05/4, 0.015 ≤ 0.05/3, 0.03 > 0.05/2: two are sure.
    assert sure([0.03, 0.01, 0.5, 0.015]) == [False, True, False, True]
    assert sure([]) == []
    assert sure([0.06]) == [False]
