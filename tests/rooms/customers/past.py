"""Rows of the past for placed interactions, as the pipeline would write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from typing import Any

import msgspec

from amity.engines.past.client import insert_rows
from amity.engines.past.rows import InteractionRow, MergeRow, money, seconds
from amity.engines.past.shape import clean
from amity.facts.interaction import EMPTY
from amity.rooms.customers.contracts import NO_SESSION, Incoming, MergedId, Placement

_tokens, _seqs = count(), count(1)


def store(incoming: Sequence[Incoming], placements: Sequence[Placement], *, evidence: bool = False) -> None:
    """Write rows; with `evidence` also what identifies and describes, as an unmerge reads it."""
    rows = [
        InteractionRow(
            workspace_id=one.workspace,
            customer_id=at.customer_id,
            time=seconds(one.time),
            message_key=one.key,
            message_id=one.name,
            type=one.kind,
            source_id=one.source,
            received_at=seconds(one.received_at),
            projected_at=seconds(one.received_at),
            log_seq=next(_seqs),
            log_index=0,
            **(_evidence(one) if evidence else {}),
            name=one.name,
            channel=one.channel,
            voice=one.voice,
            session_id=None if at.session_id == NO_SESSION else at.session_id,
            session_start=at.session_start,
            previous_name=at.previous_name,
            previous_key=at.previous_key,
            previous_time=None if at.previous_time is None else seconds(at.previous_time),
            value=money(at.value),
            currency=at.currency,
            properties=_json(one.properties),
            campaign_source=one.campaign[0],
            campaign_medium=one.campaign[1],
            campaign_name=one.campaign[2],
        )
        for one, at in zip(incoming, placements, strict=True)
        if at.customer_id is not None
    ]
    insert_rows(table="interactions_raw", rows=rows, token=f"test-customers-{next(_tokens)}-{rows[0].message_key}")


def _evidence(one: Incoming) -> dict[str, Any]:
    return {
        "user_id": one.user_id or "",
        "anonymous_id": one.anonymous_id or "",
        "previous_id": one.previous_id or "",
        "dialect": "amity" if one.customer_id else "segment",
        "gpc": one.gpc,
        "country": one.country,
        "traits": _json(one.traits),
        "told": _json(one.traits),
        "context": _json({**one.context, **({"customer_id": str(one.customer_id)} if one.customer_id else {})}),
    }


def _json(given: Mapping[str, Any]) -> msgspec.Raw:
    return msgspec.Raw(msgspec.json.encode(clean(dict(given)))) if given else EMPTY


def store_merges(merges: Sequence[MergedId]) -> None:
    rows = [
        MergeRow(workspace_id=one.workspace, old_id=one.old_id, current_id=one.current_id, version=one.version) for one in merges
    ]
    insert_rows(table="merges", rows=rows, token=f"test-merges-{next(_tokens)}-{rows[0].old_id}")
