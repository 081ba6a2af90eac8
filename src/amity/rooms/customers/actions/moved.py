"""Tell the past which customer an id stands for, in the caller's transaction; the carrier brings it there.

Once it is there, the audiences of those customers are looked at.
"""

from __future__ import annotations

from collections.abc import Sequence

from amity.engines.past.rows import MergeRow, encode_rows
from amity.engines.present.models import PastBatch
from amity.rooms.customers.actions.audiences.touching import CHANGED, touch
from amity.rooms.customers.contracts import MergedId

_AT_ONCE = 10_000


def tell_past(moved: Sequence[MergedId], *, token: str) -> None:
    """Send rows for the past's table of merges on their way, under a token that is this happening's own. All of one workspace."""
    for start in range(0, len(moved), _AT_ONCE):
        rows = [
            MergeRow(workspace_id=one.workspace, old_id=one.old_id, current_id=one.current_id, version=one.version)
            for one in moved[start : start + _AT_ONCE]
        ]
        batch = PastBatch.objects.create(
            token=f"{token}:{start}:merges", shard=0, table="merges", rows=len(rows), body=encode_rows(rows)
        )
        touched = {(one.old_id.int, CHANGED) for one in moved[start : start + _AT_ONCE]}
        touched |= {(one.current_id.int, CHANGED) for one in moved[start : start + _AT_ONCE]}
        touch(workspace_id=moved[start].workspace, pairs=touched, past_ids=[batch.pk])
