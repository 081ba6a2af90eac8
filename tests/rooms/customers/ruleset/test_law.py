"""The law of rules: applied to history, they make of it what it would be had they held from the start.

Two workspaces live through the same history. In one, rules are changed at some point and applied; in the other they held from the start. Then
present and past tell the same of everybody, a dry run told before how many would be merged and parted, and a second finds nothing more.
"""

from __future__ import annotations

import itertools

import pytest
from django.db.models import Q
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import event as note
from hypothesis import strategies as st

from amity.engines.past.client import past
from amity.rooms.customers import api
from amity.rooms.customers.actions.ruleset.runs import _in_force
from amity.rooms.customers.models import Apart, Customer, Merge
from amity.rooms.customers.rules.identifiers import BLOCKED, IdentityRules, KindRule
from amity.rooms.trust.models import Workspace
from amity.workers.carrier import carry
from tests.rooms.customers.histories import keep, merges, snapshot, unmerge
from tests.rooms.customers.ruleset.rewriting import apply, came_of, stands, trial
from tests.rooms.customers.test_people_decide import access
from tests.rooms.customers.test_unmerge_law import _history, identifies, made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]
_names = itertools.count()

_rule = st.builds(
    KindRule,
    limit=st.sampled_from([1, 2, 5, None]),
    priority=st.sampled_from([1, 2, 100]),
    blocked=st.sampled_from([BLOCKED, BLOCKED, BLOCKED | {"u0"}, BLOCKED | {"b1", "c0"}]),
)
_rules = st.dictionaries(st.sampled_from(["user_id", "anonymous_id", "card"]), _rule, max_size=3).map(
    lambda kinds: IdentityRules(kinds=kinds)
)


def house() -> int:
    return Workspace.objects.create(slug=f"rules-{next(_names)}", name="Rules").pk


def live(workspace: int, events: list) -> None:
    outcomes = [api.place([one]) for one in events]
    kept = [(one, outcome) for one, outcome in zip(events, outcomes, strict=True) if outcome.placements[0].customer_id]
    keep([one for one, _ in kept], [outcome for _, outcome in kept])


def story(events: list, before: IdentityRules, after: IdentityRules, *snapshots: dict) -> str:
    lines = [f"{e.name} {e.kind} {e.user_id} {e.anonymous_id} {e.previous_id} {dict(e.context)} {dict(e.traits)}" for e in events]
    rules = [
        f"{kind} {rule.limit} {rule.priority} {sorted(rule.blocked - BLOCKED)}"
        for one in (before, after)
        for kind, rule in [*one.kinds.items(), ("then", KindRule())]
    ]
    both = [[(names, held) for names, held in one] for one in snapshots]
    different = [
        [f"{names} {held} {state}" for (names, held), state in one.items() if snapshots[1 - n].get((names, held)) != state]
        for n, one in enumerate(snapshots)
    ]
    return "\n".join([*lines, *rules, str(both), *different[0], "--", *different[1]])


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
@given(raw=_history, before=_rules, after=_rules)
def test_rules_applied_to_history_are_rules_that_held_from_the_start(raw, before, after):
    raw = [one | {"about": None} for one in raw]
    one, two = house(), house()
    first, second = ([e for e in made(raw, where) if identifies(e)] for where in (one, two))
    _in_force(one, before)
    _in_force(two, after)
    live(one, first)
    live(two, second)
    api.resequence_marked()
    was = stands(one)
    tried = trial(one, after)
    assert stands(one) == was  # nothing changes until it is confirmed
    done = apply(one)
    assert {k: v for k, v in done.found.items() if v} == {k: v for k, v in tried.found.items() if v}
    assert came_of(was, stands(one)) == (done.found["merges"], done.found["splits"])
    api.resequence_marked()
    told, meant = snapshot(one), snapshot(two)
    same = {name for names, _ in told for name in names} == {name for names, _ in meant for name in names}
    if same:  # what only one of them could place is in one past alone
        assert told == meant, story(first, before, after, told, meant)
    again = trial(one, IdentityRules(kinds=after.kinds, phone_region="DE"))
    assert (again.found["merges"], again.found["splits"]) == (0, 0)
    note(
        f"{'compared, ' if same else ''}{done.found['merges']} merged, {done.found['splits']} parted, {Customer.objects.filter(workspace_id=one).count()} customers"
    )


_acts = st.lists(st.tuples(st.sampled_from(["join", "apart", "unmerge"]), st.integers(0, 9), st.integers(0, 9)), max_size=3)


def act(workspace: int, what: str, first: int, second: int) -> None:
    """Let a person decide something about some of the customers, where that is possible."""
    today = list(Customer.objects.filter(workspace_id=workspace, merged_into=None).order_by("id").values_list("id", flat=True))
    standing = merges(workspace)
    if what == "unmerge" and standing:
        unmerge(workspace, standing[first % len(standing)].pk)
    elif what != "unmerge" and len(today) > 1 and first % len(today) != second % len(today):
        one, other = today[first % len(today)], today[second % len(today)]
        if what == "join":
            api.merge_customers(access(workspace), customer_ids=[one, other], reason="")
        else:
            api.keep_apart(access(workspace), first_id=one, second_id=other, reason="")
        carry(Q())


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
@given(raw=_history, acts=_acts, cut=st.integers(1, 14), after=_rules, gone=st.booleans())
def test_what_people_decided_holds_under_any_rules(raw, acts, cut, after, gone):
    """Whatever the rules: who was kept apart is apart, whom people joined is one, all of it is as was tried, and no row is lost."""
    raw = [one | {"about": None} for one in raw]
    one = house()
    events = [e for e in made(raw, one) if identifies(e)]
    live(one, events[:cut])
    for what, first, second in acts:
        act(one, what, first, second)
    live(one, events[cut:])
    api.resequence_marked()
    if gone:  # retention took the older half
        names = ", ".join(f"'{e.name}'" for e in events[: cut // 2]) or "''"
        past().command(f"DELETE FROM interactions_raw WHERE workspace_id = {one} AND name IN ({names})")
    was = stands(one)
    tried = trial(one, after)
    done = apply(one)
    now = stands(one)
    assert {k: v for k, v in done.found.items() if v} == {k: v for k, v in tried.found.items() if v}
    if not gone:
        assert came_of(was, now) == (done.found["merges"], done.found["splits"])
    assert {what for what in was if what[0] == "m"} == {what for what in now if what[0] == "m"}
    for row in Apart.objects.filter(workspace_id=one):
        assert (str(row.first_now), str(row.second_now)) == (now["c", str(row.first_id)], now["c", str(row.second_id)])
        assert row.first_now != row.second_now
    for merge in Merge.objects.filter(workspace_id=one, rule="people", undone=None):
        assert now["c", str(merge.old_id)] == now["c", str(merge.into_id)]
    for merge in merges(one):
        assert now["c", str(merge.old_id)] == now["c", str(merge.into_id)], "a merge that stands joins"
    for old, into in Customer.objects.filter(workspace_id=one, merged_into__isnull=False).values_list("id", "merged_into"):
        assert Customer.objects.get(id=into).merged_into is None, old
    again = trial(one, IdentityRules(kinds=after.kinds, phone_region="DE"))
    assert (again.found["merges"], again.found["splits"]) == (0, 0)
    note(
        f"{'gone, ' if gone else ''}{Apart.objects.filter(workspace_id=one).count()} apart, {done.found['merges']} merged, {done.found['splits']} parted"
    )
