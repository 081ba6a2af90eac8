"""Count what became of each source's interactions, hour by hour."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from amity.engines.present.bulk import send
from amity.kernel.clock import HOUR, from_ms

ACCEPTED = "accepted"
DUPLICATE = "duplicate"

_UPSERT = """
INSERT INTO collection_source_hour AS held (workspace_id, source_id, hour, outcome, count, last_seen)
SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::timestamptz[], %b::text[], %b::bigint[], %b::timestamptz[])
ON CONFLICT (source_id, hour, outcome) DO UPDATE
SET count = held.count + excluded.count, last_seen = greatest(held.last_seen, excluded.last_seen)
"""


class Outcome(msgspec.Struct, frozen=True, gc=False):
    """What became of one interaction: `accepted`, `duplicate`, or the code of its rejection. Time in ms since 1970."""

    workspace: int
    source: int
    received_at: int
    outcome: str


def count_outcomes(outcomes: Iterable[Outcome]) -> None:
    """Add outcomes to their sources' hours, in the transaction that the caller holds open.

    Rows are taken in one order by everybody, so that two workers wait for each other but never in a circle.
    """
    tally: dict[tuple[int, int, str, int], list[int]] = {}
    for one in outcomes:
        at = one.received_at
        key = (one.source, at - at % HOUR, one.outcome[:64], one.workspace)
        held = tally.get(key)
        if held is None:
            tally[key] = [1, max(at, 0)]
        else:
            held[0] += 1
            if at > held[1]:  # noqa: PLR1730  quicker so
                held[1] = at
    if not tally:
        return
    rows = sorted(tally.items())
    send(
        _UPSERT,
        [
            [workspace for (_, _, _, workspace), _ in rows],
            [source for (source, _, _, _), _ in rows],
            [from_ms(hour) for (_, hour, _, _), _ in rows],
            [outcome for (_, _, outcome, _), _ in rows],
            [count for _, (count, _) in rows],
            [from_ms(seen) for _, (_, seen) in rows],
        ],
    )
