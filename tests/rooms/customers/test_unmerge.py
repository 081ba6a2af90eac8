"""An unmerge puts everything back: what is left is as if the two had never been one."""

from __future__ import annotations

import pytest
from django.db.models import Q

from amity.engines.present.models import OutboxFact
from amity.rooms.customers import api
from amity.rooms.customers.models import Apart, Merge, UnmergeRun
from amity.rooms.trust.models import AuditEntry
from tests.rooms.customers.histories import MINUTE, event, merges, send, snapshot, unmerge
from tests.rooms.customers.test_people_decide import access

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]


def tablet(workspace):
    """A browser that one person used before another signed in on it."""
    return [
        event("Visited", workspace=workspace, anonymous_id="tablet", kind="page", context={"consent": {"categoryPreferences": {"ads": True}}}),
        event("Bought", workspace=workspace, user_id="ben", anonymous_id="phone", at=MINUTE, kind="track", properties={"revenue": 30}),
        event("Ben", workspace=workspace, user_id="ben", kind="identify", at=2 * MINUTE, traits={"email": "ben@x.org", "plan": "paid", "note": None}),
        event("Told", workspace=workspace, anonymous_id="tablet", kind="identify", at=3 * MINUTE, traits={"plan": "free", "city": "Porto"}),
        event("Signed in", workspace=workspace, user_id="ben", anonymous_id="tablet", at=4 * MINUTE),
    ]  # fmt: skip


def test_a_shared_tablet_comes_apart(workspace):
    send(tablet(workspace))
    (merge,) = merges(workspace)
    after = [
        event("Back", workspace=workspace, anonymous_id="tablet", at=90 * MINUTE, kind="identify", traits={"city": "Faro", "plan": None}),
        event("Paid", workspace=workspace, user_id="ben", at=95 * MINUTE, properties={"revenue": 12}),
    ]  # fmt: skip
    send(after)
    assert len(snapshot(workspace)) == 1
    unmerge(workspace, merge.pk)
    api.resequence_marked()
    found = snapshot(workspace)
    assert {names for names, _ in found} == {("Back", "Told", "Visited"), ("Ben", "Bought", "Paid", "Signed in")}
    ben = next(state for (names, _), state in found.items() if "Ben" in names)
    other = next(state for (names, _), state in found.items() if "Back" in names)
    assert [(n, v) for n, v, _ in ben["traits"]] == [("email", "ben@x.org"), ("note", None), ("plan", "paid")]
    assert [(n, v) for n, v, _ in other["traits"]] == [("city", "Faro"), ("plan", None)]
    assert ben["activity"]["values"] == {"EUR": "42.0000"}
    assert (other["activity"]["values"], other["activity"]["interactions"]) == ({}, 3)
    assert other["activity"]["consent"].keys() == {"ads"}
    assert not ben["activity"]["consent"]
    assert "ben" in ben["words"]
    assert "faro" in other["words"]


def test_what_is_told_of_an_unmerge(workspace):
    send(tablet(workspace))
    (merge,) = merges(workspace)
    unmerge(workspace, merge.pk)
    run = UnmergeRun.objects.get()
    assert (run.total, run.done, run.moved) == (1, 1, 1)  # the sign-in was the browser's, and is Ben's now
    assert run.finished_at
    assert Merge.objects.get().undone == run.pk
    assert AuditEntry.objects.filter(action__in=["customers.unmerge_asked", "customers.unmerged"]).count() == 2
    assert any(b"Customers unmerged" in bytes(one.body) for one in OutboxFact.objects.all())


def test_the_same_evidence_never_joins_them_again(workspace):
    send(tablet(workspace))
    (merge,) = merges(workspace)
    unmerge(workspace, merge.pk)
    (again,) = send([event("Again", workspace=workspace, user_id="ben", anonymous_id="tablet", at=10 * MINUTE)])
    assert [(r.kind, r.value, r.reason) for r in again.refused] == [("anonymous_id", "tablet", "apart")]
    assert not merges(workspace)
    assert Apart.objects.count() == 1


def test_a_person_can_join_them_again(workspace):
    send(tablet(workspace))
    before = snapshot(workspace)
    (merge,) = merges(workspace)
    unmerge(workspace, merge.pk)
    api.merge_customers(access(workspace), customer_ids=[merge.old_id, merge.into_id], reason="One after all")

    from tests.rooms.customers.histories import carry

    carry(Q())
    api.resequence_marked()
    api.resequence_marked()
    after = snapshot(workspace)
    assert after.keys() == before.keys()
