from __future__ import annotations

import random
from threading import Thread

import pytest
from django.db import connection, transaction

from amity.engines.past.client import ask
from amity.engines.present.bulk import run
from amity.engines.present.models import PastBatch
from amity.rooms.customers import api
from amity.rooms.customers.actions import resequence
from amity.rooms.customers.models import Activity, Mark
from tests.flows.wait import wait_for
from tests.rooms.customers.making import MINUTE, event
from tests.rooms.customers.past import store

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]
STATE = ("interactions", "channels", "values", "first_seen", "last_seen", "last_key", "last_name", "session_id", "session_start")


def _story(workspace):
    steps = [0, 3, 10, 50, 51, 52, 60, 95, 130, 131, 170, 171]
    spring = {51: ("mail", "email", "spring")}
    return [
        event(f"s{n}", workspace=workspace, at=at * MINUTE, name=f"It's\\ {n}", campaign=spring.get(at, ("", "", "")),
              properties={"revenue": n}, **({"user_id": "u"} if n % 3 == 0 else {"anonymous_id": "a"}))
        for n, at in enumerate(steps)
    ] + [event("in", workspace=workspace, at=200 * MINUTE, user_id="u", anonymous_id="a")]  # fmt: skip


def _send(events):
    store(events, [api.place([one]).placements[0] for one in events])


def _past(workspace):
    customer = Activity.objects.get(workspace_id=workspace, merged=False).customer_id
    found = api.get_customer(workspace_id=workspace, customer_id=customer)
    moments = api.timeline(workspace_id=workspace, customer_ids=found.all_ids, limit=100).moments
    edges = {m.name: (m.session_id, m.session_start, m.previous_name, m.previous_time) for m in moments}
    return edges, Activity.objects.filter(customer_id=customer).values(*STATE).get()


def _elsewhere(results, workspace):
    """Session ids derive from keys, and keys from the workspace: put names in their place."""
    edges, state = results
    sessions = {edge[0]: name for name, edge in edges.items() if edge[1]}
    readable = {name: (sessions[edge[0]], *edge[1:]) for name, edge in edges.items()}
    state["session_id"], state["last_key"] = sessions[state["session_id"]], None
    return readable, state


@pytest.mark.parametrize("seed", range(3))
def test_any_order_of_arrival_ends_like_the_right_one(workspace, seed, other_workspace):
    _send(_story(workspace))
    api.resequence_marked()
    shuffled = _story(other_workspace)
    random.Random(seed).shuffle(shuffled)
    _send(shuffled)
    assert api.resequence_marked() == 1
    assert not Mark.objects.exists()
    assert _elsewhere(_past(other_workspace), other_workspace) == _elsewhere(_past(workspace), workspace)


def test_a_late_one_changes_only_what_it_must(workspace):
    events = [event(str(n), workspace=workspace, user_id="u", at=n * 20 * MINUTE) for n in (0, 1, 4, 5)]
    _send(events)
    before, _ = _past(workspace)
    _send([event("3", workspace=workspace, user_id="u", at=3 * 20 * MINUTE)])
    assert api.resequence_marked() == 1
    after, _ = _past(workspace)
    assert {name: after[name] for name in "01"} == {name: before[name] for name in "01"}
    assert after["3"][1:3] == (True, "1")
    assert after["4"] == (after["3"][0], False, "3", events[0].time + 60 * MINUTE)
    assert after["5"][0] == after["3"][0]


def test_waits_until_the_rows_are_in_the_past(workspace):
    _send([event("1", workspace=workspace, user_id="u", at=5), event("2", workspace=workspace, user_id="u")])
    waiting = PastBatch.objects.create(token="t", table="interactions_raw", rows=1, body=b"")
    assert api.resequence_marked() == 0
    waiting.delete()
    assert api.resequence_marked() == 1


def test_as_many_at_once_as_do_not_fill_the_memory_with_their_stories_and_few_rows_in_a_statement(workspace, monkeypatch):
    for who in "uvw":
        _send([event(f"{at} {who}", workspace=workspace, user_id=who, at=at * MINUTE) for at in (0, 20, 60, 40)])
    monkeypatch.setattr(resequence, "_AT_ONCE", 2)
    for most, taken in ((8, 2), (1, 1), (100, 3)):
        monkeypatch.setattr(resequence, "_INTERACTIONS_AT_ONCE", most)
        with transaction.atomic():
            assert len(resequence._ready(10)) == taken
    monkeypatch.setattr(resequence, "_INTERACTIONS_AT_ONCE", 1)
    assert api.resequence_marked() == 3
    assert not Mark.objects.exists()
    [customer, *_] = Activity.objects.filter(workspace_id=workspace).values_list("customer_id", flat=True)
    moments = api.timeline(workspace_id=workspace, customer_ids=[customer], limit=10).moments
    assert [(one.name[:2], one.previous_name[:2]) for one in reversed(moments)] == [
        ("0 ", ""),
        ("20", "0 "),
        ("40", "20"),
        ("60", "40"),
    ]


def test_a_replay_is_counted_once(workspace):
    events = _story(workspace)
    _send(events)
    api.resequence_marked()
    before = _past(workspace)
    api.place(events, replay=True)
    api.resequence_marked()
    assert _past(workspace) == before
    rows = ask(package="amity.rooms.customers", name="totals", workspace_id=workspace, customer_ids=[], currents=[])
    assert rows == []


@pytest.mark.django_db(transaction=True)
def test_a_mark_that_grows_while_its_customer_is_being_taken_is_seen_whole(workspace, monkeypatch):
    """Between the statement's look at the marks and its locks another transaction places something that is later still."""
    gate = 4711
    gated = resequence._MARKED.replace("moved_at < %b", f"moved_at < %b AND pg_advisory_xact_lock_shared({gate}) IS NOT NULL")
    monkeypatch.setattr(resequence, "_MARKED", gated)
    _send([event(str(at), workspace=workspace, user_id="u", at=at * MINUTE) for at in (0, 60, 100)])
    _send([event("99 late", workspace=workspace, user_id="u", at=99 * MINUTE)])
    run("SELECT pg_advisory_lock(%s)", [gate])
    taking = Thread(target=_apart, args=(api.resequence_marked,))
    taking.start()
    wait_for(lambda: run("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND objid = %s AND NOT granted", [gate]))
    with transaction.atomic():
        _send([event("5 late", workspace=workspace, user_id="u", at=5 * MINUTE)])
    run("SELECT pg_advisory_unlock(%s)", [gate])
    taking.join()
    api.resequence_marked()
    assert not Mark.objects.exists()
    edges, _ = _past(workspace)
    assert {name: edge[2] for name, edge in edges.items()} == {
        "0": "",
        "5 late": "0",
        "60": "5 late",
        "99 late": "60",
        "100": "99 late",
    }


def _apart(work):
    try:
        work()
    finally:
        connection.close()
