"""Count broken rules, by day, source, library and place, each with a few of the interactions that broke it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import msgspec

from amity.engines.present.bulk import bigints, run, send, texts
from amity.kernel.clock import from_ms
from amity.rooms.collection.actions.plan.seen import REST, admit, admit_interactions
from amity.rooms.collection.rules.plan.judge import Verdict
from amity.rooms.collection.rules.plan.shapes import LONGEST_NAME

MOST_KEYS = 5
MOST_ROWS = 5_000  # of one interaction, over all days that are kept

_UPSERT = """
INSERT INTO collection_violation AS held
    (interaction_id, day, source_id, library, path, code, action, count, last_seen, keys)
SELECT i, d, s, l, p, c, a, n, t, k::jsonb
FROM unnest(%b::bigint[], %b::date[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::text[], %b::bigint[],
    %b::timestamptz[], %b::text[]) AS new (i, d, s, l, p, c, a, n, t, k)
ON CONFLICT (interaction_id, day, source_id, library, path, code) DO UPDATE
SET count = held.count + excluded.count, action = excluded.action, last_seen = greatest(held.last_seen, excluded.last_seen),
    keys = (
        SELECT jsonb_agg(one) FROM (
            SELECT one FROM jsonb_array_elements(excluded.keys || held.keys) AS one LIMIT 5
        ) AS latest
    )
"""


class Found(msgspec.Struct, frozen=True, gc=False):
    """One interaction that broke rules. `key` finds it in the past, or in quarantine."""

    workspace: int
    source: int
    kind: str
    name: str
    library: str
    received_at: int
    key: UUID
    verdict: Verdict


def count_violations(found: Sequence[Found]) -> None:
    """Add broken rules, in the transaction of the batch."""
    named = admit_interactions({(one.workspace, one.kind, one.name[:LONGEST_NAME]) for one in found})
    ids = {
        (w, k, n): one
        for w, k, n, one in run(
            """
            SELECT workspace_id, kind, name, id FROM collection_seen_interaction
            JOIN unnest(%b::bigint[], %b::text[], %b::text[]) AS asked (w, k, n) ON workspace_id = w AND kind = k AND name = n
            """,
            [
                bigints(w for w, _, _ in sorted(set(named.values()))),
                texts(k for _, k, _ in sorted(set(named.values()))),
                texts(n for _, _, n in sorted(set(named.values()))),
            ],
        )
    }
    rows: dict[tuple[Any, ...], list[Any]] = {}
    for one in found:
        interaction = ids[named[one.workspace, one.kind, one.name[:LONGEST_NAME]]]
        day = from_ms(one.received_at).date()
        for broken in one.verdict.broken:
            key = (interaction, day, one.source, one.library, broken.path[:220], broken.code)
            held = rows.setdefault(key, [0, 0, [], ""])
            held[0] += 1
            held[1] = max(held[1], one.received_at)
            held[3] = one.verdict.action
            if len(held[2]) < MOST_KEYS:
                held[2].append(str(one.key))
    columns = ("interaction_id", "day", "source_id", "library", "path", "code")
    refused = admit("collection_violation", rows, columns=columns, most=MOST_ROWS)
    merged: dict[tuple[Any, ...], list[Any]] = {}
    for row, (count, last, keys, action) in rows.items():
        to = (row[0], row[1], row[2], REST, REST, row[5]) if row in refused else row
        held = merged.setdefault(to, [0, 0, [], action])
        held[0], held[1], held[2] = held[0] + count, max(held[1], last), (held[2] + keys)[:MOST_KEYS]
    ordered = sorted(merged.items())
    send(
        _UPSERT,
        [
            bigints(row[0] for row, _ in ordered), [row[1] for row, _ in ordered], bigints(row[2] for row, _ in ordered),
            *(texts(row[n] for row, _ in ordered) for n in (3, 4, 5)), texts(held[3] for _, held in ordered),
            bigints(held[0] for _, held in ordered), [from_ms(held[1]) for _, held in ordered],
            texts(msgspec.json.encode(held[2]).decode() for _, held in ordered),
        ],
    )  # fmt: skip
