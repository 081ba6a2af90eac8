"""Make kept values what an evaluation found: rows, in the caller's transaction. What didn't change isn't written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from amity.engines.present.bulk import bigints_from, run, texts, uuids_from
from amity.rooms.customers.models import ComputedTrait
from amity.rooms.customers.queries.audiences.evaluate import Evaluated
from amity.rooms.customers.rules.audiences.algebra import NEVER, places
from amity.rooms.customers.rules.computed.columns import Column, objects

_KNOWN = """
    SELECT string_agg(uuid_send(customer_id), '' ORDER BY customer_id), array_agg(value::text ORDER BY customer_id),
        string_agg(int8send(coalesce(due, 9223372036854775807)), '' ORDER BY customer_id)
    FROM customers_computed_value WHERE trait_id = %b AND (%b OR customer_id = ANY(%b::uuid[]))
"""
_WRITE = """
    INSERT INTO customers_computed_value (trait_id, customer_id, value, number, since, due)
    SELECT %b, n.customer, n.value::jsonb, CASE WHEN jsonb_typeof(n.value::jsonb) = 'number' THEN n.value::float8 END, %b,
        nullif(n.due, 9223372036854775807)
    FROM unnest(%b::uuid[], %b::text[], %b::bigint[]) AS n (customer, value, due)
    ON CONFLICT (customer_id, trait_id) DO UPDATE SET value = excluded.value, number = excluded.number, due = excluded.due,
        since = CASE WHEN customers_computed_value.value IS NOT DISTINCT FROM excluded.value THEN customers_computed_value.since
            ELSE excluded.since END
"""
_DELETE = "DELETE FROM customers_computed_value WHERE trait_id = %b AND customer_id = ANY(%b::uuid[])"
_encoder = msgspec.json.Encoder()


def settle_values(traits: Sequence[ComputedTrait], done: Evaluated) -> dict[int, int]:
    """Store each trait's values of those who were looked at, and return how many changed."""
    return {one.pk: _settle(one, done.columns[one.pk], done) for one in traits}


def _settle(trait: ComputedTrait, column: Column, done: Evaluated) -> int:
    import numpy as np

    everybody = done.everybody
    ids = np.empty(0, dtype="S16") if done.ids is None else np.array([one.bytes for one in done.ids], dtype="S16")
    [(who, held, dues)] = run(_KNOWN, [trait.pk, done.ids is None, uuids_from(ids)])
    known = np.frombuffer(bytes(who or b""), dtype="S16")
    at, there = places(everybody, known)
    was, had = np.full(len(everybody), None, dtype=object), np.full(len(everybody), NEVER, dtype=np.int64)
    stored = np.zeros(len(everybody), dtype=bool)
    for place, text in zip(at.tolist(), (text for text, stays in zip(held or (), there, strict=True) if stays), strict=True):
        was[place] = None if text is None else msgspec.json.decode(text)
    had[at] = np.frombuffer(bytes(dues or b""), dtype=">i8").astype(np.int64)[there]
    stored[at] = True
    now = objects(column)
    changed = np.array([not _same(one, other) for one, other in zip(was, now, strict=True)], dtype=bool)
    found_due = np.full(len(everybody), NEVER, dtype=np.int64) if column.due is None else column.due
    # A due that is still to come and not too late stays, though a later one may have been earned: it is looked at again then.
    due = np.where((had > done.now) & (had <= found_due), had, found_due)
    some = np.array([one is not None for one in now], dtype=bool)
    needed = some | (due != NEVER)
    written = needed & (changed | (due != had) | ~stored)
    if written.any():
        told = [None if one is None else _encoder.encode(one).decode() for one in now[written]]
        run(_WRITE, [trait.pk, done.now, uuids_from(everybody[written]), texts(told), bigints_from(due[written])])
    removed = np.concatenate([known[~there], everybody[stored & ~needed]])
    if len(removed):
        run(_DELETE, [trait.pk, uuids_from(removed)])
    number = int(changed.sum())
    gone = sum(1 for text, stays in zip(held or (), there, strict=True) if text is not None and not stays)
    size = trait.size + int(some.sum()) - int(sum(1 for one in was if one is not None)) - gone
    if number or size != trait.size:
        trait.size, trait.changed_at = size, done.now
        ComputedTrait.objects.filter(pk=trait.pk).update(size=size, changed_at=done.now)
    return number


def _same(one: Any, other: Any) -> bool:
    """Whether two values are the same as JSON: True isn't 1."""
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)
