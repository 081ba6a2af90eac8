"""The chaos run's judge finds each kind of wrong that it looks for."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from amity.kernel.clock import from_ms, to_ms
from amity.kernel.ids import derived_id
from bench.chaos.agree import disagreements
from bench.chaos.clients import Ledger
from bench.chaos.replay import Logged
from bench.chaos.state import PAST, PRESENT, State
from bench.chaos.verdict import Verdict, compare, judge, told

AT = from_ms(1_790_000_000_000)
CAMPAIGN = {"campaign_source": "", "campaign_medium": "", "campaign_name": ""}


def row(message: str, **more) -> dict:
    where = {"workspace_id": 1, "source_id": 3, "message_id": message, "message_key": message, "key": message}
    return where | {"customer_id": "c1", "voice": "ours", "time": AT, "value": None} | more


def activity(**more) -> dict:
    """That of a customer of whom there are messages of ours alone."""
    seen = to_ms(AT)
    return {"customer_id": "c1", "interactions": 0, "channels": {}, "values": {}, "first_seen": seen, "last_seen": seen} | more


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
    made.add("activity", ("customer_id",), iter([activity()]))
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


def story() -> tuple[list[dict], dict]:
    """Two steps of one session, a message of ours between them, and the activity that follows from them."""
    first, second = UUID(int=1), UUID(int=2)
    session = derived_id(to_ms(AT), "session", first.bytes)
    did = {"voice": "did", "channel": "web", "session_id": session, **CAMPAIGN}
    start = {"session_start": True, "previous_key": None, "previous_name": "", "previous_time": None}
    later = {"session_start": False, "previous_key": first, "previous_name": "a", "previous_time": AT}
    rows = [
        row("a", message_key=first, name="a", **did, **start),
        row("m", message_key=UUID(int=3), value=Decimal(-2), currency="EUR"),
        row("b", message_key=second, name="b", time=AT + timedelta(minutes=5), value=Decimal(7), currency="EUR", **did, **later),
    ]
    last = to_ms(AT) + 300_000
    return rows, activity(interactions=2, channels={"web": 2}, values={"EUR": "5.0000"}, last_seen=last)


def told_by(rows: list[dict], one: dict) -> list[str]:
    made = State(tables={"activity": {("c1",): one}})
    made.add("interactions", ("message_key",), iter(rows))
    return disagreements(made)


def test_present_and_past_of_one_story_agree():
    assert told_by(*story()) == []


@pytest.mark.parametrize(
    ("which", "change"),
    [
        (0, {"session_start": False}),
        (2, {"previous_key": None}),
        (2, {"session_id": UUID(int=9)}),
        (2, {"value": None}),
        (1, {"voice": "said", "channel": "web", "name": "m", "session_id": None, "session_start": False, "previous_key": None,
             "previous_name": "", "previous_time": None, **CAMPAIGN}),
    ],
)  # fmt: skip
def test_a_row_of_the_past_that_contradicts_is_found(which, change):
    rows, one = story()
    rows[which] |= change
    assert told_by(rows, one)


@pytest.mark.parametrize("change", [{"interactions": 3}, {"values": {}}, {"last_seen": 0}, {"channels": {"app": 2}}])
def test_an_activity_that_contradicts_is_found(change):
    rows, one = story()
    assert told_by(rows, one | change)


def test_differences_are_named_by_table_row_and_column(ledger, logged):
    ours, theirs = state(), state()
    ours.tables["customers"] = {("c1",): {"traits": {"a": 2}, "origins": {}}, ("c2",): {"traits": {}, "origins": {}}}
    theirs.tables["customers"] = {("c1",): {"traits": {"a": 3}, "origins": {}}}
    verdict = judge(ledger, logged, ours)
    compare(verdict, ours, theirs)
    assert verdict.numbers()["differing"] == 2
    assert '(\'c1\',): {"traits":[{"a":2},{"a":3}]}' in told(verdict)
    assert "('c2',) is missing in the clean one" in told(verdict)


def test_several_workers_may_disagree_on_who_somebody_is_and_on_nothing_else(ledger, logged):
    ours, theirs, other = state(), state(), state()
    theirs.tables["interactions"][("a",)] = row("a", customer_id="c2")
    other.tables["interactions"][("a",)] = row("a", value=Decimal(1))
    verdict = judge(ledger, logged, ours)
    compare(verdict, ours, theirs, ordered=False)
    assert verdict.good
    compare(verdict, ours, theirs)
    assert wrong(verdict) == {"differing": 1}
    compare(verdict, ours, other, ordered=False)
    assert wrong(verdict) == {"differing": 1}
