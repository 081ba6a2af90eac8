"""Rows of a story: counted as plain loops count them, and nothing after time zero is known."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from amity.kernel.clock import DAY
from amity.kernel.errors import Invalid
from amity.rooms.journeys.rules.friction.language import Pain, read, unit_of, written
from amity.rooms.journeys.rules.friction.pricing import price, rows_of
from amity.rooms.journeys.rules.friction.rows import Lines, Story, table

moments = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 40)), max_size=12)


def lines(some: list[tuple[int, float]], amounts: list[float] | None = None) -> Lines:
    ordered = sorted(zip(some, amounts or [1.0] * len(some), strict=True))
    who = np.array([one[0][0] for one in ordered], dtype=np.int64)
    at = np.array([int(one[0][1] * DAY) for one in ordered], dtype=np.int64)
    return Lines(who, at, np.array([one[1] for one in ordered], dtype=float) if amounts is not None else None)


def story(
    all_: list, friction: list, chance: list, outcome: list, amounts: list[float] | None = None, others: list | None = None
) -> Story:
    return Story(
        all=lines(all_),
        friction=lines(friction),
        chance=lines(chance),
        outcome=lines(outcome, amounts),
        others=[lines(one) for one in others or []],
    )


@settings(max_examples=60, deadline=None)
@given(moments, moments, moments)
def test_rows_are_those_of_plain_loops(chances: list, frictions: list, outcomes: list) -> None:
    chances = [*chances, (0, 12), (1, 3)]
    found = table(
        story(chances, frictions, chances, outcomes),
        kind="doing",
        by_event=True,
        ends=np.array([10, 20, 30]) * DAY,
        period=10,
        after=7,
    )
    expected = []
    for n, end in enumerate((10, 20, 30)):
        for who in range(4):
            inside = [at for one, at in chances if one == who and end - 10 <= at < end]
            if inside:
                zero = min(inside)
                met = any(one == who and zero <= at < end for one, at in frictions)
                done = any(one == who and end <= at < end + 7 for one, at in outcomes)
                expected.append((n, who, zero * DAY, met, float(done)))
    assert list(zip(found.period, found.who, found.zero, found.met, found.outcome, strict=True)) == expected


@settings(max_examples=40, deadline=None)
@given(moments, st.integers(0, 3), st.integers(0, 40))
def test_what_comes_after_the_first_chance_changes_nothing_that_is_known(some: list, who: int, day: int) -> None:
    """But for the number of chances in the period itself, as documented."""
    chances = [(one, 12.0) for one in range(4)]
    before = table(story(some, some, chances, some), kind="doing", by_event=True, ends=np.array([20 * DAY]), period=10, after=7)
    added = [*some, (who, max(day, 12) + 0.5)]
    after = table(story(added, added, chances, added), kind="doing", by_event=True, ends=np.array([20 * DAY]), period=10, after=7)
    assert np.array_equal(before.numbers, after.numbers)
    assert np.array_equal(before.kinds, after.kinds)


def test_outcomes_are_read_in_the_days_after_the_period() -> None:
    all_ = [(0, 5), (0, 12), (1, 5), (2, 5), (2, 10)]
    paid = [(0, 12), (0, 16.9), (0, 17), (1, 2), (2, 10)]
    made = story(all_, [(0, 6)], [(0, 5), (1, 5), (2, 5)], paid, [10.0, 5.0, 99.0, 7.0, 3.0])
    asked = {"ends": np.array([10 * DAY]), "period": 10, "after": 7}
    assert table(made, kind="leaving", by_event=False, **asked).outcome.tolist() == [0, 1, 0]
    assert table(made, kind="leaving", by_event=True, **asked).outcome.tolist() == [1, 0, 1]
    assert table(made, kind="spending", by_event=True, **asked).outcome.tolist() == [15, 0, 3]
    scored = table(made, kind="score", by_event=True, **asked)
    assert (scored.who.tolist(), scored.outcome.tolist()) == ([0, 2], [7.5, 3])
    assert table(made, kind="doing", by_event=True, **asked).met.tolist() == [True, False, False]


def world(pain: Pain, *, effect: float, customers: int = 1_500) -> Story:
    """Customers of two plans: gold ones are late more often and buy more; being late takes `effect` off the chance to buy in the month after."""
    dice = np.random.default_rng(3)
    chance, friction, bought, plans = [], [], [], []
    for who in range(customers):
        gold = dice.random() < 0.4
        plans.append((who, 1, 2.0 if gold else 1.0))
        late_before = False
        for month in range(12):
            at = 10 + month * 30 + dice.integers(0, 20)
            chance.append((who, at))
            late = dice.random() < (0.45 if gold else 0.1)
            if late:
                friction.append((who, at + 2))
            if dice.random() < (0.85 if gold else 0.3) - effect * late_before:
                bought.append((who, at + 0.5))
            late_before = late
    whole = [*chance, *bought]
    order = sorted(plans)
    known = Lines(np.array([p[0] for p in order]), np.array([int(p[1] * DAY) for p in order]), np.array([p[2] for p in order]))
    made = story(whole, friction, chance, bought)
    return Story(all=made.all, friction=made.friction, chance=made.chance, outcome=made.outcome, known=[known])


def pain(**given) -> Pain:
    return read(
        json.dumps(
            {
                "friction": {"name": "Late"},
                "outcome": {"kind": "doing", "event": {"name": "Bought"}, "days": 30},
                "worth": 50,
                "period": 30,
                **given,
            }
        )
    )


def test_a_planted_effect_is_priced_and_the_plain_one_misleads() -> None:
    asked = pain()
    found = price(world(asked, effect=0.15), asked, as_of=370 * DAY, seed=5)
    assert found["plain"]["low"] > 0  # who met it buys more
    assert found["misled"]
    assert found["adjusted"]["low"] < -0.15 < found["adjusted"]["high"]
    assert found["grade"] == "adjusted"
    assert found["cost"]["low"] > 0
    assert found["cost"]["value"] == pytest.approx(-found["reach"]["value"] * found["adjusted"]["value"] * 50)
    assert price(world(asked, effect=0.15), asked, as_of=370 * DAY, seed=5) == found
    json.dumps(found, allow_nan=False)


def test_too_few_is_said_and_counts_stay() -> None:
    asked = pain()
    found = price(world(asked, effect=0.1, customers=25), asked, as_of=370 * DAY, seed=5)
    assert "Too few" in found["too_few"]
    assert found["reached"] > 0
    assert "adjusted" not in found
    nobody = price(story([(0, 300)], [], [(0, 300)], []), asked, as_of=370 * DAY, seed=5)
    assert (nobody["reached"], nobody["met"]) == (0, 0)
    assert "too_few" in nobody


def test_the_year_is_cut_into_periods_whose_outcome_is_over() -> None:
    asked = pain()
    rows = rows_of(world(asked, effect=0.1, customers=40), asked, as_of=370 * DAY)
    assert set(rows.period) == set(range(11))
    assert rows.zero.max() < (370 - 30) * DAY


def test_what_is_wrong_is_refused_with_what_to_mend() -> None:
    for wrong, said in (
        ({"friction": {}}, "which event"), ({"outcome": {"kind": "doing"}}, "outcome is read from"),
        ({"outcome": {"kind": "score", "event": {"name": "A"}}}, "holds the number"), ({"period": 0}, "at `?period"), ({"known": ["nothing"]}, "can't be tested"),
        ({"known": ["@name:"]}, "no property"), ({"worth": -1}, "worth"), ({"more": 1}, "more"), ({"friction": {"name": "\0"}}, "NUL"),
    ):  # fmt: skip
        with pytest.raises(Invalid, match=said):
            pain(**wrong)
    with pytest.raises(Invalid, match="no JSON"):
        read("{")
    assert read(json.dumps(written(pain(known=["traits.plan"])))).known == ("traits.plan",)


def test_worth_has_the_sign_of_what_is_lost() -> None:
    assert unit_of(pain()) == -50
    assert unit_of(pain(outcome={"kind": "leaving"})) == 50
    assert unit_of(pain(outcome={"kind": "spending", "event": {"name": "A"}, "of": "properties.total"}, worth=None)) == -1
    assert unit_of(pain(worth=None)) is None
