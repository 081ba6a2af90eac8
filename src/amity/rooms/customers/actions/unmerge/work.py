"""Take back the merges that people asked to take back, customer by customer.

First, rows of the past go to the side whose they are, a few thousand in a transaction: nobody sees that, for both ids still
lead to the same customer, and a crash only means that the rest goes later. Then, with the customer held and everything of it
in the past, all is worked out once more, what came meanwhile goes too, and the present is changed with the ledger.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

import msgspec
import structlog
from django.db import transaction
from django.db.models import F

from amity.engines.present.barrier import hold_shared
from amity.engines.present.bulk import uuids
from amity.facts.customers import CUSTOMERS_UNMERGED, CustomersUnmerged
from amity.kernel.clock import now_ms
from amity.rooms.collection import api as collection
from amity.rooms.customers.actions.cursor import fetch
from amity.rooms.customers.actions.moved import tell_past
from amity.rooms.customers.actions.resequence import arrived_until
from amity.rooms.customers.actions.settings import chosen_by
from amity.rooms.customers.actions.unmerge.give import AT_ONCE, give, strangers
from amity.rooms.customers.actions.unmerge.store import store
from amity.rooms.customers.models import Unmerge, UnmergeRun
from amity.rooms.customers.queries.evidence import current_of, get_ledger, list_happened, list_kept
from amity.rooms.customers.rules.identifiers import IdentityRules
from amity.rooms.customers.rules.identity import Decided
from amity.rooms.customers.rules.rederive import Happened, Ledger, Merged, Parted, rederive, restore
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Actor

log = structlog.get_logger("amity.customers")
_HOLD = """
    SELECT moved_at FROM customers_activity WHERE customer_id = ANY(%b::uuid[]) ORDER BY customer_id FOR NO KEY UPDATE SKIP LOCKED
"""
_MOST_WAITING = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Merges of one customer that one run wants back."""

    run: UnmergeRun
    customer: UUID
    merges: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Worked:
    """What came of deriving a customer anew."""

    ledger: Ledger
    undone: Sequence[Merged]
    happened: Sequence[Happened]
    parted: Parted


def anything_to_unmerge() -> bool:
    """Whether merges wait to be taken back."""
    return Unmerge.objects.exists()


def work_unmerges(*, customers: int = 1_000, at: Callable[[str], None] = lambda _: None) -> int:
    """Take back what waits of so many customers, oldest first, and return how many merges that were.

    Raises NotRunning without the past.

    A customer who is busy, or of whom rows are still on their way to the past, is left for the next time.
    """
    done = 0
    for asked in _waiting()[:customers]:
        _move_ahead(asked, at)
        done += _finish(asked, at)
    return done


def derive(*, workspace_id: int, customer_id: UUID, merges: frozenset[int]) -> Worked:
    """Work out what a customer would be without some of its merges. Reads only."""
    ledger = get_ledger(workspace_id=workspace_id, customer_id=customer_id)
    chosen = chosen_by([workspace_id]).get(workspace_id)
    happened = list_happened(workspace_id=workspace_id, customer_ids=ledger.ids)
    left = ledger.without(merges)
    parted = rederive(left, happened, IdentityRules() if chosen is None else chosen.rules)
    restore(parted, list_kept(ledger))
    return Worked(ledger=left, undone=left.undone, happened=happened, parted=parted)


def _waiting() -> list[Asked]:
    """Return what waits, the merges of one customer and run together. Runs that a person stopped end here."""
    rows = list(
        Unmerge.objects.select_related("run", "merge").filter(run__stopped=False).order_by("run_id", "id")[:_MOST_WAITING]
    )
    by_run: dict[UnmergeRun, list[Unmerge]] = defaultdict(list)
    for row in rows:
        by_run[row.run].append(row)
    found = []
    for run, some in by_run.items():
        current = current_of(workspace_id=run.workspace_id, customer_ids=[one.merge.into_id for one in some])
        groups: dict[UUID, set[int]] = defaultdict(set)
        for one in some:
            customer = current.get(one.merge.into_id)
            if customer is None or one.merge.undone is not None:  # erased, or gone with another one
                _done(run, [one.merge_id], moved=0)
            else:
                groups[customer].add(one.merge_id)
        found += [Asked(run=run, customer=customer, merges=frozenset(ids)) for customer, ids in groups.items()]
    return found


def _move_ahead(asked: Asked, at: Callable[[str], None]) -> None:
    workspace = asked.run.workspace_id
    worked = derive(workspace_id=workspace, customer_id=asked.customer, merges=asked.merges)
    for target, keys in strangers(worked.parted.root, worked.parted.whose, worked.happened).items():
        for start in range(0, len(keys), AT_ONCE):
            some = keys[start : start + AT_ONCE]
            with transaction.atomic():
                hold_shared()
                give(workspace_id=workspace, target=target, keys=some, out_of=worked.ledger.ids)
                UnmergeRun.objects.filter(pk=asked.run.pk).update(moved=F("moved") + len(some))
            at("after rows")


def _finish(asked: Asked, at: Callable[[str], None]) -> int:
    workspace, run = asked.run.workspace_id, asked.run
    with transaction.atomic():
        hold_shared()
        held = fetch(_HOLD, [uuids([asked.customer])])
        until = arrived_until()
        if not held or any(moved_at is not None and moved_at >= until for (moved_at,) in held):
            return 0
        if current_of(workspace_id=workspace, customer_ids=[asked.customer]).get(asked.customer) != asked.customer:
            return 0  # it became part of another meanwhile
        worked = derive(workspace_id=workspace, customer_id=asked.customer, merges=asked.merges)
        moved = 0
        for target, keys in strangers(worked.parted.root, worked.parted.whose, worked.happened).items():
            for start in range(0, len(keys), AT_ONCE):
                give(workspace_id=workspace, target=target, keys=keys[start : start + AT_ONCE], out_of=worked.ledger.ids)
            moved += len(keys)
        at("before commit")
        merges = store(
            workspace_id=workspace,
            ledger=worked.ledger,
            undone=worked.undone,
            parted=worked.parted,
            happened=worked.happened,
            run_id=run.pk,
            by=Decided(run.person, run.person_id, run.reason),
        )
        tell_past(merges, token=f"unmerge-{run.pk}-{asked.customer}")
        _done(run, sorted(asked.merges), moved=moved)
        _tell(run, asked.customer, worked)
    log.info("unmerged", workspace=workspace, merges=len(asked.merges), customers=len(set(worked.parted.root.values())))
    return len(asked.merges)


def _done(run: UnmergeRun, merges: Sequence[int], *, moved: int) -> None:
    Unmerge.objects.filter(run=run, merge_id__in=merges).delete()
    UnmergeRun.objects.filter(pk=run.pk).update(done=F("done") + len(merges), moved=F("moved") + moved)
    UnmergeRun.objects.filter(pk=run.pk, done__gte=F("total"), finished_at=None).update(finished_at=now_ms())


def _tell(run: UnmergeRun, customer: UUID, worked: Worked) -> None:
    parted = sorted(str(one) for one in set(worked.parted.root.values()) if one != customer)
    fact = CustomersUnmerged(customer_id=str(customer), parted_ids=parted, by=run.person)
    collection.record_fact(
        workspace_id=run.workspace_id,
        message_id=f"unmerge-{run.pk}-{customer}",
        name=CUSTOMERS_UNMERGED,
        properties=msgspec.to_builtins(fact),
        customer_id=customer,
        channel="console",
        voice="ours",
    )
    trust.record(
        Actor(kind="person", id=run.person_id, name=run.person),
        action="customers.unmerged",
        target=f"customer:{customer}",
        before={"merges": sorted(one.id for one in worked.undone)},
        after={"customers": [str(customer), *parted], "run": run.pk, "reason": run.reason},
        workspace_id=run.workspace_id,
    )
