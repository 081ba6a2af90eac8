"""One definition, one answer: everybody at once, a few at a time, and the plain way agree."""

from __future__ import annotations

import json
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.rooms.customers.queries.audiences.evaluate import evaluate
from amity.rooms.customers.rules.audiences.algebra import NEVER
from amity.rooms.customers.rules.audiences.language import read
from amity.rooms.trust.models import Workspace
from tests.rooms.customers.audiences import naive, stories
from tests.rooms.customers.audiences.keeping import keep, merge

ZONE = "America/New_York"


def found(where, workspace, *, now=stories.NOW, only=None) -> set[UUID]:
    return answers([where], workspace, now=now, only=only)[0]


def answers(wheres, workspace, *, now=stories.NOW, only=None) -> list[set[UUID]]:
    definitions = {n: read(json.dumps({"version": 1, "where": where})).where for n, where in enumerate(wheres)}
    done = evaluate(definitions, workspace=workspace, zone=ZoneInfo(ZONE), now=now, only=only)
    return [{UUID(bytes=one.ljust(16, b"\0")) for one in done.everybody[done.found[n].met]} for n in range(len(wheres))]


@pytest.mark.django_db(transaction=True)
@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    people=st.lists(stories.person, min_size=1, max_size=5),
    wheres=st.lists(stories.where, min_size=1, max_size=12),
    data=st.data(),
)
def test_everybody_a_few_and_the_plain_way_agree(past_ready, people, wheres, data):
    workspace = Workspace.objects.create(slug=f"w-{Workspace.objects.count()}-{id(people)}", name="W").pk
    people = [dict(one) for one in people]
    who = {keep(workspace, one): one for one in people}
    if len(who) > 2 and data.draw(st.booleans()):
        old, into, *_ = who
        merge(workspace, old, into)
        gone = who.pop(old)
        who[into] = who[into] | {
            "rows": who[into]["rows"] + gone["rows"],
            "identifiers": who[into]["identifiers"] + gone["identifiers"],
        }
    expected = [naive.members(where, who, now=stories.NOW, zone=ZONE) for where in wheres]
    for where, got, wanted in zip(wheres, answers(wheres, workspace), expected, strict=True):
        assert got == wanted, where
    some = data.draw(st.sets(st.sampled_from(sorted(who)), min_size=1))
    for where, got, wanted in zip(wheres, answers(wheres, workspace, only=sorted(some)), expected, strict=True):
        assert got == wanted & some, where


@pytest.mark.django_db(transaction=True)
def test_time_is_waited_for_only_where_it_can_change_something(past_ready):
    workspace = Workspace.objects.create(slug="due", name="Due").pk
    day = 86_400_000
    times = [stories.NOW - 5 * day, stories.NOW - 2 * day]
    bought = {"name": "Bought", "type": "track", "channel": "web", "voice": "did", "value": None, "properties": {}}
    who = keep(workspace, {"traits": {}, "identifiers": [], "consent": {}, "rows": [bought | {"time": at} for at in times]})
    week = {"kind": "did", "event": {"name": "Bought"}, "within": {"kind": "last", "amount": 7, "unit": "days"}}
    first, second = (at + 7 * day for at in times)
    wanted = {
        first: [{"at_least": 2}, {"at_most": 1}, {"at_least": 1, "at_most": 1}, {"at_least": 2, "count": "days"}],
        second: [{"at_least": 1}],
        NEVER: [
            {"at_least": 3},
            {"at_least": 100},
            {"at_most": 2},
            {"at_least": 3, "count": "days"},
            {"at_least": 3, "at_most": 5},
        ],
    }
    wheres = [(due, week | rest) for due, wishes in wanted.items() for rest in wishes]
    definitions = {n: read(json.dumps({"version": 1, "where": where})).where for n, (_, where) in enumerate(wheres)}
    inside = {"at_least": 2}, {"at_most": 2}, {"at_least": 2, "count": "days"}, {"at_least": 1}
    for only in (None, [who]):
        done = evaluate(definitions, workspace=workspace, zone=ZoneInfo(ZONE), now=stories.NOW, only=only)
        for n, (due, where) in enumerate(wheres):
            assert list(done.found[n].due) == [due], (only, where)
            assert list(done.found[n].met) == [any(where == week | one for one in inside)], (only, where)
