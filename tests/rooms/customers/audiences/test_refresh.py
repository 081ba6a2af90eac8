"""Kept up to date step by step, computed anew, and worked out the plain way: always the same members."""

from __future__ import annotations

from uuid import UUID

import msgspec
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from amity.engines.present.models import OutboxFact, PastBatch
from amity.rooms.customers import api as customers
from amity.rooms.customers.actions.audiences.refresh import recompute
from amity.rooms.customers.models import Audience, AudienceSize, Customer, ListEntry, Member, Touch
from amity.rooms.customers.rules.audiences.listing import OWN
from amity.rooms.trust.models import Workspace
from tests.rooms.customers.audiences import naive, stories
from tests.rooms.customers.audiences.keeping import keep, merge, store
from tests.rooms.customers.audiences.stories import DAY, NOW

ZONE = "Europe/Zurich"
BOUGHT = {"kind": "did", "event": {"name": "Bought"}, "within": {"kind": "last", "amount": 30, "unit": "days"}}


def audience(workspace: int, where: dict, *, name: str = "") -> Audience:
    return Audience.objects.create(
        workspace_id=workspace, name=name or str(Audience.objects.count()), definition={"version": 1, "where": where}, created_at=0,
        updated_at=0,
    )  # fmt: skip


def members(one: Audience) -> set[UUID]:
    return set(Member.objects.filter(audience=one, inside=True).values_list("customer_id", flat=True))


def facts() -> list[tuple[str, int, UUID]]:
    found = [msgspec.json.decode(bytes(one.body)) for one in OutboxFact.objects.order_by("id")]
    return [(one["name"], one["properties"]["audience_id"], UUID(one["context"]["customer_id"])) for one in found]


def person(*rows: dict, **known) -> dict:
    return {"traits": {}, "identifiers": [], "consent": {}, "rows": list(rows)} | known


def row(name: str = "Bought", at: int = NOW, **rest) -> dict:
    return {"time": at, "name": name, "type": "track", "voice": "did", "channel": "web", "value": None, "properties": {}} | rest


def happened(workspace: int, who: UUID, one: dict) -> None:
    store(workspace, who, [one])
    heard = {f"{one['type']}:{one['name']}"}
    if one.get("group"):
        told = one["type"] == "group" and one.get("told")
        heard.add(customers.TOLD_OF_ACCOUNT if told else customers.NAMED_ACCOUNT)
    customers.touch(workspace_id=workspace, pairs={(who.int, name) for name in heard})


@pytest.fixture
def workspace(transactional_db, past_ready) -> int:
    return Workspace.objects.create(slug="kept", name="Kept", time_zone=ZONE).pk


def up_to_date(now: int) -> None:
    while customers.refresh_touched(now=now):
        pass
    while customers.refresh_due(now=now):
        pass
    for pk in Audience.objects.filter(wanted_at__isnull=False).values_list("pk", flat=True):
        recompute(pk, now=now)


def check(wheres: list[dict], who: dict, now: int, audiences: list[Audience]) -> None:
    for kept, where in zip(audiences, wheres, strict=True):
        wanted = naive.members(where, who, now=now, zone=ZONE)
        assert members(kept) == wanted, (where, now)
        kept.refresh_from_db()
        assert kept.size == len(wanted)


@pytest.mark.django_db(transaction=True)
@settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(
    people=st.lists(stories.person, min_size=2, max_size=4),
    wheres=st.lists(stories.where, min_size=1, max_size=8),
    data=st.data(),
)
def test_step_by_step_is_the_same_as_anew(past_ready, people, wheres, data):
    workspace = Workspace.objects.create(slug=f"s-{Workspace.objects.count()}-{id(people)}", name="W", time_zone=ZONE).pk
    Audience.objects.all().delete()
    audiences = [audience(workspace, where, name=str(n)) for n, where in enumerate(wheres)]
    who = {keep(workspace, one): one for one in map(dict, people)}
    now = NOW
    for one in audiences:
        recompute(one.pk, now=now)
    began = {one.pk: members(one) for one in audiences}
    check(wheres, who, now, audiences)
    OutboxFact.objects.all().delete()
    merged = False
    for _ in range(data.draw(st.integers(1, 4))):
        someone = data.draw(st.sampled_from(sorted(who)))
        step = data.draw(st.sampled_from(["row", "row", "time", "trait", "merge"]))
        if step == "row":
            one = data.draw(stories.row)
            happened(workspace, someone, one)
            who[someone]["rows"] = [*who[someone]["rows"], one]
        elif step == "time":
            now += data.draw(st.sampled_from([1, DAY, 3 * DAY, 31 * DAY]))
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
            merged = True
        up_to_date(now)
        check(wheres, who, now, audiences)
    if not merged:  # what the facts tell leads from what was to what is
        for name, pk, customer in facts():
            assert (customer in began[pk]) == (name == "Audience left")
            began[pk] ^= {customer}
        assert began == {one.pk: members(one) for one in audiences}


def test_who_takes_the_place_of_a_member_is_in_though_nothing_else_of_them_changes(workspace):
    """They are kept as somebody who is not in, but to be looked at again: what happens to them has a time to come."""
    buyers = audience(workspace, BOUGHT)
    soon, bought = keep(workspace, person(row(at=NOW + DAY))), keep(workspace, person(row()))
    assert recompute(buyers.pk, now=NOW) == (1, 0)
    merge(workspace, bought, soon)
    customers.touch_customers(workspace_id=workspace, customer_ids=[bought, soon])
    up_to_date(NOW)
    assert (members(buyers), facts()) == ({soon}, [])
    buyers.refresh_from_db()
    assert buyers.size == 1


def test_the_first_time_tells_nothing_and_then_each_change_is_a_fact(workspace):
    buyers = audience(workspace, BOUGHT)
    ada, bob = keep(workspace, person(row())), keep(workspace, person())
    assert recompute(buyers.pk, now=NOW) == (1, 0)
    assert (members(buyers), facts()) == ({ada}, [])
    happened(workspace, bob, row(at=NOW + 5))
    up_to_date(NOW + 10)
    assert (members(buyers), facts()) == ({ada, bob}, [("Audience entered", buyers.pk, bob)])
    up_to_date(NOW + 30 * DAY - 1)
    assert members(buyers) == {ada, bob}
    up_to_date(NOW + 30 * DAY)
    assert members(buyers) == {bob}
    assert facts()[1:] == [("Audience left", buyers.pk, ada)]
    sizes = list(AudienceSize.objects.order_by("hour").values_list("size", "entered", "left"))
    assert sizes == [(2, 2, 0), (1, 0, 1)]


def test_rows_that_are_not_in_the_past_yet_are_waited_for(workspace):
    buyers = audience(workspace, BOUGHT)
    ada = keep(workspace, person())
    recompute(buyers.pk, now=NOW)
    waiting = PastBatch.objects.create(token="t", table="interactions_raw", rows=1, body=b"")
    customers.touch(workspace_id=workspace, pairs={(ada.int, "track:Bought")}, past_ids=[waiting.pk])
    assert customers.refresh_touched(now=NOW) is False
    assert Touch.objects.count() == 1
    store(workspace, ada, [row()])
    waiting.delete()
    assert customers.refresh_touched(now=NOW) is True
    assert members(buyers) == {ada}
    assert Touch.objects.count() == 0


def test_a_crash_before_the_commit_does_it_once(workspace, monkeypatch):
    buyers = audience(workspace, BOUGHT)
    ada = keep(workspace, person())
    recompute(buyers.pk, now=NOW)
    happened(workspace, ada, row())
    from amity.rooms.customers.actions.audiences import refresh

    def crash(*_, **__):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(refresh, "settle_touched", crash)
        with pytest.raises(KeyboardInterrupt):
            customers.refresh_touched(now=NOW)
    assert (members(buyers), facts(), Touch.objects.count()) == (set(), [], 1)
    up_to_date(NOW)
    up_to_date(NOW)
    assert (members(buyers), facts()) == ({ada}, [("Audience entered", buyers.pk, ada)])


def test_what_others_looked_at_during_a_computation_counts(workspace, monkeypatch):
    buyers = audience(workspace, BOUGHT)
    ada = keep(workspace, person())
    recompute(buyers.pk, now=NOW)
    from amity.rooms.customers.actions.audiences import refresh

    whole = refresh.evaluate

    def slow(definitions, **given):
        found = whole(definitions, **given)
        if given.get("only") is None:  # meanwhile ada buys, and is looked at
            happened(workspace, ada, row())
            monkeypatch.setattr(refresh, "evaluate", whole)
            customers.refresh_touched(now=NOW + 1)
        return found

    monkeypatch.setattr(refresh, "now_ms", lambda: NOW + 1)
    monkeypatch.setattr(refresh, "evaluate", slow)
    recompute(buyers.pk, now=NOW)
    assert members(buyers) == {ada}
    assert facts() == [("Audience entered", buyers.pk, ada)]
    assert customers.refresh_touched(now=NOW + 2) is False


def test_an_audience_of_an_audience_and_a_list_follow(workspace):
    lists = Audience.objects.create(workspace_id=workspace, name="list", created_at=0, updated_at=0)
    buyers = audience(workspace, BOUGHT)
    both = audience(
        workspace, {"kind": "all", "of": [{"kind": "audience", "id": buyers.pk}, {"kind": "audience", "id": lists.pk}]}
    )
    ada, bob = keep(workspace, person()), keep(workspace, person(row()))
    Member.objects.create(audience=lists, customer_id=ada, inside=True, since=0)
    ListEntry.objects.create(audience=lists, kind=OWN, value=str(ada), customer_id=ada, added_at=0)
    for one in (buyers, both):
        recompute(one.pk, now=NOW)
    assert members(both) == set()
    merge(workspace, ada, bob)
    customers.touch_customers(workspace_id=workspace, customer_ids=[ada, bob])
    up_to_date(NOW)
    assert (members(lists), members(both)) == ({bob}, {bob})


def test_what_is_told_of_an_account_changes_all_its_members(workspace, monkeypatch):
    business = audience(workspace, {"kind": "account", "name": "plan", "is": "equal", "to": "business"})
    in_any = audience(workspace, {"kind": "account"})
    ada, bob, eve = (keep(workspace, person()) for _ in range(3))
    recompute(business.pk, now=NOW)
    recompute(in_any.pk, now=NOW)
    for who in (ada, bob):
        happened(workspace, who, row("Viewed", group="acme"))
    happened(workspace, eve, row("Viewed"))
    up_to_date(NOW)
    assert (members(in_any), members(business)) == ({ada, bob}, set())
    # Bob tells, Ada enters with him; whoever looks at nothing of accounts isn't looked at.
    happened(workspace, bob, row("", type="group", group="acme", told={"plan": "business"}))
    up_to_date(NOW)
    assert members(business) == {ada, bob}
    assert sorted(facts())[:2] == sorted([("Audience entered", business.pk, ada), ("Audience entered", business.pk, bob)])
    # Where an account has more members than are looked at by themselves, everybody is.
    monkeypatch.setattr("amity.rooms.customers.actions.audiences.refresh.MOST_FELLOWS", 1)
    happened(workspace, bob, row("", at=NOW + 1, type="group", group="acme", told={"plan": "free"}))
    while customers.refresh_touched(now=NOW + 1):
        pass
    assert Audience.objects.get(pk=business.pk).wanted_at is not None
    up_to_date(NOW + 1)
    assert (members(business), members(in_any)) == (set(), {ada, bob})


def test_nobody_belongs_to_an_account_by_a_groups_stand_in(workspace):
    in_any = audience(workspace, {"kind": "account", "is": "equal", "to": "company:acme"})
    nobody, ada = keep(workspace, person()), keep(workspace, person())
    store(workspace, nobody, [row("", type="group", group="company:acme", anonymous="$company_acme", told={"plan": "pro"})])
    store(workspace, ada, [row("Viewed", group="company:acme")])
    recompute(in_any.pk, now=NOW)
    assert members(in_any) == {ada}
    by_trait = audience(workspace, {"kind": "account", "name": "plan", "is": "equal", "to": "pro"})
    recompute(by_trait.pk, now=NOW)
    assert members(by_trait) == {ada}
