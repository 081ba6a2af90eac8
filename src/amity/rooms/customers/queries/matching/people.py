"""Who is compared, and by what: the live customers of a workspace of whom something tells, without those who object."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from uuid import UUID

from amity.rooms.customers.queries.permission import permitting
from amity.rooms.customers.queries.rows import fetch
from amity.rooms.customers.rules.matching.records import TRAITS, Record, record_of

PURPOSE = "matching"
_AT_ONCE = 5_000
_FIRST = UUID(int=0)
_PEOPLE = """
    SELECT c.id, c.traits::text FROM customers_customer c JOIN customers_activity a ON a.customer_id = c.id
    WHERE c.workspace_id = %(workspace)s AND c.id > %(after)s AND c.merged_into IS NULL AND (
        c.traits ?| %(traits)s
        OR EXISTS (SELECT FROM customers_identifier i WHERE i.customer_id = c.id AND i.kind = ANY(%(telling)s))
    ) AND {allowed}
    ORDER BY c.id LIMIT %(limit)s
"""
# What a limit left out is the customer's nonetheless: the second account on one browser, or with one address.
_IDENTIFIERS = """
    SELECT i.customer_id, i.kind, i.value FROM customers_identifier i
    WHERE i.workspace_id = %(workspace)s AND i.customer_id = ANY(%(ids)s) AND i.kind <> 'user_id'
    UNION ALL
    SELECT r.customer_id, r.kind, r.value FROM customers_refusal r
    WHERE r.workspace_id = %(workspace)s AND r.customer_id = ANY(%(ids)s) AND r.reason = 'limit' AND r.kind <> 'user_id'
    UNION ALL
    SELECT m.merged_into, r.kind, r.value FROM customers_refusal r JOIN customers_customer m ON m.id = r.customer_id
    WHERE r.workspace_id = %(workspace)s AND m.merged_into = ANY(%(ids)s) AND r.reason = 'limit' AND r.kind <> 'user_id'
"""
_SOME = "SELECT id, traits::text FROM customers_customer WHERE workspace_id = %(workspace)s AND id = ANY(%(ids)s)"


def list_records(*, workspace_id: int) -> Iterator[list[Record]]:
    """Give everybody who is to be compared, a few thousand at once, in the order of their ids."""
    allowed = permitting(workspace_id=workspace_id, purpose=PURPOSE)
    sql = _PEOPLE.format(allowed=allowed.sql)
    given = {
        **allowed.params,
        "workspace": workspace_id,
        "traits": list(TRAITS),
        "telling": ["email", "phone"],
        "limit": _AT_ONCE,
    }
    after = _FIRST
    while rows := fetch(sql, {**given, "after": after}):
        after = rows[-1][0]
        yield [one for one in _records(workspace_id, rows) if one.tells]


def records_of(*, workspace_id: int, customer_ids: Iterable[UUID]) -> dict[UUID, Record]:
    """Return what some customers are compared by."""
    ids = list(set(customer_ids))
    return {UUID(one.id): one for one in _records(workspace_id, fetch(_SOME, {"workspace": workspace_id, "ids": ids}))}


def _records(workspace_id: int, rows: list[tuple[UUID, str]]) -> list[Record]:
    known: dict[UUID, list[tuple[str, str]]] = {}
    for customer, kind, value in fetch(_IDENTIFIERS, {"workspace": workspace_id, "ids": [row[0] for row in rows]}):
        known.setdefault(customer, []).append((kind, value))
    return [record_of(customer_id=id_, traits=json.loads(traits), identifiers=known.get(id_, ())) for id_, traits in rows]
