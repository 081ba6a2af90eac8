"""Write the history of consent: what answers said that was new."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from amity.engines.present.bulk import bigints, booleans, texts, uuids
from amity.rooms.customers.actions.cursor import run, send
from amity.rooms.customers.rules.choices.history import Said

# What a replay tells once more (`late`) says nothing new where the last one before it said the same.
_INSERT = """
    INSERT INTO customers_choice (
        workspace_id, key, name, customer_id, granted, time, received_at, source_id, origin, place, text_version, text_hash, proof,
        person, reason
    )
    SELECT workspace, key, name, customer, granted, time, received, source, origin, place, version, hash, proof, person, reason
    FROM unnest(
        %b::bigint[], %b::uuid[], %b::text[], %b::uuid[], %b::boolean[], %b::bigint[], %b::bigint[], %b::bigint[], %b::text[],
        %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::text[], %b::boolean[]
    ) AS n (
        workspace, key, name, customer, granted, time, received, source, origin, place, version, hash, proof, person, reason, late
    )
    WHERE NOT n.late OR n.granted IS DISTINCT FROM (
        SELECT h.granted FROM customers_choice h WHERE h.customer_id = n.customer AND h.name = n.name AND h.time <= n.time
        ORDER BY h.time DESC LIMIT 1
    )
    ON CONFLICT DO NOTHING
"""

_MOVE = """
    UPDATE customers_choice h SET customer_id = n.customer FROM unnest(%b::uuid[], %b::uuid[]) AS n (key, customer)
    WHERE h.workspace_id = %b AND h.key = n.key
"""


def save_choices(said: Sequence[Said]) -> None:
    """Write answers that said something new; those that are written already stay as they are."""
    if not said:
        return
    send(
        _INSERT,
        [
            bigints(one.workspace for one in said),
            uuids(one.key for one in said),
            texts(one.name for one in said),
            uuids(one.customer for one in said),
            booleans(one.granted for one in said),
            bigints(one.time for one in said),
            bigints(one.received_at for one in said),
            bigints(one.source for one in said),
            texts(one.origin for one in said),
            texts(one.place for one in said),
            texts(one.text_version for one in said),
            texts(one.text_hash for one in said),
            texts(one.proof for one in said),
            texts(one.person for one in said),
            texts(one.reason for one in said),
            booleans(one.late for one in said),
        ],
    )


def move_choices(*, workspace_id: int, owners: Mapping[UUID, UUID]) -> None:
    """Let the history follow its interactions: `owners` maps message keys to the customers whose they are now."""
    run(_MOVE, [uuids(owners), uuids(owners.values()), workspace_id])
