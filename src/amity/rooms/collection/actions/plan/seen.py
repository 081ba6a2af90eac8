"""Count what flowed: interactions, who sends them, their properties by type. In the batch's own transaction, so exactly once.

The number of rows is bounded whatever is sent: the first 2,000 interactions of a workspace, the first 200 properties and the
first 100 senders of an interaction have rows of their own; the rest is counted together, as `*`.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from amity.engines.present.bulk import bigints, run, send, texts
from amity.kernel.clock import HOUR, from_ms
from amity.rooms.collection.rules.plan.shapes import LONGEST_NAME, TYPES, types_of

MOST_INTERACTIONS, MOST_SENDERS, MOST_PROPERTIES = 2_000, 100, 200
REST = "*"
OTHER = "other"
_LOCK = 0x504C414E  # PLAN
_MOST_KNOWN = 50_000
_known: dict[str, set[tuple[Any, ...]]] = defaultdict(set)  # that have rows, or had when a transaction was rolled back
Named = tuple[int, str, str]  # workspace, kind, name

_UPSERT_INTERACTIONS = """
INSERT INTO collection_seen_interaction AS held (workspace_id, kind, name, first_seen, last_seen, accepted, turned)
SELECT * FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[], %b::bigint[], %b::bigint[])
ON CONFLICT (workspace_id, kind, name) DO UPDATE
SET accepted = held.accepted + excluded.accepted, turned = held.turned + excluded.turned,
    first_seen = least(held.first_seen, excluded.first_seen), last_seen = greatest(held.last_seen, excluded.last_seen)
RETURNING workspace_id, kind, name, id
"""
_UPSERT_HOURS = """
INSERT INTO collection_seen_hour AS held (interaction_id, source_id, hour, accepted, turned)
SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::timestamptz[], %b::bigint[], %b::bigint[])
ON CONFLICT (interaction_id, source_id, hour) DO UPDATE
SET accepted = held.accepted + excluded.accepted, turned = held.turned + excluded.turned
"""
_UPSERT_SENDERS = """
INSERT INTO collection_seen_sender AS held (interaction_id, source_id, channel, library, first_seen, last_seen, count)
SELECT * FROM unnest(%b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[], %b::bigint[])
ON CONFLICT (interaction_id, source_id, channel, library) DO UPDATE
SET count = held.count + excluded.count,
    first_seen = least(held.first_seen, excluded.first_seen), last_seen = greatest(held.last_seen, excluded.last_seen)
"""
_UPSERT_PROPERTIES = """
INSERT INTO collection_seen_property AS held
    (interaction_id, place, name, first_seen, last_seen, string, integer, number, boolean, object, "array", "null")
SELECT * FROM unnest(%b::bigint[], %b::text[], %b::text[], %b::timestamptz[], %b::timestamptz[], %b::bigint[], %b::bigint[],
    %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[])
ON CONFLICT (interaction_id, place, name) DO UPDATE
SET string = held.string + excluded.string, integer = held.integer + excluded.integer, number = held.number + excluded.number,
    boolean = held.boolean + excluded.boolean, object = held.object + excluded.object,
    "array" = held."array" + excluded."array", "null" = held."null" + excluded."null",
    first_seen = least(held.first_seen, excluded.first_seen), last_seen = greatest(held.last_seen, excluded.last_seen)
"""


def count_shapes(tally: Mapping[tuple[Any, ...], Sequence[int]]) -> None:
    """Add what a batch brought: (workspace, source, kind, name, channel, library, hour, turned away, shape) to (count, first, last).

    Every worker takes rows in one order, so that two wait for each other but never in a circle.
    """
    named = admit_interactions({(key[0], key[2], key[3][:LONGEST_NAME]) for key in tally})
    interactions: dict[Named, list[int]] = {}
    for key, held in tally.items():
        _add(interactions, named[key[0], key[2], key[3][:LONGEST_NAME]], held, key[7])
    ids = _upsert_interactions(interactions)
    hours: dict[tuple[int, ...], list[int]] = {}
    senders: dict[tuple[Any, ...], list[int]] = {}
    properties: dict[tuple[Any, ...], list[int]] = {}
    for (workspace, source, kind, name, channel, library, hour, turned, shape), held in tally.items():
        one = ids[named[workspace, kind, name[:LONGEST_NAME]]]
        _add(hours, (one, source, hour), held, turned)
        _add(senders, (one, source, channel[:40], library), held, turned)
        for place, field, type_name in types_of(shape):
            _add(properties, (one, place, field, type_name), held, turned)
    _upsert_hours(hours)
    _upsert_senders(senders)
    _upsert_properties(properties)


def admit_interactions(wanted: set[Named]) -> dict[Named, Named]:
    """Return under which row each interaction is counted: its own, or the workspace's one for the rest."""
    known = _known["interactions"]
    fresh = sorted(wanted - known)
    if not fresh:
        return {one: one for one in wanted}
    held = set(
        run(
            """
            SELECT workspace_id, kind, name FROM collection_seen_interaction
            JOIN unnest(%b::bigint[], %b::text[], %b::text[]) AS asked (w, k, n) ON workspace_id = w AND kind = k AND name = n
            """,
            [bigints(w for w, _, _ in fresh), texts(k for _, k, _ in fresh), texts(n for _, _, n in fresh)],
        )
    )
    refused: set[Named] = set()
    for workspace in sorted({one[0] for one in fresh if one not in held}):
        run("SELECT pg_advisory_xact_lock(%b::int, hashint8(%b))", [_LOCK, workspace])
        [[count]] = run("SELECT count(*) FROM collection_seen_interaction WHERE workspace_id = %b", [workspace])
        new = [one for one in fresh if one[0] == workspace and one not in held]
        room = max(MOST_INTERACTIONS - count, 0)
        held.update(new[:room])
        refused.update(new[room:])
    _remember("interactions", held)
    return {one: (one[0], OTHER, "") if one in refused else one for one in wanted}


def admit(table: str, rows: Iterable[tuple[Any, ...]], *, columns: Sequence[str], most: int) -> set[tuple[Any, ...]]:
    """Return which of the rows, which begin with an interaction's id, find no room beside those that the table holds of it."""
    known = _known[table]
    fresh: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for row in sorted(row for row in rows if row not in known):
        fresh[row[0]].append(row)
    if not fresh:
        return set()
    named = ", ".join(columns)
    held: dict[int, set[tuple[Any, ...]]] = defaultdict(set)
    asked = f"SELECT {named} FROM {table} WHERE interaction_id = ANY(%b::bigint[])"  # noqa: S608  names of ours
    for row in run(asked, [bigints(fresh)]):
        held[row[0]].add(row)
    refused: set[tuple[Any, ...]] = set()
    for one, new in fresh.items():
        added = [row for row in new if row not in held[one]]
        room = max(most - len(held[one]), 0)
        refused.update(added[room:])
        _remember(table, (row for row in new if row not in refused))
    return refused


def _remember(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    known = _known[table]
    if len(known) >= _MOST_KNOWN:
        known.clear()
    known.update(rows)


def _add(into: dict[Any, list[int]], key: Any, held: Sequence[int], turned: bool) -> None:  # noqa: FBT001
    count, first, last = held
    one = into.setdefault(key, [0, 0, first, last])
    one[turned] += count
    one[2], one[3] = min(one[2], first), max(one[3], last)


def _upsert_interactions(rows: dict[Named, list[int]]) -> dict[Named, int]:
    ordered = sorted(rows.items())
    found = run(
        _UPSERT_INTERACTIONS,
        [
            bigints(w for (w, _, _), _ in ordered), texts(k for (_, k, _), _ in ordered), texts(n for (_, _, n), _ in ordered),
            [from_ms(held[2]) for _, held in ordered], [from_ms(held[3]) for _, held in ordered],
            bigints(held[0] for _, held in ordered), bigints(held[1] for _, held in ordered),
        ],
    )  # fmt: skip
    return {(w, k, n): one for w, k, n, one in found}


def _upsert_hours(rows: dict[tuple[int, ...], list[int]]) -> None:
    ordered = sorted(rows.items())
    send(
        _UPSERT_HOURS,
        [
            bigints(one for (one, _, _), _ in ordered), bigints(source for (_, source, _), _ in ordered),
            [from_ms(hour * HOUR) for (_, _, hour), _ in ordered],
            bigints(held[0] for _, held in ordered), bigints(held[1] for _, held in ordered),
        ],
    )  # fmt: skip


def _upsert_senders(rows: dict[tuple[Any, ...], list[int]]) -> None:
    columns = ("interaction_id", "source_id", "channel", "library")
    refused = admit("collection_seen_sender", rows, columns=columns, most=MOST_SENDERS)
    merged: dict[tuple[Any, ...], list[int]] = {}
    for row, (accepted, turned, first, last) in rows.items():
        _add(merged, (row[0], 0, REST, REST) if row in refused else row, (accepted + turned, first, last), turned=False)
    ordered = sorted(merged.items())
    send(
        _UPSERT_SENDERS,
        [
            bigints(row[0] for row, _ in ordered), bigints(row[1] for row, _ in ordered), texts(row[2] for row, _ in ordered),
            texts(row[3] for row, _ in ordered), [from_ms(held[2]) for _, held in ordered],
            [from_ms(held[3]) for _, held in ordered], bigints(held[0] for _, held in ordered),
        ],
    )  # fmt: skip


def _upsert_properties(rows: dict[tuple[Any, ...], list[int]]) -> None:
    if not rows:
        return
    columns = ("interaction_id", "place", "name")
    refused = admit("collection_seen_property", {row[:3] for row in rows}, columns=columns, most=MOST_PROPERTIES)
    merged: dict[tuple[Any, ...], tuple[list[int], list[int]]] = {}
    for row, (accepted, turned, first, last) in rows.items():
        key = (row[0], row[1], REST) if row[:3] in refused else row[:3]
        counts, span = merged.setdefault(key, ([0] * len(TYPES), [first, last]))
        counts[TYPES.index(row[3])] += accepted + turned
        span[0], span[1] = min(span[0], first), max(span[1], last)
    ordered = sorted(merged.items())
    send(
        _UPSERT_PROPERTIES,
        [
            bigints(row[0] for row, _ in ordered), texts(row[1] for row, _ in ordered), texts(row[2] for row, _ in ordered),
            [from_ms(span[0]) for _, (_, span) in ordered], [from_ms(span[1]) for _, (_, span) in ordered],
            *(bigints(counts[n] for _, (counts, _) in ordered) for n in range(len(TYPES))),
        ],
    )  # fmt: skip
