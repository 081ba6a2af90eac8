"""The chaos run's judge finds each kind of wrong that it looks for."""

from __future__ import annotations

import pytest

from bench.chaos.clients import Ledger
from bench.chaos.replay import Logged
from bench.chaos.state import PAST, PRESENT, State
from bench.chaos.verdict import Verdict, compare, judge, told


def row(message: str, **more) -> dict:
    return {"workspace_id": 1, "source_id": 3, "message_id": message, "message_key": message, "key": message, **more}


@pytest.fixture
def ledger() -> Ledger:
    """Four messages, all acknowledged: two good ones, one that the edge puts aside, one that the pipeline does."""
    fates = {"a": "kept", "b": "kept", "e": "edge", "p": "pipeline"}
    return Ledger(fate={(1, 3, m): fate for m, fate in fates.items()}, acknowledged={(1, 3, m) for m in fates})


@pytest.fixture
def logged() -> Logged:
    made = Logged()
    made.interactions.update([(1, 3, "a"), (1, 3, "b"), (1, 3, "b"), (1, 3, "p")])
    made.rejections.update([(1, 3, "e")])
    made.by_source.update({3: 5})
    return made


def state(*, kept: str = "ab", aside: str = "ep", counted: int = 5) -> State:
    made = State(tables={name: {} for name in (*PRESENT, *PAST)})
    made.add("interactions", ("message_key",), iter([row(m) for m in kept]))
    made.add("quarantine", ("key",), iter([row(m) for m in aside]))
    made.add("counts", ("source_id",), iter([{"source_id": 3, "count": counted}]))
    return made


def wrong(verdict: Verdict) -> dict[str, int]:
    return {name: number for name, number in verdict.numbers().items() if number}


def test_a_good_run_is_good(ledger, logged):
    verdict = judge(ledger, logged, state())
    compare(verdict, state(), state())
    assert verdict.good
    assert (wrong(verdict), told(verdict)) == ({}, "")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"kept": "a"}, {"lost": 1}),
        ({"kept": "abb"}, {"doubled": 1}),
        ({"kept": "abx"}, {"invented": 1}),
        ({"kept": "abe", "aside": "ep"}, {"misplaced": 1}),
        ({"kept": "a", "aside": "bep"}, {"misplaced": 1}),
        ({"aside": "p"}, {"lost": 1, "doubled": 1}),
        ({"counted": 6}, {"miscounted": 1}),
    ],
)
def test_each_wrong_is_found(ledger, logged, found, expected):
    verdict = judge(ledger, logged, state(**found))
    assert wrong(verdict) == expected
    assert not verdict.good
    assert told(verdict)


def test_the_same_broken_event_read_twice_is_aside_twice(ledger, logged):
    logged.rejections[1, 3, "e"] = 2
    assert wrong(judge(ledger, logged, state())) == {"doubled": 1}


def test_an_answer_that_makes_a_client_give_up_is_wrong(ledger, logged):
    ledger.refuse("401 no such key")
    assert wrong(judge(ledger, logged, state())) == {"refused": 1}


def test_differences_are_named_by_table_row_and_column(ledger, logged):
    ours, theirs = state(), state()
    ours.tables["activity"] = {("c1",): {"interactions": 2, "consent": {}}, ("c2",): {"interactions": 1, "consent": {}}}
    theirs.tables["activity"] = {("c1",): {"interactions": 3, "consent": {}}}
    verdict = judge(ledger, logged, ours)
    compare(verdict, ours, theirs)
    assert verdict.numbers()["differing"] == 2
    assert "('c1',): {\"interactions\":[2,3]}" in told(verdict)
    assert "('c2',) is missing in the clean one" in told(verdict)
