"""Suppressions: identifiers of which nothing is taken any more. Only their keyed hashes are kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.db import OperationalError, connection, transaction

from amity.engines.present.bulk import run, texts, uuids
from amity.engines.present.models import PastBatch
from amity.kernel.errors import Busy
from amity.rooms.trust.rules.erasure.hashing import keyed_hash, suppression_key

Hashed = tuple[str, UUID]  # kind, hash
LOCK = 0x53555050  # SUPP: batches hold it shared, an erasure alone for a moment
NOTHING = ("", "")
_PATIENCE = 20  # seconds that batches in flight may take to end

_WRITERS = 0x53555057  # SUPW: one writer after the other, so that who reads up to a version has read all below it
_NEXT = "(SELECT coalesce(max(version), 0) + 1 FROM trust_suppression WHERE workspace_id = %b)"
# What is suppressed for good stays its erasure's; what was lifted is taken over.
_SUPPRESS = f"""
    INSERT INTO trust_suppression AS held (workspace_id, version, hash, kind, erasure_id, created_at)
    SELECT %b, {_NEXT}, hash, kind, %b, coalesce(%t::timestamptz, now()) FROM unnest(%b::uuid[], %b::text[]) AS n (hash, kind)
    ON CONFLICT (workspace_id, hash, kind) DO UPDATE
    SET erasure_id = excluded.erasure_id, before = NULL, created_at = excluded.created_at, version = excluded.version
    WHERE held.before IS NOT NULL
"""  # noqa: S608  our own text
_LIFT = f"""
    UPDATE trust_suppression SET before = %b, version = {_NEXT}
    WHERE workspace_id = %b AND before IS NULL AND created_at <= to_timestamp(%b / 1000.0) AND kind != ''
"""  # noqa: S608  our own text


def hashes_of(workspace_id: int, names: Iterable[tuple[str, str]]) -> list[Hashed]:
    """Return (kind, hash) for identifiers."""
    key = suppression_key(settings.SECRET_KEY, workspace_id)
    return [(kind, keyed_hash(key, value)) for kind, value in names]


def suppress(*, workspace_id: int, hashes: Iterable[Hashed], erasure_id: UUID | None = None, at: datetime | None = None) -> None:
    """Suppress identifiers by their hashes, as of now or of an instant. Harmless to repeat.

    Beside them goes the hash of nothing at all, by which a process knows whether it holds the key that they were made with.
    """
    hashes = sorted({*hashes, *hashes_of(workspace_id, [NOTHING])})
    columns = [uuids(h for _, h in hashes), texts(kind for kind, _ in hashes)]
    with transaction.atomic():
        run("SELECT pg_advisory_xact_lock(%b)", [_WRITERS])
        run(_SUPPRESS, [workspace_id, workspace_id, erasure_id, at, *columns])


def lift(*, workspace_id: int, before: int, hashes: Collection[Hashed]) -> int:
    """Take what happens from `before` (ms) on again. Returns how many identifiers those were.

    What happened or was received before stays out: else a replay of the log would bring back what was erased. One that was
    suppressed after `before` stays so.
    """
    pairs = [uuids(h for _, h in hashes), texts(kind for kind, _ in hashes)]
    asked = "(hash, kind) IN (SELECT * FROM unnest(%b::uuid[], %b::text[]))"
    with transaction.atomic():
        run("SELECT pg_advisory_xact_lock(%b)", [_WRITERS])
        return len(run(f"{_LIFT} AND {asked} RETURNING 1", [before, workspace_id, workspace_id, before, *pairs]))


def wait_for_batches_in_flight() -> int:
    """Wait until every batch that may not have seen the latest suppressions has ended; return the last row that waits for the past.

    Raises Busy where a batch takes too long: to be tried again.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{_PATIENCE}s'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
    except OperationalError as error:
        raise Busy("A worker has been at one batch for long; the erasure waits for its end.") from error
    return newest_on_its_way()


def newest_on_its_way() -> int:
    """Return the number of the last batch of rows that waits for the past; 0 where none does."""
    return PastBatch.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
