"""Funnels over the real past: as the plain way counts them, with groups that add up, and every number opens its customers."""

from __future__ import annotations

import json
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.models import Audience, Member
from amity.rooms.journeys.queries.funnels.count import check_asked, count_funnel, people_of
from amity.rooms.journeys.rules.funnels.language import read
from amity.rooms.trust.models import Workspace
from tests.rooms.customers.audiences.keeping import keep, merge
from tests.rooms.journeys.funnels import brute

DAY, HOUR = 86_400_000, 3_600_000
NOW = 1_790_000_000_000
ZONE = "Europe/Zurich"
NAMES = ["Viewed", "Added", "Bought"]

row = st.fixed_dictionaries(
    {
        "time": st.integers(0, 30).map(lambda n: NOW - n * HOUR),
        "name": st.sampled_from([*NAMES, "Called"]),
        "type": st.just("track"),
        "voice": st.just("did"),
        "channel": st.sampled_from(["web", "app", ""]),
        "value": st.none(),
        "properties": st.sampled_from([{}, {"cart": "a"}, {"cart": "b"}, {"cart": 7}]),
    }
)
person = st.fixed_dictionaries(
    {"traits": st.sampled_from([{}, {"plan": "gold"}, {"plan": 2}]), "identifiers": st.just([]), "consent": st.just({}),
     "rows": st.lists(row, max_size=9)}
)  # fmt: skip


def asked(**given) -> dict:
    return {"version": 1, "steps": [{"event": {"name": name}} for name in NAMES], "within": {"amount": 9, "unit": "hours"},
            "period": {"kind": "last", "amount": 24, "unit": "hours"}} | given  # fmt: skip


def count(workspace: int, funnel: dict):
    return count_funnel(read(json.dumps(funnel)), workspace_id=workspace, time_zone=ZONE, as_of=NOW)


def who(workspace: int, funnel: dict, step: int, **given) -> list[UUID]:
    return people_of(read(json.dumps(funnel)), workspace_id=workspace, time_zone=ZONE, as_of=NOW, step=step, **given)


def as_rows(people: dict[UUID, list[dict]], funnel: dict) -> list[dict]:
    """Return what the plain way reads: one row for each interaction that a step means."""
    names = [step["event"]["name"] for step in funnel["steps"]]
    made = []
    for customer, rows in people.items():
        for one in rows:
            mask = sum(1 << n for n, name in enumerate(names) if name == one["name"])
            held = one["properties"].get("cart") if funnel.get("hold") else ""
            if mask and held is not None and one["time"] <= NOW:
                made.append({"who": customer, "held": str(held), "at": one["time"], "mask": mask, "key": one["key"].bytes})
    return made


@pytest.mark.django_db(transaction=True)
@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    people=st.lists(person, min_size=1, max_size=6),
    order=st.sampled_from(["ordered", "any"]),
    hold=st.sampled_from(["", "properties.cart"]),
    by=st.sampled_from([None, {"kind": "value", "of": "channel"}, {"kind": "value", "of": "properties.cart"}, {"kind": "trait", "name": "plan"}]),
    data=st.data(),
)  # fmt: skip
def test_as_the_plain_way_and_all_adds_up(past_ready, people, order, hold, by, data):
    workspace = Workspace.objects.create(slug=f"f-{uuid4().hex[:12]}", name="W").pk
    kept: dict[UUID, list[dict]] = {}
    for one in people:
        copy = one | {"rows": [dict(row) for row in one["rows"]]}
        kept[keep(workspace, copy)] = copy["rows"]
    if len(kept) > 2 and data.draw(st.booleans()):
        old, into, *_ = kept
        merge(workspace, old, into)
        kept[into] += kept.pop(old)
    funnel = asked(order=order, hold=hold, by=by)
    expected = brute.counted(
        as_rows(kept, funnel), optional=[False] * 3, order=order, within=9 * HOUR, first=NOW - DAY + 1, last=NOW
    )
    found = count(workspace, funnel)
    reached = [{one for one, at in expected.items() if at[n] != brute.NEVER} for n in range(3)]
    assert [step.reached for step in found.whole.steps] == [len(some) for some in reached]
    for n, step in enumerate(found.whole.steps, 1):
        assert set(who(workspace, funnel, n)) == reached[n - 1]
        if n > 1:
            assert step.left == len(who(workspace, funnel, n, left=True))
            assert step.reached + step.left == found.whole.steps[n - 2].reached
        if by:
            assert sum(group.steps[n - 1].reached for group in found.groups) == step.reached
            behind = [one for group in found.groups for one in who(workspace, funnel, n, group=group.key)]
            assert sorted(behind) == sorted(reached[n - 1])


@pytest.fixture
def workspace(transactional_db, past_ready) -> int:
    return Workspace.objects.create(slug=f"f-{uuid4().hex[:12]}", name="W").pk


def story(*names: str, properties: dict | None = None, channel: str = "web", gap: int = HOUR) -> list[dict]:
    start = NOW - 20 * HOUR
    rows: list[dict] = []
    for n, name in enumerate(names):
        at = start + n * gap
        rows.append({"time": at, "name": name, "type": "track", "voice": "did", "channel": channel, "value": None,
                     "properties": properties or {}, "key": uuid4()})  # fmt: skip
    return rows


def someone(workspace: int, *names: str, traits: dict | None = None, **given) -> UUID:
    rows = story(*names, **given)
    return keep(workspace, {"traits": traits or {}, "identifiers": [], "consent": {}, "rows": rows})


def test_more_than_ten_steps(workspace):
    names = [f"Step {n}" for n in range(14)]
    someone(workspace, *names, gap=HOUR // 2)
    someone(workspace, *names[:11], gap=HOUR // 2)
    funnel = asked(steps=[{"event": {"name": name}} for name in names])
    assert [step.reached for step in count(workspace, funnel).whole.steps] == [2] * 11 + [1] * 3


def test_optional_steps_lose_nobody_and_times_are_told(workspace):
    someone(workspace, "Viewed", "Added", "Bought")
    someone(workspace, "Viewed", "Bought", "Added")
    steps = [
        {"event": {"name": "Viewed"}},
        {"event": {"name": "Added"}, "optional": True},
        {"event": {"name": "Bought"}, "name": "Paid"},
    ]
    found = count(workspace, asked(steps=steps)).whole.steps
    assert [(step.name, step.reached, step.left) for step in found] == [("Viewed", 2, 0), ("Added", 1, 1), ("Paid", 2, 0)]
    assert (found[2].from_first.p50, found[2].from_first.n, found[1].from_before.p50) == (1.5 * HOUR, 2, HOUR)


def test_strict_order_goes_by_the_stored_edge(workspace, monkeypatch):
    from functools import partial

    from tests.rooms.customers.audiences import keeping

    plain = keeping.InteractionRow
    for names in (["Viewed", "Added"], ["Viewed", "Called", "Added"]):
        rows = story(*names)
        who = keep(workspace, {"traits": {}, "identifiers": [], "consent": {}, "rows": []})
        for before, row in zip([None, *rows], rows, strict=False):
            monkeypatch.setattr(keeping, "InteractionRow", partial(plain, previous_key=before and before["key"]))
            keeping.store(workspace, who, [row])
    steps = [{"event": {"name": "Viewed"}}, {"event": {"name": "Added"}}]
    assert [step.reached for step in count(workspace, asked(steps=steps)).whole.steps] == [2, 2]
    assert [step.reached for step in count(workspace, asked(steps=steps, order="strict")).whole.steps] == [2, 1]


def test_many_values_are_told_as_others_and_audiences_part(workspace):
    people = [someone(workspace, "Viewed", "Added", "Bought", properties={"cart": f"c{n}"}) for n in range(11)]
    found = count(workspace, asked(by={"kind": "value", "of": "properties.cart"}))
    assert [(group.label, group.began) for group in found.groups][-2:] == [("c6", 1), ("All others", 3)]
    one = Audience.objects.create(workspace_id=workspace, name="Few", definition=None, created_at=0, updated_at=0)
    Member.objects.bulk_create(Member(audience=one, customer_id=who, inside=True, since=0) for who in people[:4])
    found = count(workspace, asked(by={"kind": "audience", "id": one.pk}))
    assert [(group.label, group.began) for group in found.groups] == [("In Few", 4), ("Not in Few", 7)]
    assert count(workspace, asked(among=one.pk)).whole.began == 4
    with pytest.raises(NotFound):
        check_asked(read(json.dumps(asked(among=one.pk + 1))), workspace_id=workspace)


def test_who_may_still_come_through(workspace):
    someone(workspace, "Viewed")  # 20 hours ago, and may take 9
    someone(workspace, "Called", *["Called"] * 14, "Viewed")
    assert count(workspace, asked()).open == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"steps": [{"event": {"name": "A"}}]}, "length >= 2"),
        ({"steps": [{"event": {"name": "A"}, "optional": True}, {"event": {"name": "B"}}]}, "first step"),
        ({"order": "any", "steps": [{"event": {"name": "A"}}, {"event": {"name": "B"}}, {"event": {"name": "C"}, "optional": True}]}, "optional"),
        ({"within": {"amount": 60, "unit": "weeks"}}, "a year"),
        ({"hold": "nonsense"}, "can't be tested"),
        ({"by": {"kind": "value", "of": "value"}}, "amount of money"),
        ({"wrong": 1}, "unknown field"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_said(given, said):
    with pytest.raises(Invalid, match=said):
        check_asked(read(json.dumps(asked(**given))), workspace_id=0)
