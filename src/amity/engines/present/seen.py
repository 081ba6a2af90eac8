"""Which interactions were taken already: one key each, kept for three periods of four days.

Looked up and added in the transaction of the interactions' own effects, so a key is there if and only if they are.
"""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.db import transaction

from amity.engines.present.bulk import bigints, run, uuids, uuids_of
from amity.kernel.clock import DAY, now_ms

PERIOD = 4 * DAY
WINDOW = 2 * PERIOD  # the shortest time for which a key is remembered

_made: set[int] = set()


def period_of(received_at: int) -> int:
    """Return the period of an instant in ms since 1970."""
    return received_at // PERIOD


def take(keys: Sequence[UUID], periods: Sequence[int]) -> set[int]:
    """Remember keys under their periods and return those that were taken before, as numbers: nearly none, as a rule.

    Each key is given once. Of two transactions that bring the same key at once, one waits for the other's end.
    """
    if not keys:
        return set()
    for period in set(periods):
        _make(period)
    lowest, highest = min(periods) - 2, max(periods) + 1
    given = dict(zip([key.int for key in keys], periods, strict=True))
    fresh = sorted(given)
    column = uuids_of(fresh)
    old = {int.from_bytes(key, "big") for (key,) in run(_KNOWN, [lowest, highest, column])}
    if old:
        fresh = [number for number in fresh if number not in old]
        column = uuids_of(fresh)
    if fresh:
        columns = [bigints([given[number] for number in fresh]), column]
        old.update(int.from_bytes(key, "big") for (key,) in run(_TAKE, columns))
    return old


# The keys as bytes: the driver makes a UUID of each otherwise, which takes longer than all the rest.
_KNOWN = "SELECT uuid_send(key) FROM present_seen WHERE period BETWEEN %b AND %b AND key = ANY(%b)"
# Everybody inserts in the order of keys, so that two who bring the same wait for each other but never in a circle.
_TAKE = """
    WITH given AS (SELECT period::int, key FROM unnest(%b::bigint[], %b::uuid[]) AS n (period, key)),
    taken AS (INSERT INTO present_seen (period, key) SELECT period, key FROM given ON CONFLICT DO NOTHING RETURNING key)
    SELECT uuid_send(key) FROM given WHERE NOT EXISTS (SELECT FROM taken WHERE taken.key = given.key)
"""


def forget(keys: Sequence[UUID], periods: Sequence[int]) -> None:
    """Take keys back: their interactions ended in quarantine and may come again."""
    if keys:
        run(
            "DELETE FROM present_seen WHERE (period, key) IN (SELECT period::int, key FROM unnest(%b::bigint[], %b::uuid[]) AS n (period, key))",
            [bigints(periods), uuids(keys)],
        )


def drop_old(now: int) -> list[int]:
    """Drop the periods that are no longer looked at (ms since 1970) and return them."""
    dropped = []
    with transaction.atomic():
        run("SELECT pg_advisory_xact_lock(hashtext('present_seen_old'))")
        for (name,) in run("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'present_seen'::regclass"):
            period = int(name.rpartition("_")[2])
            if period < period_of(now) - 3:
                run(f'DROP TABLE IF EXISTS "{name}"')
                dropped.append(period)
    return dropped


def _make(period: int) -> None:
    old = period < period_of(now_ms()) - 2
    if old:  # a replay's, or of a worker that is far behind: the leader may have dropped it, and may at any moment
        run("SELECT pg_advisory_xact_lock_shared(hashtext('present_seen_old'))")
    elif period in _made:
        return
    name = f"present_seen_{int(period)}"
    if run("SELECT to_regclass(%s)", [name])[0][0] is None:
        run("SELECT pg_advisory_xact_lock(hashtext('present_seen'))")
        run(f'CREATE TABLE IF NOT EXISTS "{name}" PARTITION OF present_seen FOR VALUES IN ({int(period)})')
        return  # not remembered yet: the transaction may still be rolled back
    if not old:
        _made.add(period)
