"""One definition, one value: everybody at once, a few at a time, and the plain way agree."""

from __future__ import annotations

import json
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from amity.rooms.customers.queries.audiences.evaluate import evaluate
from amity.rooms.customers.queries.audiences.known import known_of
from amity.rooms.customers.rules.computed.columns import objects
from amity.rooms.customers.rules.computed.inlining import whole_value
from amity.rooms.customers.rules.computed.language import read
from amity.rooms.trust.models import Workspace
from tests.rooms.customers.audiences.keeping import keep, merge
from tests.rooms.customers.audiences.stories import NOW, person
from tests.rooms.customers.computed import naive, stories
from tests.rooms.customers.computed.splitting import Splitter

ZONE = "America/New_York"


def found(values: list[dict], workspace: int, *, now: int = NOW, only=None, edges=None) -> tuple[list[dict], dict]:
    known = known_of(workspace)
    whole = {n: whole_value(read(json.dumps({"version": 1, "value": one})).value, known) for n, one in enumerate(values)}
    done = evaluate({}, workspace=workspace, zone=ZoneInfo(ZONE), now=now, only=only, values=whole, edges=edges)
    who = [UUID(bytes=one.ljust(16, b"\0")) for one in done.everybody]
    return [dict(zip(who, objects(done.columns[n]), strict=True)) for n in range(len(values))], dict(done.edges)


def check(got: dict, wanted: dict, value: dict) -> None:
    assert got.keys() == wanted.keys()
    for who, one in got.items():
        assert naive.same(one, wanted[who]), (value, one, wanted[who])


@pytest.mark.django_db(transaction=True)
@settings(max_examples=20, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(people=st.lists(person, min_size=1, max_size=5), values=st.lists(stories.value, min_size=1, max_size=10), data=st.data())
def test_everybody_a_few_and_the_plain_way_agree(past_ready, people, values, data):
    workspace = Workspace.objects.create(slug=f"v-{Workspace.objects.count()}-{id(people)}", name="W").pk
    who = {keep(workspace, one): one for one in map(dict, people)}
    if len(who) > 2 and data.draw(st.booleans()):
        old, into, *_ = who
        merge(workspace, old, into)
        gone = who.pop(old)
        who[into] = who[into] | {part: who[into][part] + gone[part] for part in ("rows", "identifiers")}
    split = Splitter(workspace)
    asked = [split.split(value) for value in values]
    everybody, edges = found(asked, workspace)
    for value, got in zip(values, everybody, strict=True):
        check(got, naive.values(value, who, now=NOW, zone=ZONE), value)
    some = data.draw(st.sets(st.sampled_from(sorted(who)), min_size=1))
    few, _ = found(asked, workspace, only=sorted(some), edges=edges)
    for value, got, all_of_them in zip(values, few, everybody, strict=True):
        check(got, {one: all_of_them[one] for one in some}, value)
