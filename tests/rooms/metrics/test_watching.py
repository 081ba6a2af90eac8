"""Expected ranges against simulations: as many false alarms as are promised, a planted shift found, an incident found and ended."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from amity.kernel.clock import DAY, HOUR
from amity.rooms.metrics.contracts import Figure, Point
from amity.rooms.metrics.rules.statistics import Sums, proportion, total
from amity.rooms.metrics.rules.watching import Standing, Watch, episodes, expected_alarms, follow, judge

MONDAY = int(datetime(2025, 1, 6, tzinfo=UTC).timestamp() * 1000)
UTC_ZONE = ZoneInfo("UTC")
WEEK = np.array([1.0, 1.1, 1.0, 1.2, 1.5, 0.6, 0.5])


def points(figures: list[Figure], *, step: int = DAY) -> list[Point]:
    return [
        Point(first=MONDAY + n * step, last=MONDAY + (n + 1) * step - 1, figure=one, whole=True) for n, one in enumerate(figures)
    ]


def counts(values) -> list[Figure]:
    """Return totals of customers who each bring one interaction: Poisson, where `values` are."""
    return [total(Sums(n=int(one), events=int(one), y=float(one), yy=float(one))) for one in values]


def shares(dice, chances, ns) -> list[Figure]:
    found = []
    for chance, n in zip(chances, ns, strict=True):
        y = float(dice.binomial(n, chance))
        found.append(proportion(Sums(n=int(n), events=int(n), y=y, x=float(n), yy=y, xx=float(n), xy=y)))
    return found


def noise(kind: str, seed: int, days: int):
    """Return a series without change but for the week's rhythm: Poisson, twice as spread, growing, or shares of differing n."""
    dice = np.random.default_rng(seed)
    usual = 200 * WEEK[np.arange(days) % 7]
    match kind:
        case "poisson":
            return counts(dice.poisson(usual)), True, "number"
        case "overdispersed":
            return counts(dice.poisson(usual * dice.gamma(60, 1 / 60, days))), True, "number"
        case "growing":
            return counts(dice.poisson(usual * np.linspace(1, 1.6, days))), True, "number"
        case _:
            return shares(dice, np.full(days, 0.2), dice.integers(60, 900, days)), False, "share"


@pytest.mark.parametrize("kind", ["poisson", "overdispersed", "growing", "shares"])
@pytest.mark.parametrize("chance", [0.05, 0.01])
def test_false_alarms_are_as_many_as_promised(kind, chance):
    """Of some 10,000 steps without change: a chance of 1 % gives 100, give or take; within a half to 1.6 of it, for the range is estimated."""
    out = said = 0
    watch = Watch(by="day", chance=chance)
    for seed in range(30):
        figures, whole, shape = noise(kind, seed, 400)
        for step in judge(points(figures), watch, zone=UTC_ZONE, shape=shape, total=whole):
            said += not step.why
            out += bool(step.out)
    assert said > 9_000
    assert 0.5 * chance <= out / said <= 1.6 * chance


def test_false_alarms_by_the_hour():
    """Hours have more errors to learn from, and rarer alarms: 1 in 1,000 of some 11,000."""
    out = said = 0
    rhythm = 60 + 40 * np.sin(np.arange(24) / 24 * 2 * np.pi)
    for seed in range(4):
        dice = np.random.default_rng(seed)
        figures = counts(dice.poisson(np.tile(rhythm, 7 * 25)))
        for step in judge(points(figures, step=HOUR), Watch(by="hour", chance=0.001), zone=UTC_ZONE, shape="number", total=True):
            said += not step.why
            out += bool(step.out)
    assert said > 11_000
    assert out <= 30  # 11 to 13 are expected; 30 would be less likely than 1 in 10,000


@pytest.mark.parametrize("side", ["above", "below"])
def test_one_side_alone_has_its_whole_chance(side):
    out = said = 0
    for seed in range(30):
        figures, whole, shape = noise("poisson", seed, 400)
        for step in judge(points(figures), Watch(by="day", chance=0.05, side=side), zone=UTC_ZONE, shape=shape, total=whole):
            said += not step.why
            out += bool(step.out)
            assert step.out in {"", side}
    assert 0.5 * 0.05 <= out / said <= 1.6 * 0.05


def test_a_planted_shift_is_found():
    """A fifth less from a day on, which is four sampling errors: found within three days in nine of ten series."""
    found = 0
    for seed in range(50):
        dice = np.random.default_rng(seed)
        usual = 400 * WEEK[np.arange(150) % 7] * np.where(np.arange(150) >= 130, 0.8, 1.0)
        steps = judge(
            points(counts(dice.poisson(usual))), Watch(by="day", chance=0.01), zone=UTC_ZONE, shape="number", total=True
        )
        found += any(step.out == "below" for step in steps[130:133])
    assert found >= 45


def test_an_incident_is_one_episode_that_ends():
    dice = np.random.default_rng(3)
    errors = dice.poisson(np.full(140, 40.0))
    errors[120] = 400
    steps = judge(points(counts(errors)), Watch(by="day", chance=0.002), zone=UTC_ZONE, shape="number", total=True)
    assert (120, 120) in episodes(steps, row=1)
    assert steps[120].high < 100
    assert all(not step.why for step in steps[98:])
    # what was out once doesn't widen what is expected after: medians don't mind
    assert steps[127].high < 100


def test_little_past_says_nothing():
    steps = judge(points(counts([50] * 41)), Watch(by="day"), zone=UTC_ZONE, shape="number", total=True)
    assert {step.why for step in steps} == {"no past"}
    few = judge(points(counts([1, 3] * 100)), Watch(by="day"), zone=UTC_ZONE, shape="number", total=True)
    assert {step.why for step in few} == {"no past", "few"}


def test_a_limit_opens_once_and_ends_when_well_back():
    watch = Watch(by="day", side="above", limit=100, back=90)
    values = [80, 120, 95, 130, 95, 95, 85, 95, 85, 80, 80, 150]
    steps = judge(points(counts(values)), watch, zone=UTC_ZONE, shape="number", total=True)
    happened, standing = [], Standing()
    for step in steps:
        standing, what = follow(standing, step, row=1)
        happened.append(what)
    assert happened == ["", "opened", "", "", "", "", "", "", "", "closed", "", "opened"]
    assert episodes(steps, row=1) == [(1, 3), (11, 11)]
    twice = judge(
        points(counts(values)), Watch(by="day", side="above", limit=100, row=2), zone=UTC_ZONE, shape="number", total=True
    )
    assert episodes(twice, row=2) == []
    sure = judge(
        points(counts(values)), Watch(by="day", side="above", limit=100, sure=True), zone=UTC_ZONE, shape="number", total=True
    )
    assert [step.out for step in sure].count("above") == 2  # 130 and 150; of 120 the interval begins below 100


def test_what_isnt_over_can_only_be_too_much_of_a_total():
    whole = points(counts([120, 20]))
    part = [Point(first=one.first, last=one.last, figure=one.figure, whole=False) for one in whole]
    above, below = (
        judge(part, Watch(by="day", side=side, limit=100), zone=UTC_ZONE, shape="number", total=True)
        for side in ("above", "below")
    )
    assert [step.out for step in above] == ["above", ""]
    assert [step.why for step in below] == ["not over", "not over"]
    assert [
        step.why for step in judge(part, Watch(by="day", side="above", limit=0), zone=UTC_ZONE, shape="share", total=False)
    ] == [
        "not over",
        "not over",
    ]


def test_how_many_are_promised():
    assert expected_alarms(Watch(by="day", chance=0.01)) == pytest.approx(3.65, abs=0.01)
    assert expected_alarms(Watch(by="day", limit=3)) == 0
