"""Put late arrivals and merged customers in order: sessions and previous-interaction edges worked out anew from the past.

A customer's row of activity is held meanwhile, so nothing new is placed. Rewriting the past is harmless to repeat, and
the mark goes in the transaction that follows it: a crash in between only means that it's done again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Min

from amity.engines.past.client import ask, command, question
from amity.engines.present.barrier import hold_shared
from amity.engines.present.bulk import uuids
from amity.engines.present.models import PastBatch
from amity.rooms.customers.actions.cursor import fetch, run
from amity.rooms.customers.actions.load import lock
from amity.rooms.customers.actions.recount import recount
from amity.rooms.customers.actions.save_activity import save_activity
from amity.rooms.customers.actions.settings import Chosen, chosen_by
from amity.rooms.customers.models import Customer
from amity.rooms.customers.rules.activity import Activity
from amity.rooms.customers.rules.sequence import EARLIEST, Edge, Standing, Step, sequence

PACKAGE = "amity.rooms.customers"
LONGEST_TRANSACTION = timedelta(minutes=1)  # between placing and storing the rows for the past
# Customers stand scattered over the past: a few hundred read nearly all of it, as a thousand do. They are held meanwhile, though,
# and their stories are in memory.
_CUSTOMERS_AT_ONCE, _INTERACTIONS_AT_ONCE = 1_000, 50_000
_AT_ONCE = 2_000  # rows to rewrite in one statement, each of which makes a patch in every quarter

_MARKED = """
    SELECT customer_id, moved_at FROM customers_activity
    WHERE NOT merged AND customer_id IN (
        SELECT customer_id FROM (
            SELECT customer_id, sum(interactions) OVER (ORDER BY marked_at, customer_id) - interactions AS before FROM (
                SELECT customer_id, marked_at, interactions FROM customers_mark JOIN customers_activity USING (customer_id)
                WHERE moved_at < %b ORDER BY marked_at LIMIT %b
            ) AS waiting
        ) AS counted
        WHERE before < %b
    )
    ORDER BY customer_id FOR NO KEY UPDATE SKIP LOCKED
"""
_MARKS = "SELECT customer_id, since, recount FROM customers_mark WHERE customer_id = ANY(%b::uuid[]) ORDER BY customer_id"
_UNMARK = "DELETE FROM customers_mark WHERE customer_id = ANY(%b::uuid[])"


@dataclass(frozen=True, slots=True)
class Marked:
    """A customer to be put in order, and all ids under which the past has its rows."""

    activity: Activity
    ids: Sequence[UUID]
    since: int
    recount: bool


def resequence_marked(*, limit: int = 1_000) -> int:
    """Put up to `limit` marked customers in order, longest waiting first, and return how many were.

    Customers of whom rows are still on their way to the past are left for later. Raises NotRunning without the past.
    """
    done = 0
    while done < limit:
        with transaction.atomic():
            hold_shared()
            marked = _ready(min(limit - done, _CUSTOMERS_AT_ONCE))
            for workspace, some in _by_workspace(marked).items():
                put_in_order(workspace, some)
        done += len(marked)
        if not marked:
            break
    return done


def _ready(limit: int) -> list[Marked]:
    rows = fetch(_MARKED, [arrived_until(), limit, _INTERACTIONS_AT_ONCE])
    until = arrived_until()  # asked again, now that they are locked
    arrived = [customer for customer, moved_at in rows if moved_at < until]
    # Marks change only under these locks. Read with them, they would be as old as that statement, while what it waited to lock isn't.
    ready = fetch(_MARKS, [arrived])
    ids: dict[UUID, list[UUID]] = {row[0]: [row[0]] for row in ready}
    for old, into in Customer.objects.filter(merged_into__in=list(ids)).values_list("id", "merged_into"):
        if into is not None:
            ids[into].append(old)
    activity = lock(ids)
    return [Marked(activity[customer], ids[customer], since, again) for customer, since, again in ready]


def arrived_until() -> datetime:
    """Return the instant before which all that was placed must have reached the past."""
    oldest = PastBatch.objects.filter(table="interactions_raw").aggregate(Min("created_at"))["created_at__min"]
    return datetime.max.replace(tzinfo=UTC) if oldest is None else oldest - LONGEST_TRANSACTION


def _by_workspace(marked: Sequence[Marked]) -> dict[int, list[Marked]]:
    found: dict[int, list[Marked]] = defaultdict(list)
    for one in marked:
        found[one.activity.workspace].append(one)
    return found


def put_in_order(workspace: int, marked: Sequence[Marked]) -> None:
    """Work sessions, edges and, where asked, totals of locked customers out anew, within the caller's transaction."""
    chosen = chosen_by([workspace]).get(workspace)
    if chosen is not None:
        past = Stored(workspace, marked)
        _rewrite(workspace, [(one, edge) for one in marked for edge in _in_order(one.activity, past, chosen)])
        recount(workspace, {one.activity.customer: (one.activity, one.ids) for one in marked if one.recount})
    run(_UNMARK, [uuids(one.activity.customer for one in marked)])
    save_activity({one.activity.customer: one.activity for one in marked}, merged={})


class Stored:
    """Rows of the past by customer, from the last session on that began before anything changed (`floors`)."""

    def __init__(self, workspace: int, marked: Sequence[Marked]) -> None:
        owners = [(old, one) for one in marked for old in one.ids]
        self.ids = [str(old) for old, _ in owners]
        shared = {
            "workspace_id": workspace,
            "customer_ids": self.ids,
            "currents": [str(one.activity.customer) for _, one in owners],
        }
        floors = ask(package=PACKAGE, name="session_floors", sinces=[one.since for _, one in owners], **shared)
        self.floors: dict[UUID, int] = {row["current"]: row["floor"] for row in floors}
        wanted = [self.floors.get(one.activity.customer, EARLIEST) for _, one in owners]
        self.rows: dict[UUID, dict[UUID, Mapping[str, Any]]] = defaultdict(dict)
        for row in ask(package=PACKAGE, name="edges", floors=wanted, **shared):
            self.rows[row["current"]][row["message_key"]] = row


def _in_order(activity: Activity, past: Stored, chosen: Chosen) -> list[Edge]:
    """Return the edges that differ from what is stored, and let the activity stand where the sequence ends."""
    rows = past.rows.get(activity.customer, {})
    steps = sorted(map(_step, rows.values()), key=lambda s: (s.time, s.key))
    standing = None
    if activity.customer in past.floors:
        # The floor's own row is as it should be, what shares its millisecond and precedes it too.
        first = next(n for n, step in enumerate(steps) if rows[step.key]["session_start"])
        step, steps = steps[first], steps[first + 1 :]
        standing = Standing(step.time, step.key, step.name, rows[step.key]["session_id"], step.time, step.campaign)
    changed = []
    for after, edge in sequence(steps, standing=standing, midnight=chosen.midnight):
        standing = after
        if edge != _edge(rows[edge.key]):
            changed.append(edge)
    activity.standing = standing or activity.standing
    return changed


def _rewrite(workspace: int, changed: Sequence[tuple[Marked, Edge]]) -> None:
    for start in range(0, len(changed), _AT_ONCE):
        part = changed[start : start + _AT_ONCE]
        some = [edge for _, edge in part]
        command(
            question(PACKAGE, "set_edges"),
            workspace_id=workspace,
            customer_ids=sorted({str(old) for one, _ in part for old in one.ids}),
            keys=[str(edge.key) for edge in some],
            sessions=[str(edge.session_id) for edge in some],
            starts=[int(edge.starts) for edge in some],
            names=[edge.previous_name for edge in some],
            previous=[str(edge.previous_key or UUID(int=0)) for edge in some],
            times=[edge.previous_time or 0 for edge in some],
        )


def _step(row: Mapping[str, Any]) -> Step:
    campaign = (row["campaign_source"], row["campaign_medium"], row["campaign_name"])
    return Step(row["at"], row["message_key"], row["name"], campaign)


def _edge(row: Mapping[str, Any]) -> Edge:
    return Edge(
        row["message_key"],
        row["session_id"],
        bool(row["session_start"]),
        row["previous_name"],
        row["previous_key"],
        row["previous_at"],
    )
