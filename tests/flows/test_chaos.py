"""Processes die or stand still at random while clients send. The long run is `python -m bench.chaos --kills 1000`."""

from __future__ import annotations

import pytest

from bench.chaos.report import recovery
from bench.chaos.run import Chosen, run
from bench.chaos.schedule import VICTIMS, make_schedule
from bench.chaos.verdict import told


@pytest.mark.timeout(400)
def test_nothing_acknowledged_is_lost_doubled_or_unlike_a_clean_replay(tmp_path):
    report, verdict = run(
        Chosen(seed=20, kills=20, early=0, stops=0.1, stop_seconds=3, check_every=10, minutes=5, folder=tmp_path)
    )
    assert verdict.good, told(verdict)
    assert sum(report.ledger.failed.values()) > 0  # otherwise the clients never noticed, and this proved nothing
    assert len(report.ledger.acknowledged) > 200
    assert len(report.struck) == 20
    assert all(one.pids for one in report.struck)
    assert max(one["silence"][1] for one in recovery(report.struck).values()) < 60
    assert not list(tmp_path.iterdir())


def test_a_seed_tells_everything_that_is_done():
    again = [make_schedule(seed=7, kills=300, stops=0.02) for _ in range(2)]
    assert again[0] == again[1] != make_schedule(seed=8, kills=300, stops=0.02)
    assert {one.victim for one in again[0]} == VICTIMS.keys()
    assert sum(one.how == "stop" for one in again[0]) == 6
    assert 50 < sum(one.hasty for one in again[0]) < 130
