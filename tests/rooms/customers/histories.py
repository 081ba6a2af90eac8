"""Histories for unmerges: interactions from a few identifiers, sent one by one into present and past, and all that came of it."""

from __future__ import annotations

from collections import defaultdict

from django.db.models import Q

from amity.engines.past.client import past
from amity.engines.present.models import PastBatch
from amity.rooms.customers import api
from amity.rooms.customers.contracts import Incoming, Outcome
from amity.rooms.customers.models import Activity, Customer, Identifier, Merge
from amity.rooms.customers.queries.merges import Wanted
from amity.workers.carrier import carry
from tests.rooms.customers.making import MINUTE, T0, event
from tests.rooms.customers.past import store, store_merges
from tests.rooms.customers.test_people_decide import access

STATE = (
    "interactions",
    "channels",
    "values",
    "first_seen",
    "last_seen",
    "last_name",
    "session_start",
    "consent",
    "country",
    "country_time",
)


def send(events: list[Incoming]) -> list:
    """Place interactions one by one, and write their rows as a pipeline of small batches would."""
    outcomes = [api.place([one]) for one in events]
    keep(events, outcomes)
    return [outcome.placements[0] for outcome in outcomes]


def keep(events: list[Incoming], outcomes: list[Outcome]) -> None:
    """Write the rows of interactions that were placed one by one."""
    if events:
        store(events, [outcome.placements[0] for outcome in outcomes], evidence=True)
    moved = [one for outcome in outcomes for one in outcome.merges]
    if moved:
        store_merges(moved)


def unmerge(workspace: int, *merges: int, **wanted) -> None:
    for one in merges or (None,):
        api.ask_unmerge(access(workspace), wanted=Wanted(merge=one, **wanted), reason="Two people")
    assert api.work_unmerges()
    carry(Q())
    assert not PastBatch.objects.exists()


def snapshot(workspace: int) -> dict:
    """Return all that present and past tell of each customer, by the names of its interactions instead of ids and keys."""
    rows = past().query(
        "SELECT customer_id, name, session_id, session_start, previous_name, value FROM interactions "
        f"WHERE workspace_id = {workspace} ORDER BY time, message_key"
    ).result_rows  # fmt: skip
    starts = {row[2]: row[1] for row in rows if row[3]}
    story = defaultdict(list)
    for customer, name, session, *rest in rows:
        story[customer].append((name, starts.get(session), *rest))
    found = {}
    activities = {
        row["customer_id"]: row
        for row in Activity.objects.filter(workspace_id=workspace, merged=False).values("customer_id", *STATE)
    }
    for row in Customer.objects.filter(workspace_id=workspace, merged_into=None):
        known = api.get_customer(workspace_id=workspace, customer_id=row.id)
        activity = activities.pop(row.id)
        held = sorted(Identifier.objects.filter(customer_id=row.id).values_list("kind", "value", "aliased"))
        activity.pop("customer_id")
        told = [(t.name, t.value, t.time) for t in known.traits]
        moments = api.timeline(workspace_id=workspace, customer_ids=known.all_ids, limit=200).moments
        words = sorted(word.partition(":")[2] for word in _words(row.id))
        activity["consent"] = {purpose: answer[:2] for purpose, answer in activity["consent"].items()}
        names = tuple(sorted(m.name for m in moments))
        found[names, tuple(held)] = {"activity": activity, "traits": told, "story": story.pop(row.id, []), "words": words}
    assert not activities
    assert not story
    return found


def _words(customer) -> list[str]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT tsvector_to_array(words) FROM customers_customer WHERE id = %s", [customer])
        return cursor.fetchone()[0] or []


def merges(workspace: int) -> list[Merge]:
    return list(Merge.objects.filter(workspace_id=workspace, undone=None).order_by("id"))


__all__ = ["MINUTE", "T0", "event", "keep", "merges", "send", "snapshot", "unmerge"]
