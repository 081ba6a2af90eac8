"""Write what a batch decided: a handful of set-based statements, whatever the size of the batch."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from amity.engines.present.bulk import Column, bigints, booleans, texts, uuids
from amity.rooms.customers.actions.cursor import fetch, run, send
from amity.rooms.customers.actions.save_activity import save_activity
from amity.rooms.customers.contracts import Conflict, Incoming, MergedId, Refusal
from amity.rooms.customers.rules.activity import Activity
from amity.rooms.customers.rules.identity import Graph, Joined
from amity.rooms.customers.rules.profile import Profile
from amity.rooms.customers.rules.traits import storable_text

_encoder = msgspec.json.Encoder()
_CUSTOMERS = """
    INSERT INTO customers_customer (id, workspace_id, created_at, traits, origins, words, merged_into)
    SELECT id, workspace, created, traits::jsonb, origins::jsonb, array_to_tsvector(string_to_array(words, ' ')), merged
    FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[], %b::text[], %b::text[], %b::text[], %b::uuid[])
        AS made (id, workspace, created, traits, origins, words, merged)
"""
_PROFILES = """
    UPDATE customers_customer c
    SET traits = n.traits::jsonb, origins = n.origins::jsonb, words = array_to_tsvector(string_to_array(n.words, ' '))
    FROM unnest(%b::uuid[], %b::text[], %b::text[], %b::text[]) AS n (id, traits, origins, words) WHERE c.id = n.id
"""
_MERGED = """
    UPDATE customers_customer c SET merged_into = n.into_id, words = NULL
    FROM unnest(%b::uuid[], %b::uuid[]) AS n (old_id, into_id) WHERE c.id = n.old_id
"""
_FLATTEN = """
    UPDATE customers_customer c SET merged_into = n.into_id
    FROM unnest(%b::uuid[], %b::uuid[]) AS n (old_id, into_id) WHERE c.merged_into = n.old_id
    RETURNING c.workspace_id, c.id, c.merged_into
"""
_MOVE = """
    UPDATE customers_identifier i SET customer_id = n.into_id
    FROM unnest(%b::uuid[], %b::uuid[]) AS n (old_id, into_id) WHERE i.customer_id = n.old_id
"""
_ALIASED = """
    UPDATE customers_identifier i SET aliased = true
    FROM unnest(%b::bigint[], %b::text[], %b::text[]) AS n (workspace, value, kind)
    WHERE i.workspace_id = n.workspace AND i.value = n.value AND i.kind = n.kind
"""
_IDENTIFIERS = """
    INSERT INTO customers_identifier (workspace_id, value, kind, customer_id, added_at, source_id, key, aliased)
    SELECT * FROM unnest(
        %b::bigint[], %b::text[], %b::text[], %b::uuid[], %b::bigint[], %b::bigint[], %b::uuid[], %b::boolean[]
    ) ON CONFLICT DO NOTHING
"""
_JOINED = """
    INSERT INTO customers_merge (
        workspace_id, old_id, into_id, rule, time, merged_at, source_id, key, identifiers, moved, kept, person, person_id, reason
    )
    SELECT workspace, old_id, into_id, rule, time, merged_at, source, key, identifiers::jsonb, moved::jsonb, kept::jsonb, person,
        person_id, reason
    FROM unnest(
        %b::bigint[], %b::uuid[], %b::uuid[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::uuid[], %b::text[],
        %b::text[], %b::text[], %b::text[], %b::text[], %b::text[]
    ) WITH ORDINALITY AS n (
        workspace, old_id, into_id, rule, time, merged_at, source, key, identifiers, moved, kept, person, person_id, reason, place
    )
    ORDER BY place
    RETURNING id
"""
_APART = """
    UPDATE customers_apart a SET first_now = coalesce(f.into_id, a.first_now), second_now = coalesce(s.into_id, a.second_now)
    FROM customers_apart same
    LEFT JOIN unnest(%b::uuid[], %b::uuid[]) AS f (old_id, into_id) ON f.old_id = same.first_now
    LEFT JOIN unnest(%b::uuid[], %b::uuid[]) AS s (old_id, into_id) ON s.old_id = same.second_now
    WHERE same.id = a.id AND (a.first_now = ANY(%b::uuid[]) OR a.second_now = ANY(%b::uuid[]))
"""
# The first time only: whoever holds the customer's activity writes its refusals, so no two wait for each other here.
_REFUSED = """
    INSERT INTO customers_refusal (workspace_id, customer_id, kind, value, reason, time, received_at, source_id, key)
    SELECT * FROM unnest(
        %b::bigint[], %b::uuid[], %b::text[], %b::text[], %b::text[], %b::bigint[], %b::bigint[], %b::bigint[], %b::uuid[]
    ) ON CONFLICT DO NOTHING
"""


Kept = Mapping[tuple[UUID, UUID], Mapping[str, Any]]
LeftOut = Mapping[tuple[UUID, Refusal], Incoming]


def save(  # noqa: PLR0913  all that a batch decided
    *,
    graph: Graph,
    activity: Mapping[UUID, Activity],
    profile: Mapping[UUID, Profile],
    spoken: set[UUID],
    joined: Sequence[Joined],
    kept: Kept,
    left_out: LeftOut,
) -> list[MergedId]:
    """Write all of it and return which ids moved, older merges included. Raises Conflict if another worker was first."""
    _save_identifiers(graph)
    _save_profiles(graph, profile, spoken)
    moved = _save_merges(graph, profile, joined, kept) if joined else []
    if left_out:
        save_refusals(left_out)
    save_activity(activity, merged={old: graph.current(old) for old in graph.root})
    return moved


def _save_profiles(graph: Graph, profiles: Mapping[UUID, Profile], spoken: set[UUID]) -> None:
    made = [p for p in profiles.values() if p.new]
    if made:
        ids = [p.customer for p in made]
        merged = [graph.current(one) if one in graph.root else None for one in ids]
        send(
            _CUSTOMERS,
            [
                uuids(ids),
                bigints(p.workspace for p in made),
                bigints(p.created_at for p in made),
                *_texts(graph, made),
                uuids(merged),
            ],
        )
    changed = [p for p in profiles.values() if not p.new and (p.changed or p.customer in spoken)]
    if changed:
        send(_PROFILES, [uuids(p.customer for p in changed), *_texts(graph, changed)])


def _texts(graph: Graph, some: Sequence[Profile]) -> list[Column]:
    words = [None if p.customer in graph.root else p.words(graph.members.get(p.customer, {})) for p in some]
    return [texts(encode_json(p.traits) for p in some), texts(encode_json(p.origins) for p in some), texts(words)]


def encode_json(value: dict[str, Any]) -> str:
    """Return a value as JSON text; numbers may be of any size."""
    try:
        return _encoder.encode(value).decode()
    except OverflowError:  # a number beyond 64 bits, which PostgreSQL does hold
        return json.dumps(value)


def _save_identifiers(graph: Graph) -> None:
    if graph.aliased:
        flagged = [place for place in sorted(graph.aliased) if place not in graph.added]
        if flagged:
            run(
                _ALIASED, [bigints(p.workspace for p in flagged), texts(p.value for p in flagged), texts(p.kind for p in flagged)]
            )
    if not graph.added:
        return
    # Two workers that add the same identifiers do so in the same order, so one waits for the other instead of both.
    places = sorted(graph.added, key=lambda p: (p.workspace, p.value, p.kind))
    causes = [graph.added[p] for p in places]
    columns = [
        bigints(p.workspace for p in places),
        texts(p.value for p in places),
        texts(p.kind for p in places),
        uuids(graph.owner[p] for p in places),
        bigints(cause.received_at for cause in causes),
        bigints(cause.source for cause in causes),
        uuids(cause.key for cause in causes),
        booleans(graph.members[graph.owner[p]][p] for p in places),
    ]
    if run(_IDENTIFIERS, columns).rowcount != len(places):
        raise Conflict("Another worker learned the same identifier at the same time; the batch is to be worked again.")


def save_refusals(left_out: LeftOut) -> None:
    """Remember identifiers that customers' interactions carried and that were left out."""
    said = [(customer, refusal, one) for (customer, refusal), one in left_out.items()]
    send(
        _REFUSED,
        [
            bigints(one.workspace for _, _, one in said),
            uuids(customer for customer, _, _ in said),
            texts(refusal.kind for _, refusal, _ in said),
            texts(storable_text(refusal.value) for _, refusal, _ in said),
            texts(refusal.reason for _, refusal, _ in said),
            bigints(one.time for _, _, one in said),
            bigints(one.received_at for _, _, one in said),
            bigints(one.source for _, _, one in said),
            uuids(one.key for _, _, one in said),
        ],
    )


def flatten(pairs: Sequence[tuple[UUID, UUID]]) -> list[tuple[int, UUID, UUID]]:
    """Let identifiers and all older merges of customers lead to those that they became part of.

    Returns (workspace, id, customer) for what had been merged into them before.
    """
    columns = [uuids(old for old, _ in pairs), uuids(into for _, into in pairs)]
    run(_MOVE, columns)
    moved = [(workspace, old, into) for workspace, old, into in fetch(_FLATTEN, columns)]
    run(_MERGED, columns)
    run(_APART, [*columns, *columns, columns[0], columns[0]])
    return moved


def _save_merges(graph: Graph, profile: Mapping[UUID, Profile], joined: Sequence[Joined], kept: Kept) -> list[MergedId]:
    known = [old for old in graph.root if not profile[old].new]
    moved = flatten([(old, graph.current(old)) for old in known]) if known else []
    moved += [(one.workspace, one.old, graph.current(one.old)) for one in joined]
    # Ids of merges are drawn while the customers are locked, so a later merge of the same customer has a higher one.
    version = max(save_joined(joined, kept))
    return [MergedId(workspace, old, into, version) for workspace, old, into in moved]


def save_joined(joined: Sequence[Joined], kept: Kept) -> list[int]:
    """Write merges into the ledger and return their ids."""
    columns = [
        bigints(one.workspace for one in joined),
        uuids(one.old for one in joined),
        uuids(one.into for one in joined),
        texts(one.rule for one in joined),
        bigints(one.cause.time for one in joined),
        bigints(one.cause.received_at for one in joined),
        bigints(one.cause.source for one in joined),
        uuids(one.cause.key for one in joined),
        texts(json.dumps([[kind, value, owner and str(owner)] for kind, value, owner in one.seen]) for one in joined),
        texts(json.dumps(one.moved) for one in joined),
        texts(encode_json(dict(kept.get((one.old, one.into), {}))) for one in joined),
        texts(one.by.person if one.by else "" for one in joined),
        texts(one.by.person_id if one.by else "" for one in joined),
        texts(one.by.reason if one.by else "" for one in joined),
    ]
    return [row[0] for row in fetch(_JOINED, columns)]
