"""The cross-fitted model against least squares, against its own definition done by hand, and against worlds whose truth is known."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.linear_model import Ridge

from amity.rooms.journeys.rules.friction.partial import FOLDS, fit, weights
from amity.rooms.journeys.rules.friction.series import learned, products, standardised, widened


def world(n: int, *, seed: int, effect: float = 0.5, each: int = 1) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """A linear world: `x` moves both; the errors' variance depends on it. Every customer has `each` rows that share an error."""
    dice = np.random.default_rng(seed)
    x = np.repeat(dice.standard_normal((n, 3)), each, axis=0)
    own = np.repeat(dice.standard_normal(n), each)
    met = (dice.random(n * each) < np.clip(0.3 + 0.1 * x[:, 0] - 0.05 * x[:, 1], 0.02, 0.98)).astype(float)
    noise = own + dice.standard_normal(n * each) * (0.5 + np.abs(x[:, 0]))
    return effect * met + x @ [1.0, 0.5, -0.3] + noise, met, x, np.repeat(np.arange(n), each)


def test_in_a_linear_world_it_is_weighted_least_squares() -> None:
    y, met, x, who = world(4_000, seed=3)
    found = fit(y, met, standardised(x), who, seed=1)
    design = np.column_stack([met, np.ones(len(y)), x])
    weigh = weights(found.chance, found.compared)
    inverse = np.linalg.inv((design.T * weigh) @ design)
    slopes = inverse @ (design.T * weigh) @ y
    left = (y - design @ slopes) * weigh
    error = np.sqrt((inverse @ (design.T * left**2) @ design @ inverse)[0, 0])  # White (1980)
    # What is learned on four fifths differs a little.
    assert abs(found.adjusted.value - slopes[0]) < 0.25 * error
    assert found.adjusted.error == pytest.approx(error, rel=0.05)


def test_the_slope_and_its_error_are_those_of_the_residuals_by_customer() -> None:
    y, met, x, who = world(600, seed=5, each=3)
    found = fit(y, met, standardised(x), who, seed=1, splits=1)
    weigh = [1 / (1 - chance) if there else 0.0 for chance, there in zip(found.chance, found.compared, strict=True)]
    square = (weigh * found.exposure**2).sum()
    slope = (weigh * found.outcome * found.exposure).sum() / square
    scores = dict.fromkeys(who, 0.0)
    for one, w, a, b in zip(who, weigh, found.outcome, found.exposure, strict=True):
        scores[one] += w * (a - slope * b) * b
    error = sum(each**2 for each in scores.values()) ** 0.5 / square
    assert found.adjusted.value == pytest.approx(slope)
    assert found.adjusted.error == pytest.approx(error)


def test_where_effects_differ_it_is_the_mean_over_those_who_met_it() -> None:
    dice = np.random.default_rng(5)
    often = (dice.random(20_000) < 0.5).astype(float)
    met = (dice.random(20_000) < 0.1 + 0.5 * often).astype(float)
    y = met * (1 + 2 * often) + often + dice.standard_normal(20_000)
    found = fit(y, met, often[:, None], np.arange(20_000), seed=1)
    mean = (1 + 2 * often)[met > 0].mean()  # 2.71; weighted by m(1 - m) it were 2.45
    assert abs(found.adjusted.value - mean) < 3.3 * found.adjusted.error
    assert found.adjusted.error < 0.03


def test_saying_everything_twice_makes_nobody_surer() -> None:
    y, met, x, who = world(500, seed=8)
    once = fit(y, met, standardised(x), who, seed=1, splits=1)
    twice = fit(*(np.repeat(one, 2, axis=0) for one in (y, met, standardised(x), who)), seed=1, splits=1)
    assert twice.adjusted.value == pytest.approx(once.adjusted.value, rel=1e-3)
    assert twice.adjusted.error == pytest.approx(once.adjusted.error, rel=1e-2)


def test_intervals_hold_the_truth_in_nine_of_ten_worlds() -> None:
    hits = 0
    for seed in range(200):  # a coverage can't be told from fewer
        y, met, x, who = world(400, seed=seed, each=2)
        found = fit(y, met, standardised(x), who, seed=seed, splits=1)
        hits += found.adjusted.low <= 0.5 <= found.adjusted.high
    assert 166 <= hits <= 193  # 180 expected; outside once in a thousand


def test_the_plain_difference_misleads_where_something_moves_both_and_not_where_chance_decides() -> None:
    y, met, x, who = world(3_000, seed=11)
    found = fit(y, met, standardised(x), who, seed=1)
    assert found.misled
    assert found.plain.low > 0.5
    dice = np.random.default_rng(12)
    misled = 0
    for seed in range(100):
        met = (dice.random(400) < 0.3).astype(float)
        x = dice.standard_normal((400, 2))
        misled += fit(0.5 * met + x[:, 0] + dice.standard_normal(400), met, x, np.arange(400), seed=seed, splits=1).misled
    assert misled <= 14  # 5 expected


def test_a_bent_world_needs_the_series() -> None:
    dice = np.random.default_rng(4)
    x = dice.standard_normal((6_000, 1))
    met = (dice.random(6_000) < 0.1 + 0.5 * (np.abs(x[:, 0]) > 1)).astype(float)
    y = met + x[:, 0] ** 2 + dice.standard_normal(6_000)
    who = np.arange(6_000)
    straight = fit(y, met, standardised(x), who, seed=1)
    bent = fit(y, met, widened(x, np.zeros((6_000, 0))), who, seed=1)
    assert straight.adjusted.low > 1.2
    assert abs(bent.adjusted.value - 1) < 3.3 * bent.adjusted.error


def test_who_could_not_have_met_it_is_left_out_and_counted() -> None:
    y, met, x, who = world(2_000, seed=6)
    never = np.arange(2_000) < 500
    met[never] = 0
    found = fit(y, met, np.column_stack([standardised(x), never]), who, seed=2)
    below, above = found.chance < 0.1 * met.mean(), found.chance > 0.9
    assert (found.compared == ~(below | above)).all()
    assert (found.overlap.below, found.overlap.above) == (below.sum(), above.sum())
    assert (found.overlap.rows, found.overlap.met) == (2_000, met.sum())
    assert found.overlap.met_left_out == met[below | above].sum()
    assert below[never].mean() > 0.5
    assert below[~never].mean() < 0.05


def test_too_few_are_refused() -> None:
    y, met, x, who = world(500, seed=2)
    met[:] = 0
    met[:29] = 1
    with pytest.raises(ValueError, match="Too few"):
        fit(y, met, x, who, seed=1)
    alone = (x[:, 0] > 0).astype(float)
    with pytest.raises(ValueError, match="has their like"):
        fit(y, alone, alone[:, None], who, seed=1)


def test_the_same_seed_gives_the_same_numbers() -> None:
    y, met, x, who = world(500, seed=2)
    one, other = (fit(y, met, x, who, seed=9) for _ in range(2))
    assert (one.adjusted, one.plain, one.gap, one.overlap) == (other.adjusted, other.plain, other.gap, other.overlap)


@pytest.mark.parametrize("penalty", [1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0])
def test_ridge_is_scikit_learns(penalty: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("amity.rooms.journeys.rules.friction.series._PENALTIES", (penalty,))
    y, met, x, _ = world(300, seed=1)
    x = standardised(np.column_stack([x, x**2]))
    both = np.column_stack([y, met])
    found = learned(products(np.column_stack([np.ones(300), x]), both))
    other = Ridge(alpha=penalty * 300).fit(x, both)  # columns have variance 1, so the mean eigenvalue is n
    assert found[0] == pytest.approx(other.intercept_)
    assert np.allclose(found[1:].T, other.coef_, atol=1e-8)


def test_the_penalty_is_that_of_the_smallest_generalised_cross_validation(monkeypatch: pytest.MonkeyPatch) -> None:
    penalties = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)
    dice = np.random.default_rng(1)
    x = standardised(dice.standard_normal((60, 25)))
    y = x[:, :2].sum(axis=1) + 3 * dice.standard_normal(60)
    wide = np.column_stack([np.ones(60), x])

    def score(penalty: float) -> float:
        lift = np.diag([0.0] + [penalty * 60] * 25)
        hat = wide @ np.linalg.solve(wide.T @ wide + lift, wide.T)
        return 60 * float(((y - hat @ y) ** 2).sum()) / (60 - np.trace(hat)) ** 2

    best = min(penalties, key=score)
    found = learned(products(wide, y[:, None]))
    assert found[1:, 0] == pytest.approx(Ridge(alpha=best * 60).fit(x, y).coef_, abs=1e-8)
    assert best > 1e-3  # so that it was chosen at all


def test_folds_are_of_customers() -> None:
    assert FOLDS == 5
    y, met, _, who = world(60, seed=3, each=4)
    y += 50 * who  # nothing else tells customers apart: their own rows would give their level away
    met[who < 30] = 1
    met[who >= 30] = 0
    known = np.column_stack([who[:, None] == np.arange(60)]).astype(float)
    found = fit(y, met, known, who, seed=1, splits=1)
    assert np.abs(found.outcome).mean() > 300
