from __future__ import annotations

from decimal import Decimal

import pytest

from amity.rooms.customers import api
from amity.rooms.customers.contracts import NO_SESSION
from amity.rooms.customers.models import Activity, Customer, Identifier, Mark, Merge
from tests.rooms.customers.making import MINUTE, T0, event

pytestmark = pytest.mark.django_db


def test_a_stranger_becomes_a_customer(workspace):
    (one,) = api.place([event("a", workspace=workspace, anonymous_id="x")]).placements
    assert one.created
    assert one.session_start
    assert one.previous_key is None
    customer = api.get_customer(workspace_id=workspace, customer_id=one.customer_id)
    assert (customer.first_seen, customer.last_seen, customer.interactions) == (T0, T0, 1)
    assert customer.channels == {"web": 1}


def test_a_sign_in_joins_what_was_anonymous_with_what_is_known(workspace):
    api.place([event("1", workspace=workspace, user_id="u"), event("2", workspace=workspace, anonymous_id="a", at=1)])
    outcome = api.place([event("3", workspace=workspace, user_id="u", anonymous_id="a", at=2, kind="identify",
                               traits={"email": "Ada@Example.com", "plan": None})])  # fmt: skip
    (merged,) = outcome.merges
    placed = outcome.placements[0].customer_id
    assert merged.current_id == placed
    assert Customer.objects.get(id=merged.old_id).merged_into == placed
    found = api.get_customer(workspace_id=workspace, customer_id=merged.old_id)
    assert found.id == placed
    assert found.interactions == 3
    assert found.email == "ada@example.com"
    assert [(t.name, t.value) for t in found.traits] == [("email", "Ada@Example.com"), ("plan", None)]
    assert {(i.kind, i.value) for i in api.list_identifiers(workspace_id=workspace, customer_id=placed)} == {
        ("user_id", "u"),
        ("anonymous_id", "a"),
        ("email", "ada@example.com"),
    }
    (row,) = api.list_merges(workspace_id=workspace, customer_id=placed)
    assert row.rule == "shared_identifiers"
    assert row.moved == [("anonymous_id", "a")]
    assert ("anonymous_id", "a", merged.old_id) in row.identifiers
    assert Mark.objects.get().customer_id == placed


def test_everything_in_one_batch_comes_out_as_one_by_one(workspace):
    events = [
        event("1", workspace=workspace, user_id="u"),
        event("2", workspace=workspace, anonymous_id="a", at=1),
        event("3", workspace=workspace, user_id="u", anonymous_id="a", at=2),
        event("4", workspace=workspace, anonymous_id="a", at=3),
    ]
    outcome = api.place(events)
    assert len({p.customer_id for p in outcome.placements}) == 2 - 1
    assert outcome.counts["created"] == 2
    assert Activity.objects.filter(merged=False).count() == 1
    assert Identifier.objects.values_list("customer_id", flat=True).distinct().count() == 1
    assert len(outcome.merges) == 1


def test_older_merges_point_at_the_survivor_too(workspace):
    api.place([event(m, workspace=workspace, anonymous_id=m, at=n) for n, m in enumerate("abc")])
    first = api.place([event("bc", workspace=workspace, user_id="u", anonymous_id="b", at=10),
                       event("cc", workspace=workspace, user_id="u", anonymous_id="c", at=11)])  # fmt: skip
    second = api.place([event("aa", workspace=workspace, user_id="u", anonymous_id="a", at=12)])
    assert len(first.merges) == 1
    assert {m.old_id for m in second.merges} >= {first.merges[0].old_id, first.merges[0].current_id}
    assert len({m.current_id for m in second.merges}) == 1
    assert min(m.version for m in second.merges) > first.merges[0].version
    survivor = second.merges[0].current_id
    assert Customer.objects.filter(merged_into=survivor).count() == 2
    assert len(api.list_merges(workspace_id=workspace, customer_id=survivor)) == 2


def test_two_users_of_one_tablet_stay_two(workspace):
    outcome = api.place([
        event("1", workspace=workspace, anonymous_id="tablet", user_id="ada"),
        event("2", workspace=workspace, anonymous_id="tablet", user_id="bob", at=1),
    ])  # fmt: skip
    one, two = outcome.placements
    assert one.customer_id != two.customer_id
    assert [(r.kind, r.reason) for r in two.refused] == [("anonymous_id", "limit")]
    assert not outcome.merges


def test_what_identifies_nobody_is_rejected_with_a_reason(workspace):
    (one,) = api.place([event("1", workspace=workspace, user_id=" NULL ", anonymous_id="00000000-0000-0000")]).placements
    assert (one.customer_id, one.rejected) == (None, "no_identifier")
    assert {r.reason for r in one.refused} == {"blocked"}
    (gone,) = api.place([event("1", workspace=10**6, user_id="u")]).placements
    assert gone.rejected == "unknown_workspace"


def test_an_alias_joins_whatever_the_previous_id_was(workspace):
    outcome = api.place([
        event("1", workspace=workspace, user_id="old"),
        event("2", workspace=workspace, user_id="new", at=1),
        event("3", workspace=workspace, kind="alias", user_id="new", previous_id="old", at=2),
        event("4", workspace=workspace, user_id="old", at=3),
    ])  # fmt: skip
    assert len({p.customer_id for p in outcome.placements[2:]}) == 1
    assert Merge.objects.get().rule == "alias"
    customer = api.get_customer(workspace_id=workspace, customer_id=outcome.placements[3].customer_id)
    assert customer.user_id == "new"


def test_sessions_and_edges(workspace):
    placed = api.place([
        event("1", workspace=workspace, user_id="u", name="A"),
        event("2", workspace=workspace, user_id="u", name="B", at=MINUTE),
        event("3", workspace=workspace, user_id="u", name="C", at=32 * MINUTE),
        event("4", workspace=workspace, user_id="u", name="D", at=33 * MINUTE, campaign=("mail", "email", "spring")),
    ]).placements  # fmt: skip
    assert [p.session_start for p in placed] == [True, False, True, True]
    assert placed[0].session_id == placed[1].session_id
    assert [p.previous_name for p in placed] == ["", "A", "B", "C"]
    (late,) = api.place([event("5", workspace=workspace, user_id="u", name="E", at=2 * MINUTE)]).placements
    assert late.late
    assert Mark.objects.get().since == T0 + 2 * MINUTE


def test_what_we_did_is_no_activity_but_a_refund_counts(workspace):
    bought = event(
        "1", workspace=workspace, user_id="u", name="Order Completed", properties={"revenue": "20.50", "currency": "usd"}
    )
    refund = event(
        "2",
        workspace=workspace,
        user_id="u",
        name="Order Refunded",
        properties={"total": 5, "currency": "USD"},
        voice="ours",
        at=5,
    )
    placed = api.place([bought, refund]).placements
    assert [p.value for p in placed] == [Decimal("20.5"), Decimal(-5)]
    assert placed[1].session_id == NO_SESSION
    customer = api.get_customer(workspace_id=workspace, customer_id=placed[0].customer_id)
    assert customer.values == {"USD": Decimal("15.5")}
    assert (customer.interactions, customer.last_seen) == (1, T0)


def test_consent_is_the_newest_answer(workspace):
    def said(**answers):
        return {"consent": {"categoryPreferences": answers}}

    api.place([
        event("1", workspace=workspace, user_id="u", at=10, context=said(marketing=True)),
        event("2", workspace=workspace, user_id="u", at=5, context=said(marketing=False, analytics=True)),
        event("3", workspace=workspace, user_id="u", at=20, gpc=True),
    ])  # fmt: skip
    customer = api.find_customer_by_identifier(workspace_id=workspace, text="u")
    assert {(c.purpose, c.granted, c.time - T0) for c in customer.consent} == {
        ("analytics", True, 5), ("marketing", True, 10), ("sale_share", False, 20),
    }  # fmt: skip


def test_a_fact_of_ours_goes_to_the_customer_that_it_names_through_merges(workspace):
    api.place([event("1", workspace=workspace, user_id="u"), event("2", workspace=workspace, anonymous_id="a", at=1)])
    (merge,) = api.place([event("3", workspace=workspace, user_id="u", anonymous_id="a", at=2)]).merges
    (note,) = api.place([event("n", workspace=workspace, customer_id=merge.old_id, voice="ours")]).placements
    assert note.customer_id == merge.current_id
    (stray,) = api.place([event("s", workspace=workspace + 1, customer_id=merge.old_id)]).placements
    assert stray.customer_id is None


def test_placing_again_changes_nothing(workspace):
    events = [
        event("1", workspace=workspace, user_id="u", kind="identify", traits={"plan": "pro", "email": "u@x.org"}),
        event("2", workspace=workspace, anonymous_id="a", at=1, properties={"revenue": 3}),
        event("3", workspace=workspace, user_id="u", anonymous_id="a", at=2),
    ]

    def state():
        columns = ("customer_id", "interactions", "values", "session_id", "last_key")
        return list(Identifier.objects.order_by("pk").values()), list(Activity.objects.order_by("customer_id").values(*columns))

    api.place(events)
    before = state()
    api.place(events, replay=True)
    after = state()
    assert before == after
    assert Mark.objects.get().recount


def test_text_that_postgres_cannot_hold_is_mended(workspace):
    traits = {"na\0me": "a\0b", "deep": {"x": ["\ud800", 10**200]}, "bad": 10**5000, "inf": float("inf")}
    (one,) = api.place([event("1", workspace=workspace, user_id="u", kind="identify", traits=traits, name="x\0")]).placements
    assert {r.value for r in one.refused} == {"bad", "inf"}
    customer = api.get_customer(workspace_id=workspace, customer_id=one.customer_id)
    assert {t.name: t.value for t in customer.traits} == {"na�me": "a�b", "deep": {"x": ["�", 10**200]}}
