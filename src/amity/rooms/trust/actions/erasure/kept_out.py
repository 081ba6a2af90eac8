"""Who is kept out, as the pipeline asks: for each batch, of each identifier in it. What was read once is remembered.

A process keeps the hashes of a workspace and reads what is new by its version, so that a batch asks PostgreSQL once and hashes
each identifier. Where a workspace keeps out so many that they would take much memory, PostgreSQL is asked for each.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from uuid import UUID

from django.conf import settings

from amity.engines.present.bulk import bigints, run, texts, uuids
from amity.kernel.errors import NotRunning
from amity.rooms.trust.actions.erasure.suppress import LOCK, NOTHING, hashes_of
from amity.rooms.trust.rules.erasure.hashing import keyed_hash, suppression_key

Carried = tuple[int, str, str]  # workspace, kind, value
MOST_REMEMBERED = 200_000  # hashes of a workspace; they take some 40 MB
MOST_FREE = 50_000  # identifiers that need not be hashed again: most of a batch came in the one before, too

_VERSIONS = """
    SELECT w, v FROM unnest(%b::bigint[]) AS asked (w),
        LATERAL (SELECT max(version) FROM trust_suppression s WHERE s.workspace_id = w) AS newest (v)
    WHERE v IS NOT NULL
"""
_NEW = """
    SELECT version, kind, hash, before FROM trust_suppression WHERE workspace_id = %b AND version > %b ORDER BY version LIMIT %b
"""
_FOUND = """
    SELECT a.place, s.before FROM unnest(%b::uuid[], %b::text[], %b::bigint[]) AS a (hash, kind, place)
    JOIN trust_suppression s ON s.workspace_id = %b AND s.hash = a.hash AND s.kind = a.kind
"""


@dataclass(slots=True)
class _Remembered:
    """What a workspace keeps out as of a version: (hash, kind) with the instant (ms) before which that holds, None for good."""

    version: int = 0
    held: dict[tuple[int, str], int | None] = field(default_factory=dict)
    too_many: bool = False
    free: set[tuple[str, str]] = field(default_factory=set)  # identifiers that were looked up as of that version, and aren't held


_remembered: dict[int, _Remembered] = {}


def suppressing(workspaces: Collection[int]) -> dict[int, int]:
    """Return the version of each workspace that keeps anybody out, and let no erasure go past before the transaction has ended.

    First the lock, then a look of its own: what was suppressed while the lock was waited for is seen.
    """
    run("SELECT pg_advisory_xact_lock_shared(%b)", [LOCK])
    return dict(run(_VERSIONS, [bigints(workspaces)]))


def find_suppressed(carried: Collection[Carried], *, versions: Mapping[int, int]) -> dict[Carried, int | None]:
    """Return those identifiers that are kept out, with the instant (ms) before which that holds; None: for good.

    `versions` is what `suppressing` said. Raises NotRunning where this process holds another key than that of the hashes:
    everybody who was erased would come back.
    """
    found: dict[Carried, int | None] = {}
    for workspace in {one[0] for one in carried}:
        some = [one for one in carried if one[0] == workspace]
        found |= _found(workspace, some, versions[workspace])
    return found


def _found(workspace: int, carried: list[Carried], version: int) -> dict[Carried, int | None]:
    known = _remembered.get(workspace)
    if known is None:
        _refuse_other_key(workspace)
        known = _remembered[workspace] = _Remembered()
    if known.version < version:
        _read_on(workspace, known, version)
    if len(known.free) > MOST_FREE:
        known.free = set()
    free = known.free
    carried = [one for one in carried if one[1:] not in free]
    key = suppression_key(settings.SECRET_KEY, workspace)
    hashes = {value: keyed_hash(key, value) for value in {one[2] for one in carried}}
    if known.too_many:
        found = _asked(workspace, carried, hashes)
    else:
        held = known.held
        found = {one: held[place] for one in carried if (place := (hashes[one[2]].int, one[1])) in held}
    free.update(one[1:] for one in carried if one not in found)
    return found


def _read_on(workspace: int, known: _Remembered, version: int) -> None:
    """Read what is new since the version that is known."""
    known.free = set()
    if known.too_many:
        known.version = version
        return
    rows = run(_NEW, [workspace, known.version, MOST_REMEMBERED + 1])
    for at, kind, one, before in rows:
        known.held[one.int, kind] = before
        known.version = at
    if len(known.held) > MOST_REMEMBERED:
        known.held, known.too_many = {}, True


def _asked(workspace: int, carried: list[Carried], hashes: Mapping[str, UUID]) -> dict[Carried, int | None]:
    columns = [
        uuids(hashes[value] for _, _, value in carried),
        texts(kind for _, kind, _ in carried),
        bigints(range(len(carried))),
    ]
    return {carried[place]: before for place, before in run(_FOUND, [*columns, workspace])}


def _refuse_other_key(workspace: int) -> None:
    [(kind, mark)] = hashes_of(workspace, [NOTHING])
    if not run("SELECT 1 FROM trust_suppression WHERE workspace_id = %b AND hash = %b AND kind = %b", [workspace, mark, kind]):
        raise NotRunning(
            "The console key here isn't the one that erased people are kept out with. Bring secrets/console-key of the data folder "
            "that the console runs on to this one."
        )
