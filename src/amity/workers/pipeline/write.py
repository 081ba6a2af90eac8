"""Write: put the rows for the past beside the effects, in the same transaction. Another thread carries them over."""

from __future__ import annotations

import msgspec

from amity.engines.past.rows import MergeRow, QuarantineRow, Row, encode_rows, seconds
from amity.engines.present.bulk import run
from amity.engines.present.models import PastBatch
from amity.facts.interaction import Rejection
from amity.rooms.collection.api import BLOCKED
from amity.workers.batch import DUPLICATE, SUPPRESSED, Batch, Item, Turned
from amity.workers.pipeline.decode import body_of
from amity.workers.pipeline.protect import as_kept

# Not by way of the model: Django writes bytes as hexadecimal text into the statement, which each end then reads once more.
_STORE = """
    INSERT INTO present_past_batch (token, carried_as, shard, "table", rows, body, replaces)
    VALUES (%b, '', %b, %b, %b, %b, %t::jsonb)
    RETURNING id
"""
_UNKEPT = {"", DUPLICATE, SUPPRESSED}
INTERACTIONS, MERGES, QUARANTINE = "interactions_raw", "merges", "quarantine"


def write(batch: Batch) -> None:
    """Store the batch's rows as `PastBatch`es under tokens that are the same each time these entries are worked."""
    batch.turned.extend(turned_by_step(item) for item in batch.items if item.dropped not in _UNKEPT)
    tables: dict[str, list[Row]] = {
        INTERACTIONS: [item.row for item in batch.items if item.row is not None and not item.dropped],
        MERGES: [
            MergeRow(workspace_id=m.workspace, old_id=m.old_id, current_id=m.current_id, version=m.version) for m in batch.moved
        ],
        QUARANTINE: [
            quarantine_row(one)
            for one in (_newly_turned(batch) if batch.replayed else batch.turned)
            if one.rejection.reason != BLOCKED  # a plan's wish: counted, not kept
        ],
    }
    made = [
        PastBatch(
            token=f"{batch.token}:{table}", shard=batch.shard, table=table, rows=len(rows), body=encode_rows(rows), replaces=None
        )
        for table, rows in tables.items()
        if rows
    ]
    if batch.replaces is not None:
        made = [one for one in made if one.table != INTERACTIONS]
        rows = tables[INTERACTIONS]
        made.insert(
            0,
            PastBatch(
                token=f"{batch.token}:{INTERACTIONS}",
                shard=batch.shard,
                table=INTERACTIONS,
                rows=len(rows),
                body=encode_rows(rows) if rows else b"",
                replaces=batch.replaces,
            ),
        )
    for one in made:
        replaces = None if one.replaces is None else msgspec.json.encode(one.replaces).decode()
        [(one.pk,)] = run(_STORE, [one.token, one.shard, one.table, one.rows, one.body, replaces])
    batch.past_batches = made


def _newly_turned(batch: Batch) -> list[Turned]:
    """Return what a replay turned away and quarantine doesn't hold yet: the past is about to lose its row."""
    from amity.engines.past.client import ask

    if not batch.turned:
        return []
    received = [round(seconds(one.rejection.received_at) * 1000) for one in batch.turned]
    rows = ask(
        package="amity.workers",
        name="find_quarantined",
        workspaces=sorted({one.rejection.workspace for one in batch.turned}),
        first=batch.first_seq,
        last=batch.last_seq,
        since=min(received),
        until=max(received),
    )
    held = {(row["workspace_id"], row["log_seq"], row["message_id"]) for row in rows}
    return [one for one in batch.turned if (one.rejection.workspace, one.seq, one.rejection.message_id) not in held]


def turned_by_step(item: Item) -> Turned:
    """Return a dropped item as a rejection that can be replayed: its body is the event in Segment's form."""
    one = item.interaction
    return Turned(
        item.seq,
        item.index,
        item.step,
        Rejection(
            workspace=one.workspace,
            source=one.source,
            received_at=one.received_at,
            reason=item.dropped,
            detail=item.detail,
            body=body_of(as_kept(item)),
            message_id=one.message_id,
            name=one.name,
            dialect=one.dialect,
        ),
        from_item=True,
    )


def quarantine_row(one: Turned) -> QuarantineRow:
    """Return the past's row of something turned away."""
    said = one.rejection
    return QuarantineRow(
        workspace_id=said.workspace,
        source_id=said.source,
        received_at=seconds(said.received_at),
        key=one.key,
        reason=said.reason,
        detail=said.detail,
        step=one.step,
        body=said.body,
        log_seq=one.seq,
        message_id=said.message_id,
        name=said.name,
        dialect=said.dialect,
    )
