"""Alignments against the cheapest way that is found by trying all runs of the model."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.rooms.journeys.rules.conformance.aligning import EXTRA, align
from amity.rooms.journeys.rules.conformance.deviating import Limit, deviations

models = st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1, max_size=4)


def runs(model, longest: int):
    """Yield every run of a model whose stages come at most so often."""
    ways = [[*([0] if optional else []), *range(1, (longest + 1) if repeats else 2)] for optional, repeats in model]
    for times in itertools.product(*ways):
        yield [stage for stage, often in enumerate(times) for _ in range(often)]


def cheapest(case: list[int], model) -> int:
    """Return the least number of interactions and stages that are left over: what is in both, in one order, costs nothing."""
    return min(len(case) + len(run) - 2 * _common(case, run) for run in runs(model, len(case)))


def _common(case: list[int], run: list[int]) -> int:
    table = [[0] * (len(run) + 1) for _ in range(len(case) + 1)]
    for i, mask in enumerate(case):
        for j, stage in enumerate(run):
            table[i + 1][j + 1] = max(table[i][j + 1], table[i + 1][j], table[i][j] + (mask >> stage & 1))
    return table[-1][-1]


def made(cases, model):
    mask = np.array([one for case in cases for one in case], dtype=np.uint32)
    starts = np.cumsum([0, *map(len, cases)])[:-1].astype(np.int64)
    found = align(mask, starts, needed=[not optional for optional, _ in model], repeats=[again for _, again in model])
    return mask, starts, found


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(model=models, data=st.data())
def test_no_alignment_is_cheaper(model, data):
    k = len(model)
    cases = data.draw(st.lists(st.lists(st.integers(1, 2**k - 1), min_size=1, max_size=5), min_size=1, max_size=6))
    mask, starts, found = made(cases, model)
    needed = [not optional for optional, _ in model]
    assert found.cost.tolist() == [cheapest(case, model) for case in cases]
    assert found.worst.tolist() == [len(case) + sum(needed) for case in cases]
    for case, start, cost, missed in zip(cases, starts.tolist(), found.cost.tolist(), found.missed, strict=True):
        places = found.place[start : start + len(case)].tolist()
        walked = [place for place in places if place != EXTRA]
        assert all(mask_ >> place & 1 for mask_, place in zip(case, places, strict=True) if place != EXTRA)
        assert walked == sorted(walked)
        assert all(model[place][1] for place, then in itertools.pairwise(walked) if place == then)
        assert {n for n in range(k) if needed[n] and n not in walked} == set(np.flatnonzero(missed).tolist())
        assert places.count(EXTRA) + int(missed.sum()) == cost
    at = np.arange(len(mask), dtype=np.int64)
    told = deviations(
        found, mask=mask, at=at, channel=np.zeros(len(mask), dtype=np.uint64), starts=starts, repeats=[again for _, again in model],
        limits=[Limit() for _ in model],
    )  # fmt: skip
    assert sum(one.moves for one in told) == found.cost.sum()
    assert sum(one.interactions for one in told) == (found.place == EXTRA).sum()
    deviating = {case for one in told for case in one.cases.tolist()}
    assert deviating == set(np.flatnonzero(found.cost).tolist())


SIMPLE = [(False, False), (True, False), (False, True)]


@pytest.mark.parametrize(
    ("case", "said"),
    [
        ("ABC", []), ("AC", []), ("ACCC", []), ("AABC", ["often A"]), ("ABBC", ["often B"]), ("BC", ["skipped A"]), ("A", ["stopped C"]),
        ("AB", ["stopped C"]), ("B", ["skipped A", "stopped C"]), ("ACB", ["order B"]), ("CA", ["order A"]),
    ],
)  # fmt: skip
def test_what_is_said_of_a_case(case, said):
    mask, starts, found = made([[1 << "ABC".index(one) for one in case]], SIMPLE)
    told = deviations(
        found, mask=mask, at=np.arange(len(mask)), channel=np.zeros(len(mask), dtype=np.uint64), starts=starts,
        repeats=[again for _, again in SIMPLE], limits=[Limit() for _ in SIMPLE],
    )  # fmt: skip
    assert [f"{one.kind} {'ABC'[one.stage]}" for one in told] == said


def test_times_and_channels_are_told_of_what_stands_in_its_place():
    mask, starts, found = made([[1, 1, 2, 4, 4], [1, 4]], SIMPLE)
    told = deviations(
        found, mask=mask, at=np.array([0, 5, 20, 30, 99, 0, 11]), channel=np.array([7, 8, 7, 0, 8, 7, 7], dtype=np.uint64), starts=starts,
        repeats=[again for _, again in SIMPLE], limits=[Limit(), Limit(wait=20), Limit(wait=10, channels=[7])],
    )  # fmt: skip
    assert [(one.kind, one.stage, one.cases.tolist(), one.moves, one.interactions) for one in told] == [
        ("often", 0, [0], 1, 1), ("late", 2, [1], 0, 1), ("channel", 2, [0], 0, 1),
    ]  # fmt: skip


def test_of_nothing_nothing():
    _, _, found = made([], SIMPLE)
    assert (found.fitness, found.cost.tolist(), found.place.tolist()) == (1.0, [], [])


def test_the_fitness_of_a_log_is_summed():
    _, _, found = made([[1, 2, 4], [2]], [(False, False)] * 3)
    assert found.cost.tolist() == [0, 2]
    assert found.worst.tolist() == [6, 4]
    assert found.fitness == pytest.approx(0.8)
