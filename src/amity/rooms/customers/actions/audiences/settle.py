"""Make membership what an evaluation found: rows, size and facts in the caller's transaction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amity.engines.present.bulk import bigints_from, run, uuids_from
from amity.kernel.clock import HOUR
from amity.rooms.customers.actions.audiences.telling import Change, tell
from amity.rooms.customers.actions.sync.noticing import notice_members
from amity.rooms.customers.models import Audience
from amity.rooms.customers.queries.audiences.evaluate import Evaluated
from amity.rooms.customers.rules.audiences.algebra import NEVER, places

if TYPE_CHECKING:
    import numpy as np

_LOCK = "SELECT pg_advisory_xact_lock(hashtext('customers_audience'), %b::int)"
_KNOWN = """
    SELECT audience_id, string_agg(uuid_send(customer_id), ''), string_agg(boolsend(inside), ''),
        string_agg(int8send(coalesce(due, 9223372036854775807)), '')
    FROM customers_member WHERE audience_id = ANY(%b::bigint[]) AND (%b OR customer_id = ANY(%b::uuid[]))
    GROUP BY audience_id
"""
_BECAME = (
    "SELECT uuid_send(id), uuid_send(merged_into) FROM customers_customer WHERE id = ANY(%b::uuid[]) AND merged_into IS NOT NULL"
)
_WRITE = """
    INSERT INTO customers_member (audience_id, customer_id, inside, since, due)
    SELECT %b, n.customer, n.inside = 1, %b, nullif(n.due, 9223372036854775807)
    FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[]) AS n (customer, inside, due)
    ON CONFLICT (customer_id, audience_id) DO UPDATE SET inside = excluded.inside, due = excluded.due,
        since = CASE WHEN customers_member.inside = excluded.inside THEN customers_member.since ELSE excluded.since END
"""
_INHERIT = """
    UPDATE customers_member m SET since = least(m.since, o.since)
    FROM unnest(%b::uuid[], %b::uuid[]) AS n (old_id, into_id), customers_member o
    WHERE m.audience_id = %b AND m.customer_id = n.into_id AND m.inside
        AND o.audience_id = m.audience_id AND o.customer_id = n.old_id AND o.inside
"""
_SIZE = """
    INSERT INTO customers_audience_size AS s (audience_id, hour, size, entered, "left") VALUES (%b, %b, %b, %b, %b)
    ON CONFLICT (audience_id, hour) DO UPDATE
    SET size = excluded.size, entered = s.entered + excluded.entered, "left" = s."left" + excluded."left"
"""
_DELETE = "DELETE FROM customers_member WHERE audience_id = %b AND customer_id = ANY(%b::uuid[])"


@dataclass(slots=True, kw_only=True)
class Known:
    """What is stored of one audience's customers."""

    ids: np.ndarray
    inside: np.ndarray
    due: np.ndarray


def hold(workspace: int) -> None:
    """Let nobody else change memberships of a workspace until the caller's transaction ends."""
    run(_LOCK, [workspace])


def settle(audiences: Sequence[Audience], done: Evaluated) -> dict[int, tuple[int, int]]:
    """Store who is in each audience, of those who were looked at, and return how many entered and left.

    Facts tell of each who entered or left, save of an audience that was never computed before.
    """
    import numpy as np

    ids = None if done.ids is None else np.array([one.bytes for one in done.ids], dtype="S16")
    stored = _known([one.pk for one in audiences], ids)
    changes = [_settle(audience, done, stored.get(audience.pk) or _nothing()) for audience in audiences]
    tell([one for one in changes if one.audience.computed_at is not None], now=done.now)
    return {one.audience.pk: (len(one.entered), len(one.left)) for one in changes}


def _settle(audience: Audience, done: Evaluated, known: Known) -> Change:
    import numpy as np

    found, everybody = done.found[audience.pk], done.everybody
    at, there = places(everybody, known.ids)
    was, had = np.zeros(len(everybody), dtype=bool), np.full(len(everybody), NEVER, dtype=np.int64)
    stored = np.zeros(len(everybody), dtype=bool)
    was[at], had[at], stored[at] = known.inside[there], known.due[there], True
    kept = was.copy()  # as the rows say, before somebody takes another's place
    gone = known.ids[~there]
    inherited = _inherit(gone, known.inside[~there], everybody, was)
    entered, left = found.met & ~was, was & ~found.met
    # A due that is still to come and not too late stays, though the customer may have earned a later one: it is looked at
    # again then. So an interaction that changes nothing writes nothing.
    due = np.where((had > done.now) & (had <= found.due), had, found.due)
    needed = found.met | (due != NEVER)
    written = needed & ((entered | left) | (due != had) | ~stored | (kept != found.met))
    _write(audience, everybody[written], found.met[written], due[written], done.now)
    if len(inherited[0]):
        run(_INHERIT, [uuids_from(inherited[0]), uuids_from(inherited[1]), audience.pk])
    removed = np.concatenate([gone, everybody[stored & ~needed]])
    if len(removed):
        run(_DELETE, [audience.pk, uuids_from(removed)])
    size = audience.size + int(entered.sum()) - int(left.sum()) - int(known.inside[~there].sum()) + int(inherited[2])
    counts = int(entered.sum()), int(left.sum())
    notice_members(
        workspace_id=audience.workspace_id, audience_id=audience.pk, ids=np.concatenate([everybody[entered | left], gone])
    )
    # Who keeps sets reads this one anew, also where a customer only took another's place.
    if size != audience.size or any(counts) or known.inside[~there].any():
        note_change(audience, size, counts, done.now)
    return Change(audience=audience, entered=everybody[entered], left=everybody[left])


def _inherit(gone: np.ndarray, inside: np.ndarray, everybody: np.ndarray, was: np.ndarray) -> tuple[np.ndarray, np.ndarray, int]:
    """Let customers be where those were that became part of them; return the pairs, and how many are in for that only."""
    import numpy as np

    none = np.empty(0, dtype="S16")
    if not len(gone):
        return none, none, 0
    became = {bytes(old): bytes(into) for old, into in run(_BECAME, [uuids_from(gone)])}
    pairs = [
        (old, became[old]) for one, is_in in zip(gone, inside, strict=True) if is_in and (old := one.ljust(16, b"\0")) in became
    ]
    if not pairs:
        return none, none, 0
    olds, intos = (np.array(side, dtype="S16") for side in zip(*pairs, strict=True))
    at, _ = places(everybody, np.unique(intos))
    new = int((~was[at]).sum())
    was[at] = True
    return olds, intos, new


def _known(audiences: Sequence[int], ids: np.ndarray | None) -> dict[int, Known]:
    import numpy as np

    empty = np.empty(0, dtype="S16")
    rows = run(
        _KNOWN, [bigints_from(np.array(audiences, dtype=np.int64)), ids is None, uuids_from(empty if ids is None else ids)]
    )
    return {
        audience: Known(
            ids=np.frombuffer(bytes(who), dtype="S16"),
            inside=np.frombuffer(bytes(inside), dtype="u1") == 1,
            due=np.frombuffer(bytes(due), dtype=">i8").astype(np.int64),
        )
        for audience, who, inside, due in rows
    }


def _nothing() -> Known:
    import numpy as np

    return Known(ids=np.empty(0, dtype="S16"), inside=np.empty(0, dtype=bool), due=np.empty(0, dtype=np.int64))


def _write(audience: Audience, ids: np.ndarray, inside: np.ndarray, due: np.ndarray, now: int) -> None:
    if len(ids):
        run(_WRITE, [audience.pk, now, uuids_from(ids), bigints_from(inside), bigints_from(due)])


def note_change(audience: Audience, size: int, counts: tuple[int, int], now: int) -> None:
    """Let an audience have another size, of which (entered, left) is news."""
    audience.size, audience.changed_at = size, now
    Audience.objects.filter(pk=audience.pk).update(size=size, changed_at=now)
    note_size(audience.pk, size, counts, now)


def note_size(audience_id: int, size: int, counts: tuple[int, int], now: int) -> None:
    """Write down an audience's size in this hour, with how many entered and left."""
    hour = now // HOUR * HOUR
    run(_SIZE, [audience_id, hour, size, *counts])
