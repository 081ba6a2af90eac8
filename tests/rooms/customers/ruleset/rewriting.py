"""Rules that are tried over a small history and applied to it, as a worker would."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Q

from amity.engines.past.client import past
from amity.rooms.customers import api
from amity.rooms.customers.actions.ruleset.drafts import draft_all
from amity.rooms.customers.models import Customer, Identifier, IdentityRun
from amity.rooms.customers.rules.identifiers import IdentityRules
from amity.workers.carrier import carry
from tests.rooms.customers.test_people_decide import access


def trial(workspace: int, rules: IdentityRules) -> IdentityRun:
    """Draft rules and try them; return the finished dry run."""
    draft_all(access(workspace), rules=rules)
    one = api.ask_trial(access(workspace))
    assert api.work_trials()
    one.refresh_from_db()
    assert one.finished_at, one.trouble
    return one


def apply(workspace: int, *, note: str = "") -> IdentityRun:
    """Put the draft in force and let history follow it."""
    one = api.apply_rules(access(workspace), note=note)
    assert api.work_trials()
    work_on()
    one.refresh_from_db()
    assert one.finished_at, (one.done, one.total, one.trouble)
    return one


def work_on() -> None:
    for _ in range(10):
        carry(Q())
        if not api.anything_to_apply():
            return
        api.work_applying()
    carry(Q())


def stands(workspace: int) -> dict[tuple[str, ...], str]:
    """Return who has each identifier and each interaction now."""
    found = {
        ("i", kind, value): str(who)
        for kind, value, who in Identifier.objects.filter(workspace_id=workspace).values_list("kind", "value", "customer_id")
    }
    into = {
        str(one): str(root or one)
        for one, root in Customer.objects.filter(workspace_id=workspace).values_list("id", "merged_into")
    }
    rows = past().query(f"SELECT message_key, customer_id FROM interactions_raw WHERE workspace_id = {workspace}").result_rows
    found.update({("m", str(key)): into[str(who)] for key, who in rows})
    found.update({("c", one): root for one, root in into.items()})
    return found


def came_of(before: dict, after: dict) -> tuple[int, int]:
    """Return how many customers became part of another, and how many were parted."""
    parts, sources = defaultdict(set), defaultdict(set)
    for what, who in before.items():
        if what in after:
            parts[who].add(after[what])
            sources[after[what]].add(who)
    return sum(len(one) - 1 for one in sources.values()), sum(len(one) > 1 for one in parts.values())
