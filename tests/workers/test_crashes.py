"""A crash anywhere loses nothing and doubles nothing: the end is that of a run without one."""

from __future__ import annotations

import random

import pytest

from amity.engines.present.models import PastBatch
from tests.workers.story import BOUNDARIES, Crashes, fill, outcome, twin, work_through


@pytest.fixture
def expected(world):
    fill(world)
    assert work_through(world, Crashes()) == 0
    result = outcome(world)
    assert result["counts"] == (61, 29, 0)
    return result


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_one_crash_at_each_boundary(world, expected, boundary):
    other = twin(world)
    assert work_through(other, Crashes((boundary, 2))) == 1
    assert outcome(other) == expected
    assert not PastBatch.objects.exists()


def test_crashes_again_and_again(world, expected):
    other = twin(world)
    dice = random.Random(7)
    planned = [(boundary, dice.randrange(1, 20)) for boundary in BOUNDARIES for _ in range(5)]
    assert work_through(other, Crashes(*planned)) >= 10
    assert outcome(other) == expected
