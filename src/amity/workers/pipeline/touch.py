"""Touch: note which customers this batch concerns, and how, for whoever keeps sets of customers up to date."""

from __future__ import annotations

from collections import defaultdict

from amity.facts.interaction import NOBODY
from amity.rooms.customers import api as customers
from amity.workers.batch import Batch


def touch(batch: Batch) -> None:
    """Store who was touched by what, beside the effects; to be looked at once the batch's rows are in the past."""
    heard: defaultdict[int, set[tuple[int, str]]] = defaultdict(set)
    for item in batch.live:
        if item.placement is not None and item.placement.customer_id not in {None, NOBODY}:
            one = item.interaction
            who = item.placement.customer_id.int
            heard[one.workspace].add((who, f"{one.kind}:{one.name}"))
            if item.row is not None and item.row.group_id:
                told = one.kind == "group" and bytes(item.row.told) != b"{}"
                heard[one.workspace].add((who, customers.TOLD_OF_ACCOUNT if told else customers.NAMED_ACCOUNT))
    for workspace, customer in batch.changed:
        heard[workspace].add((customer.int, ""))
    for moved in batch.moved:
        heard[moved.workspace].update(((moved.old_id.int, ""), (moved.current_id.int, "")))
    past_ids = [one.pk for one in batch.past_batches]
    for workspace, pairs in heard.items():
        customers.touch(workspace_id=workspace, pairs=pairs, past_ids=past_ids)
