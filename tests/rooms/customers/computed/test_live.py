"""Kept up to date step by step, worked out anew, and the plain way: always the same values."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from amity.rooms.customers import api as customers
from amity.rooms.customers.actions.audiences.refresh import recompute, recompute_trait
from amity.rooms.customers.models import Audience, ComputedTrait, ComputedValue, Customer
from amity.rooms.trust.models import Workspace
from tests.rooms.customers.audiences.keeping import keep, merge
from tests.rooms.customers.audiences.stories import DAY, NOW, person, row
from tests.rooms.customers.audiences.test_refresh import audience, facts, happened, members
from tests.rooms.customers.audiences.test_refresh import person as somebody
from tests.rooms.customers.audiences.test_refresh import row as one_row
from tests.rooms.customers.computed import naive, stories
from tests.rooms.customers.computed.splitting import Splitter

ZONE = "Europe/Zurich"
SPENT = {"kind": "number", "event": {"name": "Bought"}, "take": "sum", "of": "value"}
RECENT = {"kind": "count", "event": {"name": "Bought"}, "within": {"kind": "last", "amount": 30, "unit": "days"}}


def trait(workspace: int, value: dict, *, name: str = "") -> ComputedTrait:
    return ComputedTrait.objects.create(
        workspace_id=workspace, name=name or f"trait {ComputedTrait.objects.count()}", definition={"version": 1, "value": value},
        created_at=0, updated_at=0, wanted_at=0,
    )  # fmt: skip


def values(one: ComputedTrait) -> dict[UUID, Any]:
    return dict(ComputedValue.objects.filter(trait=one, value__isnull=False).values_list("customer_id", "value"))


@pytest.fixture
def workspace(transactional_db, past_ready) -> int:
    return Workspace.objects.create(slug="kept", name="Kept", time_zone=ZONE).pk


def up_to_date(now: int) -> None:
    while customers.refresh_touched(now=now):
        pass
    while customers.refresh_due(now=now):
        pass
    for _ in range(9):
        wanted = ComputedTrait.objects.filter(wanted_at__isnull=False).order_by("pk").values_list("pk", flat=True)
        for pk in wanted:
            recompute_trait(pk, now=now)
    for pk in Audience.objects.filter(wanted_at__isnull=False).values_list("pk", flat=True):
        recompute(pk, now=now)


def check(traits: list[ComputedTrait], wanted: list[dict], who: dict, now: int) -> None:
    for one, value in zip(traits, wanted, strict=True):
        expected = {customer: v for customer, v in naive.values(value, who, now=now, zone=ZONE).items() if v is not None}
        got = values(one)
        assert got.keys() == expected.keys(), (value, now)
        assert all(naive.same(v, expected[customer]) for customer, v in got.items()), (value, now, got, expected)
        one.refresh_from_db()
        assert one.size == len(expected)


def has_tiles(value: Any) -> bool:
    return "'tile'" in repr(value)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=10, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    people=st.lists(person, min_size=2, max_size=4),
    wanted=st.lists(stories.value.filter(lambda value: not has_tiles(value)), min_size=1, max_size=5),
    scores=st.lists(stories.value.filter(has_tiles), max_size=2),
    data=st.data(),
)
def test_step_by_step_is_the_same_as_anew(past_ready, people, wanted, scores, data):
    workspace = Workspace.objects.create(slug=f"t-{Workspace.objects.count()}-{id(people)}", name="W", time_zone=ZONE).pk
    ComputedTrait.objects.all().delete()
    split = Splitter(workspace)
    traits, scored = [split.trait(value) for value in wanted], [split.trait(value) for value in scores]
    who = {keep(workspace, one): one for one in map(dict, people)}
    now = NOW
    up_to_date(now)
    check(traits + scored, wanted + scores, who, now)
    for _ in range(data.draw(st.integers(1, 4))):
        someone = data.draw(st.sampled_from(sorted(who)))
        step = data.draw(st.sampled_from(["row", "row", "time", "trait", "merge"]))
        if step == "row":
            one = data.draw(row)
            happened(workspace, someone, one)
            who[someone]["rows"] = [*who[someone]["rows"], one]
        elif step == "time":
            now += data.draw(st.sampled_from([1, DAY - 1, DAY, 3 * DAY, 31 * DAY]))
        elif step == "trait":
            who[someone]["traits"] = {"plan": data.draw(st.sampled_from(["gold", 2]))}
            Customer.objects.filter(id=someone).update(traits=who[someone]["traits"])
            customers.touch_customers(workspace_id=workspace, customer_ids=[someone])
        elif len(who) > 1:
            into = data.draw(st.sampled_from(sorted(who.keys() - {someone})))
            merge(workspace, someone, into)
            gone = who.pop(someone)
            who[into] = who[into] | {part: who[into][part] + gone[part] for part in ("rows", "identifiers")}
            customers.touch_customers(workspace_id=workspace, customer_ids=[someone, into])
        up_to_date(now)
        check(traits, wanted, who, now)
    live = [values(one) for one in traits]
    ComputedTrait.objects.filter(workspace_id=workspace).update(wanted_at=now)
    up_to_date(now)
    assert [values(one) for one in traits] == live
    check(scored, scores, who, now)


def test_a_value_follows_within_one_turn_and_leaves_with_its_window(workspace):
    spent, recent = trait(workspace, SPENT), trait(workspace, RECENT)
    ada = keep(workspace, somebody(one_row(value=10.0)))
    up_to_date(NOW)
    assert (values(spent), values(recent)) == ({ada: 10}, {ada: 1})
    happened(workspace, ada, one_row(at=NOW + 5, value=2.5))
    assert customers.refresh_touched(now=NOW + 10)
    assert (values(spent), values(recent)) == ({ada: 12.5}, {ada: 2})
    since = ComputedValue.objects.get(trait=recent).since
    assert since == NOW + 10
    customers.refresh_due(now=NOW + 30 * DAY)
    assert values(recent) == {ada: 1}
    customers.refresh_due(now=NOW + 30 * DAY + 5)
    assert (values(spent), values(recent)) == ({ada: 12.5}, {ada: 0})


def test_days_since_turn_with_the_day(workspace):
    days = trait(workspace, {"kind": "days_since", "event": {"name": "Bought"}})
    ada, bob = keep(workspace, somebody(one_row())), keep(workspace, somebody())
    up_to_date(NOW)
    assert values(days) == {ada: 0}
    customers.refresh_due(now=NOW + DAY - 1)
    assert values(days) == {ada: 0}
    customers.refresh_due(now=NOW + DAY)
    assert values(days) == {ada: 1}
    happened(workspace, bob, one_row(at=NOW + DAY))
    customers.refresh_touched(now=NOW + DAY)
    assert values(days) == {ada: 1, bob: 0}


def test_an_audience_follows_a_trait_and_a_trait_an_audience(workspace):
    spent = trait(workspace, SPENT)
    big = audience(workspace, {"kind": "computed", "id": spent.pk, "is": "at_least", "to": 100})
    stage = trait(
        workspace,
        {
            "kind": "cases",
            "of": [{"where": {"kind": "audience", "id": big.pk}, "then": {"kind": "fixed", "is": "big"}}],
            "otherwise": {"kind": "fixed", "is": "small"},
        },
    )
    ada = keep(workspace, somebody(one_row(value=10.0)))
    up_to_date(NOW)
    recompute(big.pk, now=NOW)
    assert (members(big), values(stage)) == (set(), {ada: "small"})
    happened(workspace, ada, one_row(at=NOW + 5, value=95.0))
    customers.refresh_touched(now=NOW + 10)
    assert (members(big), values(stage)) == ({ada}, {ada: "big"})
    assert facts() == [("Audience entered", big.pk, ada)]


def test_scores_are_given_anew_once_a_day_and_follow_in_between(workspace):
    score = trait(workspace, {"kind": "tile", "of": SPENT, "tiles": 2})
    who = [keep(workspace, somebody(one_row(value=float(n)))) for n in (10, 20, 30, 40)]
    top = audience(workspace, {"kind": "computed", "id": score.pk, "is": "equal", "to": 2})
    up_to_date(NOW)
    recompute(top.pk, now=NOW)
    assert values(score) == dict(zip(who, [1, 1, 2, 2], strict=True))
    happened(workspace, who[0], one_row(at=NOW + 1, value=50.0))
    customers.refresh_touched(now=NOW + 2)
    assert values(score) == dict(zip(who, [2, 1, 2, 2], strict=True))
    assert members(top) == {who[0], who[2], who[3]}
    up_to_date(NOW + DAY + 2)
    assert values(score) == dict(zip(who, [2, 1, 1, 2], strict=True))
    assert members(top) == {who[0], who[3]}
