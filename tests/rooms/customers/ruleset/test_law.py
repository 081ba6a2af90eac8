"""The law of rules: applied to history, they make of it what it would be had they held from the start.

Two workspaces live through the same history. In one, rules are changed at some point and applied; in the other they held from the start. Then
present and past tell the same of everybody, a dry run told before how many would be merged and parted, and a second finds nothing more.
"""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import event as note
from hypothesis import strategies as st

from amity.rooms.customers import api
from amity.rooms.customers.actions.ruleset.runs import _in_force
from amity.rooms.customers.models import Customer
from amity.rooms.customers.rules.identifiers import BLOCKED, IdentityRules, KindRule
from amity.rooms.trust.models import Workspace
from tests.rooms.customers.histories import keep, snapshot
from tests.rooms.customers.ruleset.rewriting import apply, came_of, stands, trial
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


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), phases=[Phase.explicit, Phase.generate])
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
