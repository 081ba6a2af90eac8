"""What people decide about identity, and what evidence may do afterwards."""

from __future__ import annotations

import pytest

from amity.engines.present.models import OutboxFact, PastBatch
from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.customers import api
from amity.rooms.customers.contracts import Refusal
from amity.rooms.customers.models import Activity, Apart, Mark, Merge
from amity.rooms.customers.models import Refusal as RefusalRow
from amity.rooms.trust.contracts import Access, Actor
from amity.rooms.trust.models import AuditEntry
from amity.rooms.trust.queries.access import get_workspace_by_id
from tests.rooms.customers.making import T0, event

pytestmark = pytest.mark.django_db


def access(workspace: int, *permissions: str) -> Access:
    return Access(
        workspace=get_workspace_by_id(workspace),
        actor=Actor(kind="person", id="7", name="Nadia Okafor"),
        role="owner",
        permissions=frozenset(permissions or ("identity.write",)),
    )


def two(workspace: int):
    placed = api.place(
        [
            event("1", workspace=workspace, user_id="u", kind="identify", traits={"plan": "free", "city": "Porto"}),
            event("2", workspace=workspace, user_id="v", kind="identify", traits={"plan": "paid"}, at=1),
        ]
    )
    return [one.customer_id for one in placed.placements]


def test_a_person_joins_two_whatever_the_limits(workspace):
    first, second = two(workspace)
    into = api.merge_customers(access(workspace), customer_ids=[second, first], reason="Same person, two accounts")
    assert into == first
    found = api.get_customer(workspace_id=workspace, customer_id=second)
    assert (found.id, found.interactions) == (first, 2)
    assert {(t.name, t.value) for t in found.traits} == {("plan", "paid"), ("city", "Porto")}
    (row,) = api.list_merges(workspace_id=workspace, customer_id=first)
    assert (row.rule, row.person, row.reason, row.moved) == (
        "people", "Nadia Okafor", "Same person, two accounts", [("user_id", "v")],
    )  # fmt: skip
    assert Merge.objects.get().kept["traits"] == {"plan": ["free", [T0, 1, event("1", workspace=workspace).key.hex]]}
    assert Mark.objects.get().customer_id == first
    assert PastBatch.objects.get().table == "merges"
    assert b"Customers merged" in bytes(OutboxFact.objects.get().body)
    assert AuditEntry.objects.get(action="customers.merged").after["reason"] == "Same person, two accounts"
    api.place([event("3", workspace=workspace, user_id="v", at=2)])
    assert Activity.objects.get(merged=False).interactions == 3


def test_who_may_not_decide_is_refused(workspace):
    first, second = two(workspace)
    with pytest.raises(Forbidden):
        api.merge_customers(access(workspace, "customers.write"), customer_ids=[first, second], reason="")
    with pytest.raises(Forbidden):
        api.keep_apart(access(workspace, "customers.write"), first_id=first, second_id=second, reason="")
    with pytest.raises(Invalid, match="one customer already"):
        api.merge_customers(access(workspace), customer_ids=[first, first], reason="")
    with pytest.raises(Invalid, match="one customer"):
        api.keep_apart(access(workspace), first_id=first, second_id=first, reason="")
    assert not Merge.objects.exists()
    assert not Apart.objects.exists()


def test_evidence_never_joins_who_is_kept_apart(workspace):
    placed = api.place([event("1", workspace=workspace, user_id="u"), event("2", workspace=workspace, anonymous_id="a", at=1)])
    user, browser = (one.customer_id for one in placed.placements)
    made = api.keep_apart(access(workspace), first_id=browser, second_id=user, reason="A shared tablet")
    assert api.keep_apart(access(workspace), first_id=user, second_id=browser, reason="again") == made
    both = event("3", workspace=workspace, anonymous_id="a", user_id="u", at=2, kind="identify", traits={"email": "a@x.org"})
    (one,) = api.place([both]).placements
    assert one.customer_id == user
    assert one.refused == (Refusal("anonymous_id", "a", "apart"),)
    row = RefusalRow.objects.get()
    assert (row.customer_id, row.kind, row.value, row.reason, row.key) == (user, "anonymous_id", "a", "apart", both.key)
    assert api.place([event("4", workspace=workspace, anonymous_id="a", at=3)]).placements[0].customer_id == browser


def test_who_joins_one_of_two_is_apart_from_the_other(workspace):
    made = [event(name, workspace=workspace, anonymous_id=name, at=n) for n, name in enumerate("abc")]
    first, second, third = (one.customer_id for one in api.place(made).placements)
    api.keep_apart(access(workspace), first_id=second, second_id=third, reason="")
    joining = event("ab", workspace=workspace, anonymous_id="a", kind="alias", user_id="x", previous_id="b", at=5)
    meeting = event("ac", workspace=workspace, kind="alias", user_id="x", previous_id="c", at=6)
    outcome = api.place([joining, meeting])  # within one batch
    assert outcome.placements[0].customer_id == first
    assert Refusal("anonymous_id", "c", "apart") in outcome.placements[1].refused
    assert {(row.first_now, row.second_now) for row in Apart.objects.all()} == {(first, third)}
    (later,) = api.place([event("l", workspace=workspace, kind="alias", user_id="x", previous_id="c", at=9)]).placements
    assert later.customer_id == first
    assert Refusal("anonymous_id", "c", "apart") in later.refused


def test_a_person_who_joins_what_was_apart_has_the_last_word(workspace):
    first, second = two(workspace)
    api.keep_apart(access(workspace), first_id=first, second_id=second, reason="")
    api.merge_customers(access(workspace), customer_ids=[first, second], reason="They are one after all")
    assert not Apart.objects.exists()
    assert Activity.objects.filter(merged=False).count() == 1


def test_a_value_that_is_no_identifier_is_remembered_once(workspace):
    for n in range(3):
        api.place([event(str(n), workspace=workspace, user_id="null", anonymous_id="a", at=n)])
    row = RefusalRow.objects.get()
    assert (row.kind, row.value, row.reason, row.time) == ("user_id", "null", "blocked", T0)
