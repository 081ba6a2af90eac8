"""Rules are drafted, tried, applied and stopped; whatever breaks off goes on; and what people decided is kept."""

from __future__ import annotations

import pytest
from django.db import transaction
from django.db.models import Q

from amity.engines.past.client import past
from amity.engines.present.models import OutboxFact
from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.customers import api
from amity.rooms.customers.actions.ruleset.drafts import discard_draft, draft_all, draft_kind, draft_region, draft_version
from amity.rooms.customers.models import (
    Activity,
    Customer,
    IdentityDraft,
    IdentityGroup,
    IdentityRule,
    IdentityRun,
    IdentityVersion,
    Merge,
)
from amity.rooms.customers.queries.ruleset.kept import get_draft, rules_in_force
from amity.rooms.customers.rules.identifiers import BLOCKED, IdentityRules, KindRule
from amity.rooms.trust.models import AuditEntry
from amity.workers.carrier import carry
from tests.rooms.customers.histories import MINUTE, event, merges, send, snapshot, unmerge
from tests.rooms.customers.ruleset.rewriting import apply, came_of, stands, trial, work_on
from tests.rooms.customers.test_people_decide import access

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]
NO_QA = IdentityRules(kinds={"user_id": KindRule(limit=1, priority=1, blocked=BLOCKED | {"qa"})})
FREE = IdentityRules(kinds={"user_id": KindRule(limit=None, priority=1)})


class Killed(BaseException):
    """As if the process ended here."""


def chained(workspace: int, number: int = 5) -> None:
    """Visitors whom a hard-coded test id made one customer."""
    send([event(f"v{n}", workspace=workspace, anonymous_id=f"a{n}", at=n * MINUTE) for n in range(number)])
    send([event(f"q{n}", workspace=workspace, anonymous_id=f"a{n}", user_id="qa", at=(100 + n) * MINUTE) for n in range(number)])


def tablet(workspace: int) -> None:
    """Three people who sign in on one browser: the limit of user ids keeps them apart."""
    send([event(f"t{n}", workspace=workspace, anonymous_id="tablet", user_id=f"u{n}", at=n * MINUTE) for n in range(3)])


def alive() -> int:
    return Activity.objects.filter(merged=False).count()


def test_a_hard_coded_test_id_is_blocked_and_its_customers_come_apart(workspace):
    chained(workspace)
    assert alive() == 1
    was = stands(workspace)
    tried = trial(workspace, NO_QA)
    assert (tried.found["merges"], tried.found["splits"], tried.found["refused:user_id"]) == (0, 1, 1)
    assert (stands(workspace), alive()) == (was, 1)
    done = apply(workspace, note="Test ids")
    assert alive() == 5
    assert came_of(was, stands(workspace)) == (done.found["merges"], done.found["splits"]) == (0, 1)
    api.resequence_marked()
    assert sorted(names for names, _ in snapshot(workspace)) == [(f"q{n}", f"v{n}") for n in range(5)]
    assert Merge.objects.filter(undone=done.unmerge).count() == 4
    assert rules_in_force(workspace).admit("user_id", "QA") == ("", "blocked")
    assert not IdentityDraft.objects.exists()


def test_a_looser_limit_puts_together_what_it_had_refused(workspace):
    tablet(workspace)
    assert alive() == 3
    tried = trial(workspace, FREE)
    assert (tried.found["merges"], tried.found["splits"]) == (2, 0)
    done = apply(workspace)
    assert alive() == 1
    assert {one.version for one in merges(workspace)} == {done.version.number} == {1}
    assert any(b"Customers merged" in bytes(one.body) for one in OutboxFact.objects.all())
    draft_version(access(workspace), number=0)
    tried = trial(workspace, get_draft(workspace).rules)
    assert (tried.found["merges"], tried.found["splits"]) == (0, 1)
    apply(workspace)
    assert alive() == 3
    assert [one.number for one in IdentityVersion.objects.order_by("number")] == [1, 2]
    assert not IdentityRule.objects.exists()


def test_a_limit_that_is_tightened_makes_customers_that_had_not_been(workspace):
    draft_all(access(workspace), rules=FREE)
    api.ask_trial(access(workspace))
    api.work_trials()
    apply(workspace)
    tablet(workspace)
    assert (alive(), Customer.objects.count()) == (1, 1)
    was = stands(workspace)
    trial(workspace, IdentityRules())
    done = apply(workspace)
    assert (alive(), done.found["splits"]) == (3, 1)
    assert came_of(was, stands(workspace)) == (0, 1)
    assert any(b"Customers unmerged" in bytes(one.body) for one in OutboxFact.objects.all())


def test_what_people_decided_is_kept(workspace):
    chained(workspace, 4)
    (first, *_) = merges(workspace)
    unmerge(workspace, first.pk)
    tablet(workspace)
    ids = list(
        Customer.objects.filter(merged_into=None, id__in=Activity.objects.filter(merged=False).values("customer_id"))
        .order_by("id")
        .values_list("id", flat=True)
    )
    parted = (first.old_id, first.into_id)
    joined = [one for one in ids if one not in parted][-2:]
    api.merge_customers(access(workspace), customer_ids=joined, reason="One person")
    trial(workspace, IdentityRules(kinds={"anonymous_id": KindRule(limit=100), "user_id": KindRule(limit=None, priority=1)}))
    apply(workspace)
    now = stands(workspace)
    assert now["c", str(joined[0])] == now["c", str(joined[1])]
    assert now["c", str(parted[0])] != now["c", str(parted[1])]


def test_a_retention_that_took_the_rows_leaves_what_the_ledger_tells(workspace):
    chained(workspace)
    tablet(workspace)
    past().command(f"DELETE FROM interactions_raw WHERE workspace_id = {workspace}")
    tried = trial(workspace, IdentityRules())
    assert (tried.found["merges"], tried.found["splits"]) == (0, 0)
    tried = trial(workspace, NO_QA)
    assert (tried.found["merges"], tried.found["splits"]) == (0, 1)
    apply(workspace)
    assert alive() == 5 + 3


@pytest.mark.parametrize("when", ["after beginning", "after rows", "before commit"])
def test_it_goes_on_where_it_was_killed(workspace, when):
    draft_all(access(workspace), rules=FREE)
    api.ask_trial(access(workspace))
    api.work_trials()
    apply(workspace)
    tablet(workspace)
    was = stands(workspace)
    trial(workspace, IdentityRules())
    one = api.apply_rules(access(workspace), note="")

    def kill(at: str) -> None:
        if at == when:
            raise Killed

    def until_killed() -> None:
        for _ in range(4):
            with transaction.atomic():  # what was not committed is lost
                api.work_applying(at=kill)
            carry(Q())

    api.work_trials()
    with pytest.raises(Killed):
        until_killed()
    one.refresh_from_db()
    assert one.finished_at is None
    work_on()
    assert came_of(was, stands(workspace)) == (0, 1)
    rows = (
        past().query(f"SELECT count(), uniqExact(message_key) FROM interactions_raw WHERE workspace_id = {workspace}").first_row
    )
    assert tuple(rows) == (3, 3)
    assert alive() == 3


def test_what_arrives_meanwhile_follows_the_new_rules_and_is_not_lost(workspace):
    chained(workspace)
    trial(workspace, NO_QA)
    api.apply_rules(access(workspace), note="")
    send([event("late", workspace=workspace, anonymous_id="a1", user_id="qa", at=500 * MINUTE)])
    api.work_trials()
    send([event("later", workspace=workspace, anonymous_id="a1", user_id="qa", at=501 * MINUTE)])
    work_on()
    assert alive() == 5
    api.resequence_marked()
    assert ("late", "later", "q1", "v1") in {names for names, _ in snapshot(workspace)}


def test_a_run_can_be_stopped_and_another_does_the_rest(workspace):
    chained(workspace)
    send([event(f"w{n}", workspace=workspace, anonymous_id=f"x{n}", user_id="qb", at=(300 + n) * MINUTE) for n in range(3)])
    both = IdentityRules(kinds={"user_id": KindRule(limit=1, priority=1, blocked=BLOCKED | {"qa", "qb"})})
    tried = trial(workspace, both)
    assert tried.found["splits"] == 2
    one = api.apply_rules(access(workspace), note="")
    api.work_trials()
    assert api.work_applying(groups=1) in {0, 1}
    with pytest.raises(Invalid, match="being applied"):
        api.ask_trial(access(workspace))
    api.stop_run(access(workspace), run_id=one.pk)
    assert not IdentityGroup.objects.filter(waits=True).exists()
    assert not api.anything_to_apply()
    with pytest.raises(Invalid, match="ended already"):
        api.stop_run(access(workspace), run_id=one.pk)
    api.ask_trial(access(workspace))
    api.work_trials()
    apply(workspace)
    assert alive() == 8


def test_a_dry_run_can_be_stopped(workspace):
    chained(workspace)
    draft_all(access(workspace), rules=NO_QA)
    one = api.ask_trial(access(workspace))
    api.stop_run(access(workspace), run_id=one.pk)
    assert not api.work_trials()
    one = api.ask_trial(access(workspace))
    assert api.work_trials(stopping=lambda: True)  # the worker ends: the next one begins again
    one.refresh_from_db()
    assert one.finished_at is None
    assert api.work_trials()
    one.refresh_from_db()
    assert one.found["splits"] == 1


def test_nothing_is_applied_that_was_not_tried(workspace):
    draft_kind(access(workspace), kind="user_id", limit=1, priority=1, blocked=["QA ", ""], patterns=["", "test-.*"])
    with pytest.raises(Invalid, match="Try these rules"):
        api.apply_rules(access(workspace), note="")
    api.ask_trial(access(workspace))
    api.work_trials()
    draft_region(access(workspace), region="de")
    with pytest.raises(Invalid, match="Try these rules"):
        api.apply_rules(access(workspace), note="")
    assert rules_in_force(workspace) == IdentityRules()
    assert get_draft(workspace).rules.phone_region == "DE"
    discard_draft(access(workspace))
    assert get_draft(workspace).changed_at is None


def test_who_may_not_decide_changes_nothing(workspace):
    viewer = access(workspace, "customers.read")
    for act in (
        lambda: draft_region(viewer, region="DE"),
        lambda: api.ask_trial(viewer),
        lambda: api.apply_rules(viewer, note=""),
        lambda: api.stop_run(viewer, run_id=1),
        lambda: discard_draft(viewer),
    ):
        with pytest.raises(Forbidden):
            act()
    assert not IdentityRun.objects.exists()


def test_all_of_it_is_in_the_audit_log(workspace):
    chained(workspace)
    trial(workspace, NO_QA)
    apply(workspace, note="Test ids")
    told = {one.action: one for one in AuditEntry.objects.filter(action__startswith="customers.identity")}
    assert told.keys() == {
        "customers.identity_draft_changed", "customers.identity_tried", "customers.identity_rules_applied",
        "customers.identity_history_followed",
    }  # fmt: skip
    assert told["customers.identity_rules_applied"].after["found"]["splits"] == 1
    assert told["customers.identity_history_followed"].after["splits"] == 1


def test_a_phone_region_takes_numbers_that_nobody_had(workspace):
    send([
        event("1", workspace=workspace, kind="identify", anonymous_id="a", traits={"phone": "0211 5684962"}),
        event("2", workspace=workspace, kind="identify", anonymous_id="b", traits={"phone": "+49 211 5684962"}, at=MINUTE),
    ])  # fmt: skip
    assert alive() == 2
    tried = trial(workspace, IdentityRules(phone_region="DE"))
    assert tried.found["merges"] == 1
    apply(workspace)
    assert alive() == 1
