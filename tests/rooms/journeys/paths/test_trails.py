"""Maps, variants and rework of real and of random logs, against plain Python and the figures that are published of the real ones."""

from __future__ import annotations

import itertools
from collections import Counter
from statistics import median

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.rooms.journeys.rules.paths.flows import OTHER, OVER, flow
from amity.rooms.journeys.rules.paths.trails import (
    Trails,
    activities,
    cases_of_activity,
    cases_of_edge,
    cases_of_way,
    edges,
    variants,
)
from tests.rooms.journeys.paths.logs import in_order, receipt, trails, xes

logs = st.dictionaries(
    st.sampled_from([f"case {n}" for n in range(6)]),
    st.lists(st.tuples(st.integers(0, 20), st.sampled_from("abcd")), min_size=1, max_size=7),
    min_size=1,
)


def as_plain(log) -> None:
    """Hold everything that is counted of a log to plain Python."""
    made = trails(log)
    ways = [tuple(name for _, name in events) for events in in_order(log)]
    pairs: dict[tuple[str, str], list[int]] = {}
    homes: dict[tuple[str, str], set[int]] = {}
    for n, events in enumerate(in_order(log)):
        for (t0, a), (t1, b) in itertools.pairwise(events):
            pairs.setdefault((a, b), []).append(t1 - t0)
            homes.setdefault((a, b), set()).add(n)
    found = {(made.names[e.first], made.names[e.then]): e for e in edges(made)}
    assert {pair: e.times for pair, e in found.items()} == {pair: len(spans) for pair, spans in pairs.items()}
    for pair, edge in found.items():
        assert edge.took.p50 == pytest.approx(median(pairs[pair]))
        assert set(cases_of_edge(made, edge.first, edge.then).tolist()) == homes[pair]
        assert edge.cases == len(homes[pair])
    told, kinds = variants(made, most=10**6)
    assert Counter(ways) == {tuple(made.names[code] for code in way.steps): way.cases for way in told}
    assert kinds == len(set(ways))
    assert all(len(cases_of_way(made, way.example)) == way.cases for way in told)
    for act in activities(made):
        mine = [way.count(act.name) for way in ways]
        assert (act.times, act.cases) == (sum(mine), sum(n > 0 for n in mine))
        assert (act.reworked, act.again) == (sum(n > 1 for n in mine), sum(n - 1 for n in mine if n))
        assert act.begins == sum(way[0] == act.name for way in ways) == len(cases_of_activity(made, act.code, what="begins"))
        assert act.ends == sum(way[-1] == act.name for way in ways) == len(cases_of_activity(made, act.code, what="ends"))
        assert len(cases_of_activity(made, act.code, what="again")) == act.reworked
        assert len(cases_of_activity(made, act.code)) == act.cases


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=logs)
def test_random_logs(log):
    as_plain(log)


@settings(max_examples=80, deadline=None, suppress_health_check=list(HealthCheck))
@given(log=logs, backward=st.booleans(), depth=st.integers(1, 4), width=st.integers(1, 3))
def test_flows_balance(log, backward, depth, width):
    made = trails(log)
    for code in range(len(made.names)):
        found = flow(made, code, backward=backward, depth=depth, width=width)
        assert len(found.cases) == sum(1 for events in log.values() if made.names[code] in [name for _, name in events])
        for column in range(depth + 1):
            nodes = {node.code: node.cases for node in found.nodes if node.column == column}
            assert sum(nodes.values()) + 0 == len(found.cases)
            assert len([one for one in nodes if one >= 0]) <= width
            into = Counter(dict.fromkeys(nodes, 0))
            for stream in found.streams:
                if stream.column == column:
                    into[stream.then] += stream.cases
            if column:
                before = {node.code: node.cases for node in found.nodes if node.column == column - 1}
                out = Counter[int]()
                for stream in found.streams:
                    if stream.column == column:
                        out[stream.first] += stream.cases
                assert out == {one: n for one, n in before.items() if one != OVER}
                assert {one: n for one, n in into.items() if one != OVER} == {one: n for one, n in nodes.items() if one != OVER}
                assert into[OVER] + before.get(OVER, 0) == nodes.get(OVER, 0)
        events = [[name for _, name in one] for one in in_order(log)]
        for case, row in zip(found.cases.tolist(), found.rows.tolist(), strict=True):
            names = events[case]
            at = names.index(made.names[code])
            for column, value in enumerate(row):
                place = at - column if backward else at + column
                real = names[place] if 0 <= place < len(names) else None
                assert (value == OVER) == (real is None)
                assert value < 0 or made.names[value] == real
                assert value != OTHER or real is not None


def test_of_nothing_nothing():
    none = np.zeros(0, dtype=np.int64)
    made = Trails(names=["a"], activity=none, at=none, starts=none, customers=np.zeros(0, dtype="S16"))
    assert (edges(made), variants(made), activities(made)) == ([], ([], 0), [])


def test_the_help_desk():
    """4,580 cases, 21,348 events, 14 activities, 226 variants: the figures that the log's publishers and others give."""
    log = xes("bpi/Helpdesk.xes.gz")
    made = trails(log)
    told, kinds = variants(made)
    assert (made.cases, len(made.activity), len(made.names), kinds) == (4_580, 21_348, 14, 226)
    assert [way.cases for way in told[:3]] == [2_366, 552, 228]
    as_plain(log)


def test_the_receipts():
    log = receipt("pm4py/receipt.csv")
    made = trails(log)
    assert (made.cases, len(made.activity)) == (1_434, 8_577)
    as_plain(log)


def test_the_running_example():
    log = xes("pm4py/running-example.xes")
    made = trails(log)
    assert (made.cases, len(made.activity)) == (6, 42)
    as_plain(log)
