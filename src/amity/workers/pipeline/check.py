"""Check: hold each interaction against its workspace's tracking plan, as the plan is now, in a replay too."""

from __future__ import annotations

import msgspec

from amity.rooms.collection import api as collection
from amity.workers.batch import Batch, Item

UNPLANNED, VIOLATION = "unplanned_event", "plan_violation"
_DETAIL = 1_000


def check(batch: Batch) -> None:
    """Fill in `shape` and what the plan says; drop what it blocks or sets aside. Amity's own facts are not held against it."""
    items = batch.live
    if not items:
        return
    plans = collection.plans_in_force({item.interaction.workspace for item in items})
    for item in items:
        one = item.interaction
        properties, traits = item.properties, item.traits
        shape = item.shape = collection.shape_of(properties, traits)
        if plans and one.dialect != "amity" and (plan := plans.get(one.workspace)) is not None:
            verdict = plan.judge(one.source, one.kind, one.name, shape, properties, traits)
            if verdict.broken:
                _apply(item, verdict)


def _apply(item: Item, verdict: collection.Verdict) -> None:
    item.verdict = verdict
    if verdict.action == "block":
        item.drop(collection.BLOCKED, collection.sentence(verdict.broken)[:_DETAIL])
    elif verdict.action == "quarantine":
        unplanned = verdict.broken[0].code == UNPLANNED
        item.drop(UNPLANNED if unplanned else VIOLATION, collection.sentence(verdict.broken)[:_DETAIL])
    else:
        item.flags = tuple(dict.fromkeys(f"plan:{one.code}:{one.path}" for one in verdict.broken))
        for place in {place for place, _ in verdict.omit}:
            left_out = {name for at, name in verdict.omit if at == place}
            kept = {name: value for name, value in getattr(item, place).items() if name not in left_out}
            setattr(item, place, kept)
            setattr(item, f"raw_{place}", msgspec.Raw(msgspec.json.encode(kept)))
