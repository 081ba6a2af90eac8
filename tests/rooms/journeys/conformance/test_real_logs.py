"""A real help desk held to the way that most of its tickets go: costs against the longest common subsequence of each way through."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from amity.rooms.journeys.rules.conformance.aligning import EXTRA, align
from amity.rooms.journeys.rules.conformance.deviating import Limit, deviations
from tests.rooms.journeys.paths.logs import in_order, xes

TARGET = ["Assign seriousness", "Take in charge ticket", "Resolve ticket", "Closed"]


def test_the_help_desk():
    ways = [[name for _, name in events if name in TARGET] for events in in_order(xes("bpi/Helpdesk.xes.gz"))]
    ways = [way for way in ways if way]
    mask = np.array([1 << TARGET.index(name) for way in ways for name in way], dtype=np.uint32)
    starts = np.cumsum([0, *map(len, ways)])[:-1].astype(np.int64)
    found = align(mask, starts, needed=[True] * 4, repeats=[False] * 4)
    counted = Counter(map(tuple, ways))
    assert found.cost.sum() == sum(times * (len(way) + 4 - 2 * common(way, TARGET)) for way, times in counted.items())
    assert found.worst.sum() == sum(times * (len(way) + 4) for way, times in counted.items())
    assert int((found.cost == 0).sum()) == counted[tuple(TARGET)]
    assert found.fitness == pytest.approx(1 - found.cost.sum() / found.worst.sum())
    told = deviations(
        found, mask=mask, at=np.arange(len(mask)), channel=np.zeros(len(mask), dtype=np.uint64), starts=starts, repeats=[False] * 4,
        limits=[Limit()] * 4,
    )  # fmt: skip
    assert sum(one.moves for one in told) == found.cost.sum()
    assert sum(one.interactions for one in told) == (found.place == EXTRA).sum()


def common(way, target) -> int:
    table = [[0] * (len(target) + 1) for _ in range(len(way) + 1)]
    for i, name in enumerate(way):
        for j, stage in enumerate(target):
            table[i + 1][j + 1] = table[i][j] + 1 if name == stage else max(table[i][j + 1], table[i + 1][j])
    return table[-1][-1]
