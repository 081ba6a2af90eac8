"""Suppressions: identifiers of which nothing is taken any more. Only their keyed hashes are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, connection, transaction

from amity.engines.present.bulk import bigints, run, texts, uuids
from amity.engines.present.models import PastBatch
from amity.kernel.errors import Busy, NotRunning
from amity.rooms.trust.rules.erasure.hashing import keyed_hash, suppression_key

Carried = tuple[int, str, str]  # workspace, kind, value
Hashed = tuple[str, UUID]  # kind, hash
_LOCK = 0x53555050  # SUPP
NOTHING = ("", "")
_PATIENCE = 20  # seconds that batches in flight may take to end

_SUPPRESSING = """
    SELECT w FROM unnest(%b::bigint[]) AS asked (w) WHERE EXISTS (SELECT FROM trust_suppression s WHERE s.workspace_id = w)
"""
_FOUND = """
    SELECT a.place, s.before FROM unnest(%b::bigint[], %b::uuid[], %b::text[], %b::bigint[]) AS a (workspace, hash, kind, place)
    JOIN trust_suppression s ON s.workspace_id = a.workspace AND s.hash = a.hash AND s.kind = a.kind
"""
# What is suppressed for good stays its erasure's; what was lifted is taken over.
_SUPPRESS = """
    INSERT INTO trust_suppression AS held (workspace_id, hash, kind, erasure_id, created_at)
    SELECT %b, hash, kind, %b, coalesce(%t::timestamptz, now()) FROM unnest(%b::uuid[], %b::text[]) AS n (hash, kind)
    ON CONFLICT (workspace_id, hash, kind) DO UPDATE SET erasure_id = excluded.erasure_id, before = NULL, created_at = excluded.created_at
    WHERE held.before IS NOT NULL
"""
_LIFT = """
    UPDATE trust_suppression SET before = %b
    WHERE workspace_id = %b AND before IS NULL AND created_at <= to_timestamp(%b / 1000.0) AND kind != ''
"""


def hashes_of(workspace_id: int, names: Iterable[tuple[str, str]]) -> list[Hashed]:
    """Return (kind, hash) for identifiers."""
    key = suppression_key(settings.SECRET_KEY, workspace_id)
    return [(kind, keyed_hash(key, value)) for kind, value in names]


def suppress(*, workspace_id: int, hashes: Iterable[Hashed], erasure_id: UUID | None = None, at: datetime | None = None) -> None:
    """Suppress identifiers by their hashes, as of now or of an instant. Harmless to repeat.

    Beside them goes the hash of nothing at all, by which a process knows whether it holds the key that they were made with.
    """
    hashes = sorted({*hashes, *hashes_of(workspace_id, [NOTHING])})
    run(_SUPPRESS, [workspace_id, erasure_id, at, uuids(h for _, h in hashes), texts(kind for kind, _ in hashes)])


def lift(*, workspace_id: int, before: int, erasure_id: UUID | None = None, hashes: Collection[Hashed] = ()) -> int:
    """Take what happens from `before` (ms) on again, of one erasure or by hashes. Returns how many identifiers those were.

    What happened or was received before stays out: else a replay of the log would bring back what was erased. One that was
    suppressed after `before` stays so.
    """
    if erasure_id is not None:
        return len(run(f"{_LIFT} AND erasure_id = %b RETURNING 1", [before, workspace_id, before, erasure_id]))
    pairs = [uuids(h for _, h in hashes), texts(kind for kind, _ in hashes)]
    asked = "(hash, kind) IN (SELECT * FROM unnest(%b::uuid[], %b::text[]))"
    return len(run(f"{_LIFT} AND {asked} RETURNING 1", [before, workspace_id, before, *pairs]))


def suppressing(workspaces: Collection[int]) -> set[int]:
    """Return which workspaces suppress anybody, and let no erasure go past before the caller's transaction has ended.

    First the lock, then a look of its own: what was suppressed while the lock was waited for is seen.
    """
    run("SELECT pg_advisory_xact_lock_shared(%b)", [_LOCK])
    return {row[0] for row in run(_SUPPRESSING, [bigints(workspaces)])}


def find_suppressed(carried: Collection[Carried]) -> dict[Carried, int | None]:
    """Return those identifiers that are suppressed, with the instant (ms) before which that holds; None: for good.

    To be asked for workspaces that suppress somebody. Raises NotRunning where this process holds another key than that of the
    hashes: everybody who was erased would come back.
    """
    if not carried:
        return {}
    asked = [*carried, *((workspace, *NOTHING) for workspace in {one[0] for one in carried})]
    keys = {workspace: suppression_key(settings.SECRET_KEY, workspace) for workspace in {one[0] for one in asked}}
    columns = [
        bigints(workspace for workspace, _, _ in asked),
        uuids(keyed_hash(keys[workspace], value) for workspace, _, value in asked),
        texts(kind for _, kind, _ in asked),
        bigints(range(len(asked))),
    ]
    found = {asked[place]: before for place, before in run(_FOUND, columns)}
    if any(found.pop((workspace, *NOTHING), NOTHING) == NOTHING for workspace in keys):
        raise NotRunning(
            "The console key here isn't the one that erased people are kept out with. Bring secrets/console-key of the data folder "
            "that the console runs on to this one."
        )
    return found


def wait_for_batches_in_flight() -> int:
    """Wait until every batch that may not have seen the latest suppressions has ended; return the last row that waits for the past.

    Raises Busy where a batch takes too long: to be tried again.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}s'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    except OperationalError as error:
        raise Busy("A worker has been at one batch for long; the erasure waits for its end.") from error
    return newest_on_its_way()


def newest_on_its_way() -> int:
    """Return the number of the last batch of rows that waits for the past; 0 where none does."""
    return PastBatch.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
