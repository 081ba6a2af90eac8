"""Check: hold each interaction against its workspace's tracking plan, as the plan is now, in a replay too."""

from __future__ import annotations

import msgspec

from amity.rooms.collection import api as collection
from amity.workers.batch import Batch, Item
from amity.workers.pipeline.protect import open_again, protect

UNPLANNED, VIOLATION = "unplanned_event", "plan_violation"
_DETAIL = 1_000


def check(batch: Batch) -> None:
    """Fill in `shape` and what the plan says; drop what it blocks or sets aside, seal what it calls sensitive.

    Amity's own facts are not held against it, but what they carry is sealed like the rest.
    """
    items = batch.live
    if not items:
        return
    plans = collection.plans_in_force({item.interaction.workspace for item in items})
    for item in items:
        one = item.interaction
        plan = plans.get(one.workspace) if plans else None
        sensitive = plan.sensitive if plan is not None else None
        if sensitive:
            open_again(item, sensitive)
        properties, traits = item.properties, item.traits
        shape = item.shape = collection.shape_of(properties, traits)
        if plan is not None and one.dialect != "amity":
            verdict = plan.judge(one.source, one.kind, one.name, shape, properties, traits)
            if verdict.broken:
                _apply(item, verdict)
        if sensitive:
            protect(item, sensitive)


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
