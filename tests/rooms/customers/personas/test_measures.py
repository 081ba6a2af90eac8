"""Numbers with intervals against a second library and published figures; drift against what was planted."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from amity.kernel.clock import DAY
from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.personas import drift, portrait
from amity.rooms.customers.rules.personas.measures import Summary, apart, mean, measure, share, summary_of, telling


@pytest.mark.parametrize(("hits", "n"), [(0, 10), (1, 10), (15, 148), (81, 263), (29, 29), (500, 2_000)])
def test_a_share_has_wilsons_interval(hits, n):
    """Newcombe 1998 (Statistics in Medicine 17, table I) prints 81/263 as 0.2553 to 0.3662, and 15/148 as 0.0624 to 0.1605."""
    oracle = stats.binomtest(hits, n).proportion_ci(method="wilson")
    found = share(hits, n)
    assert (found.low, found.high) == pytest.approx((oracle.low, oracle.high), abs=1e-12)
    if n == 263:
        assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)


def test_without_observations_everything_is_possible():
    assert (share(0, 0).low, share(0, 0).high) == (0, 1)
    assert mean(Summary(n=1, mean=3, sd=0)).low == -np.inf


def test_a_mean_has_students_interval():
    values = np.array([3.0, 5.5, 1.0, 9.0, 4.0])
    oracle = stats.t.interval(0.95, 4, loc=values.mean(), scale=stats.sem(values))
    found = mean(summary_of([*values, float("nan")]))
    assert (found.low, found.high) == pytest.approx(oracle)


def test_a_difference_covers_the_truth_as_often_as_it_says():
    """Simulation: two normal groups half a standard deviation apart; 95% of intervals cover 0.5. 1,000 draws: 93.3 to 96.4%."""
    random = np.random.default_rng(1)
    covered = 0
    for _ in range(1_000):
        found = apart(summary_of(random.normal(0.5, 1, 80)), summary_of(random.normal(0, 1, 300)))
        assert found is not None
        covered += found.low <= 0.5 <= found.high
    assert 930 <= covered <= 966


def test_a_difference_has_no_side():
    random = np.random.default_rng(3)
    for _ in range(200):
        one, other = (summary_of(random.integers(0, 9, random.integers(2, 12))) for _ in range(2))
        there, back = apart(one, other), apart(other, one)
        assert (there is None) == (back is None)
        if there and back:
            assert (there.value, there.low) == pytest.approx((-back.value, -back.high))


def test_what_sets_apart_is_large_sure_and_of_enough():
    rest = np.tile([0.0, 1.0], 500)
    wide = measure("a", "share", np.tile([1.0, 1.0, 1.0, 0.0], 50), rest)
    same = measure("b", "share", np.tile([0.0, 1.0], 100), rest)
    few = measure("c", "share", np.ones(12), rest)
    assert [one.key for one in telling([same, few, wide])] == ["a"]


def _measures(random, shift=0.0):
    rest = random.normal(0, 1, 2_000)
    return [measure("since", "days", random.normal(shift, 1, 400), rest), measure("x", "days", random.normal(0, 1, 400), rest)]


def _fresh(then, now, *, days=10, reviewed_at=0, size=400):
    kept = drift.kept_at_review(size=400, everybody=2_000, measures=then)
    return drift.freshness(reviewed_at=reviewed_at, reviewed=kept, now=days * DAY, size=size, stayed=300, measures=now)


def test_members_who_moved_are_told_and_those_who_did_not_are_not():
    random = np.random.default_rng(7)
    then = _measures(random)
    still = _fresh(then, _measures(random))
    assert (still.state, still.moved) == ("fresh", [])
    assert (still.stayed.value, still.size_then) == (0.75, 400)
    moved = _fresh(then, _measures(random, shift=0.7))
    assert (moved.state, [one.key for one in moved.moved]) == ("moved", ["since"])
    assert moved.moved[0].by.value == pytest.approx(0.7, abs=0.15)


def test_age_and_few_members_are_said_too():
    random = np.random.default_rng(8)
    then = _measures(random)
    assert _fresh(then, then, days=181).state == "old"
    assert _fresh(then, then, size=12).state == "few"
    assert drift.freshness(reviewed_at=None, reviewed={}, now=0, size=4, stayed=0, measures=()).state == "never"


def test_a_portrait_is_kept_tidy_and_wrong_ones_are_told():
    tidy = portrait.checked(portrait.Portrait(line="  a b ", goals=(" x ", "", "y"), language="pt-BR", initials=" AB "))
    assert (tidy.line, tidy.goals, tidy.initials) == ("a b", ("x", "y"), "AB")
    assert portrait.read(portrait.written(tidy)) == tidy
    assert portrait.lines("- one\r\n\n • two\nthree - four") == ("one", "two", "three - four")
    for wrong in ({"language": "no language"}, {"tint": 1}, {"goals": ("x",) * 13}, {"line": "x" * 201}, {"needs": ("x" * 301,)}):
        with pytest.raises(Invalid):
            portrait.checked(portrait.Portrait(**wrong))
