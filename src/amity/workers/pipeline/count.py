"""Count: what became of each interaction, by source and hour, so that accepted, dropped and duplicates add up to what was read."""

from __future__ import annotations

from amity.rooms.collection import api as collection
from amity.workers.batch import SUPPRESSED, Batch


def count(batch: Batch) -> None:
    """Add the batch to the health of its sources. Last of all: the rows it takes are shared with other workers."""
    if batch.replayed:
        return
    make, accepted, counted = collection.Outcome, collection.ACCEPTED, {"", collection.DUPLICATE, SUPPRESSED}
    done = [
        make(one.workspace, one.source, one.received_at, item.dropped or accepted)
        for item in batch.items
        if item.dropped in counted
        for one in (item.interaction,)
    ]
    turned = [
        collection.Outcome(said.workspace, said.source, said.received_at, said.reason)
        for said in (one.rejection for one in batch.turned)
        if said.source
    ]
    silenced = [
        collection.Outcome(said.workspace, said.source, said.received_at, SUPPRESSED)
        for said in (one.rejection for one in batch.silenced)
        if said.source
    ]
    collection.count_outcomes(done + turned + silenced)
