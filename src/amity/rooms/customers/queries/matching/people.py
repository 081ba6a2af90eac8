"""Who is compared, and by what: the live customers of a workspace of whom something tells, without those who object."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from amity.rooms.customers.queries.permission import permitting
from amity.rooms.customers.queries.rows import fetch
from amity.rooms.customers.rules.matching.records import TRAITS, Record, record_from

PURPOSE = "matching"
_AT_ONCE = 2_000
_FIRST = UUID(int=0)
# What a limit left out is the customer's nonetheless: the second account on one browser, or with one address.
_LINE = """json_build_object(
    'id', c.id,
    'traits', (SELECT coalesce(json_object_agg(e.key, e.value), '{{}}') FROM jsonb_each(c.traits) e WHERE e.key = ANY(%(traits)s)),
    'identifiers', (
        SELECT coalesce(json_agg(json_build_array(n.kind, n.value)), '[]') FROM (
            SELECT i.kind, i.value FROM customers_identifier i WHERE i.customer_id = c.id
            UNION ALL
            SELECT r.kind, r.value FROM customers_refusal r
            WHERE r.reason = 'limit' AND r.customer_id IN (
                SELECT c.id UNION ALL SELECT m.id FROM customers_customer m WHERE m.merged_into = c.id
            )
        ) n WHERE n.kind <> 'user_id'
    )
)::text"""
_PEOPLE = f"""
    SELECT c.id, {_LINE} FROM customers_customer c JOIN customers_activity a ON a.customer_id = c.id
    WHERE c.workspace_id = %(workspace)s AND c.id > %(after)s AND c.merged_into IS NULL AND (
        c.traits ?| %(traits)s
        OR EXISTS (SELECT FROM customers_identifier i WHERE i.customer_id = c.id AND i.kind = ANY(%(telling)s))
    ) AND {{allowed}}
    ORDER BY c.id LIMIT %(limit)s
"""  # noqa: S608  our own text
_SOME = f"SELECT c.id, {_LINE} FROM customers_customer c WHERE c.workspace_id = %(workspace)s AND c.id = ANY(%(ids)s)".replace(  # noqa: S608
    "{{}}", "{}"
)


def list_people(*, workspace_id: int) -> Iterator[list[str]]:
    """Give everybody who is to be compared, in the order of their ids, a few thousand at once: a line of JSON each.

    A line holds the traits and identifiers that customers are compared by, and nothing else; `record_from` reads it. They are
    made by PostgreSQL, so that the worker has next to nothing to do with them.
    """
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
        yield [line for _, line in rows]


def records_of(*, workspace_id: int, customer_ids: Iterable[UUID]) -> dict[UUID, Record]:
    """Return what some customers are compared by."""
    rows = fetch(_SOME, {"workspace": workspace_id, "ids": list(set(customer_ids)), "traits": list(TRAITS)})
    return {id_: record_from(line) for id_, line in rows}
