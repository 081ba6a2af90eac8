"""What is found of records of known truth. The floors lie a little below what is measured (docs/matching.md)."""

from __future__ import annotations

import pytest

from bench.matching import DATA, SETS, compare, load, measured, people, wilson

pytestmark = pytest.mark.django_db
FLOORS = {"fake_1000": (0.98, 0.73), "febrl1": (0.98, 0.97)}  # precision and recall from 50% on


@pytest.mark.parametrize("name", FLOORS)
def test_what_is_the_same_is_found(workspace, name):
    if not (DATA / SETS[name]).exists():
        pytest.skip(f"the real data {SETS[name]} is not here")
    true, _ = load(workspace, people(name))
    assert len(true) == {"fake_1000": 2_031, "febrl1": 500}[name]
    _, found = compare(workspace)
    told = measured(found, true, 0.5)
    precision, recall = FLOORS[name]
    assert told["precision"][0] >= precision
    assert told["recall"][0] >= recall
    strict = measured(found, true, 0.99)
    assert strict["proposed"] < told["proposed"]
    assert strict["precision"][0] >= precision


def test_wilsons_interval_is_the_published_one():
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263 is 0.2553 to 0.3662.
    assert wilson(81, 263) == pytest.approx((0.30798, 0.2553, 0.3662), abs=5e-5)
