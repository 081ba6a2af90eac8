"""Cases are those that plain Python finds, and nothing that comes after a case is over is known of it."""

from __future__ import annotations

import numpy as np
import pytest

from amity.engines.past.behaviour.language import Event
from amity.kernel.clock import DAY, HOUR
from amity.rooms.journeys.rules.friction.language import Outcome
from amity.rooms.journeys.rules.friction.rows import Lines
from amity.rooms.journeys.rules.funnels.attempts import NEVER
from amity.rooms.journeys.rules.moments.cases import Told, cases_of, known_before, outcome_of, signals_of
from tests.rooms.journeys.moments.stories import lines, random_walks, walk

WITHIN = 10 * DAY
STAGES = 4


def brute(rows, *, optional, first, last):
    """Find the cases by going through each customer's story."""
    found = []
    for who in sorted({row[0] for row in rows}):
        mine = sorted((at, stage) for each, at, stage in rows if each == who)
        over = None
        for n, (zero, stage) in enumerate(mine):
            if stage or not first <= zero <= last or (over is not None and zero < over):
                continue
            over = zero + WITHIN
            at, now = [NEVER] * STAGES, zero
            at[0] = zero
            later = [(t, s) for t, s in mine[n + 1 :] if t < over]
            needed = [k for k in range(1, STAGES) if not optional[k]]
            for k in needed:
                now = next((t for t, s in later if s == k and t > now), None)
                if now is None:
                    break
                at[k] = now
            for k in (k for k in range(STAGES) if optional[k]):
                before = at[max(j for j in range(k) if not optional[j])]
                after = min((at[j] for j in range(k + 1, STAGES) if not optional[j] and at[j] != NEVER), default=over)
                if before != NEVER:
                    at[k] = next((t for t, s in later if s == k and before < t < after), NEVER)
            found.append((who, zero, *at))
    return found


@pytest.mark.parametrize("optional", [(False,) * 4, (False, False, True, False), (False, True, False, True)])
def test_cases_are_those_of_plain_python(optional):
    dice = np.random.default_rng(3)
    for _ in range(20):
        rows = random_walks(dice, customers=12, stages=STAGES, days=60)
        story = walk(rows)
        found = cases_of(story, story.who, optional=optional, within=WITHIN, first=5 * DAY, last=50 * DAY)
        mine = [(int(who), int(zero), *map(int, at)) for who, zero, at in zip(found.who, found.zero, found.at, strict=True)]
        assert mine == brute(rows, optional=optional, first=5 * DAY, last=50 * DAY)


def told_of(dice: np.random.Generator, *, since: int = 0, until: int = 60 * DAY, number: int = 300) -> dict[str, list]:
    def some(n: int) -> list[tuple[int, int]]:
        return [(int(dice.integers(0, 12)), int(dice.integers(since, until))) for _ in range(n)]

    return {
        "all": some(number), "outcome": [(*one, 5.0) for one in some(number)],
        "experience": [(*one, float(dice.integers(1, 6))) for one in some(number)], "pain": some(number),
    }  # fmt: skip


def told(given: dict[str, list]) -> Told:
    return Told(
        all=lines(given["all"]), outcome=lines(given["outcome"]), experience=lines(given["experience"]), pains={1: {7: lines(given["pain"])}}
    )  # fmt: skip


def test_what_comes_after_a_case_is_known_to_no_signal_and_what_comes_within_to_no_outcome():
    dice = np.random.default_rng(5)
    story = walk(random_walks(dice, customers=12, stages=STAGES, days=30))
    cases = cases_of(story, story.who, optional=(False,) * 4, within=WITHIN, first=0, last=29 * DAY)
    one = cases.some(np.arange(len(cases)) == len(cases) // 2)
    zero, end = int(one.zero[0]), int(one.end[0])
    given = told_of(dice)
    later = {name: rows + more for (name, rows), more in zip(given.items(), told_of(dice, since=end).values(), strict=True)}
    within = {
        name: rows + more for (name, rows), more in zip(given.items(), told_of(dice, since=zero, until=end).values(), strict=True)
    }
    for n in range(STAGES):
        if one.came(n)[0]:
            for before, after in zip(signals_of(one, told(given), n), signals_of(one, told(later), n), strict=True):
                assert (before.columns == after.columns).all()
                assert (before.with_it == after.with_it).all()
    for extra in (later, within):
        for before, after in zip(known_before(one, told(given)), known_before(one, told(extra)), strict=True):
            assert (before == after).all()
    for kind in ("doing", "spending", "score"):
        asked = Outcome(kind=kind, event=Event(name="Later"), days=20)
        assert np.array_equal(outcome_of(one, told(given), asked), outcome_of(one, told(within), asked), equal_nan=True)


def test_signals_are_what_was_done_at_a_stage():
    rows = [(0, DAY, 0), (0, DAY + 2 * HOUR, 1), (0, 3 * DAY, 2), (1, DAY, 0), (1, 5 * DAY, 1), (2, DAY, 0)]
    story = walk(rows)
    cases = cases_of(story, story.who, optional=(False,) * 3, within=WITHIN, first=0, last=20 * DAY)
    given = Told(
        all=lines([]), outcome=lines([]), experience=lines([(0, 2 * DAY, 5.0), (0, 4 * DAY, 1.0), (1, DAY, 3.0)]),
        pains={1: {7: lines([(0, DAY), (1, 5 * DAY), (2, 12 * DAY)])}},
    )  # fmt: skip
    reached, time, experience, friction = signals_of(cases, given, 1)
    assert reached.with_it.tolist() == [True, True, False]
    assert time.known.tolist() == [True, True, False]
    assert time.with_it.tolist() == [False, True, False]
    assert time.mark == (2 * HOUR + 4 * DAY) / 2
    # The answer of 4 days belongs to the next stage, that of day 1 to the stage before.
    assert experience.known.tolist() == [True, False, False]
    # What happened as they began belongs to the beginning; what came after the end to none.
    assert friction.with_it.tolist() == [False, True, False]


def test_most_of_one_score_is_low_where_few_gave_less():
    story = walk([(who, DAY, 0) for who in range(10)])
    cases = cases_of(story, story.who, optional=(False, False), within=WITHIN, first=0, last=20 * DAY)
    given = Told(
        all=lines([]), outcome=lines([]), experience=lines([(who, 2 * DAY, 5.0 if who > 6 else 4.0) for who in range(10)])
    )
    (experience,) = signals_of(cases, given, 0)
    assert (experience.mark, int(experience.with_it.sum())) == (5.0, 7)


def test_who_left_before_a_case_was_over_is_left_out():
    story = walk([(0, DAY, 0), (1, DAY, 0), (2, DAY, 0)])
    cases = cases_of(story, story.who, optional=(False, False), within=WITHIN, first=0, last=20 * DAY)
    given = Told(all=lines([]), outcome=Lines(who=np.array([0, 1]), at=np.array([2 * DAY, 15 * DAY])))
    found = outcome_of(cases, given, Outcome(kind="leaving", event=Event(name="Left"), days=30))
    assert np.isnan(found[0])
    assert found[1:].tolist() == [1.0, 0.0]
