"""Who is to be at a destination, and what is told of them: members who allow the purpose at this moment."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from amity.kernel.sealed import is_sealed
from amity.rooms.customers.models import Customer, SentMember, Subscription
from amity.rooms.customers.queries.permission import permitting
from amity.rooms.customers.queries.rows import fetch, identifiers_of
from amity.rooms.customers.rules.sync.payload import Told

AT_ONCE = 2_000
_WANTED = """
    SELECT m.customer_id FROM customers_member m
    JOIN customers_customer c ON c.id = m.customer_id JOIN customers_activity a ON a.customer_id = c.id
    WHERE m.audience_id = %(audience)s AND m.inside AND m.customer_id = ANY(%(ids)s) AND c.workspace_id = %(workspace)s
        AND NOT a.merged AND {allowed}
"""
# In the order of ids, which never changes: whoever enters or leaves meanwhile is noted besides.
_NEXT = """
    SELECT customer_id FROM (
        (SELECT customer_id FROM customers_member WHERE audience_id = %(audience)s AND inside AND customer_id > %(after)s
         ORDER BY customer_id LIMIT %(limit)s)
        UNION
        (SELECT customer_id FROM customers_sent_member WHERE subscription_id = %(subscription)s AND customer_id > %(after)s
         ORDER BY customer_id LIMIT %(limit)s)
    ) AS either ORDER BY customer_id LIMIT %(limit)s
"""


def wanted(one: Subscription, ids: Iterable[UUID]) -> set[UUID]:
    """Return those of the customers who are to be at the destination now."""
    if one.ended_at is not None:
        return set()
    workspace = one.destination.workspace_id
    condition = permitting(workspace_id=workspace, purpose=one.purpose)
    asked = {**condition.params, "audience": one.audience_id, "ids": list(ids), "workspace": workspace}
    return {who for (who,) in fetch(_WANTED.format(allowed=condition.sql), asked)}


def to_compare(one: Subscription, after: UUID, *, limit: int = AT_ONCE) -> list[UUID]:
    """Return the next customers of a full comparison: who is in the audience, or at the destination."""
    asked = {"audience": one.audience_id, "subscription": one.pk, "after": after, "limit": limit}
    return [who for (who,) in fetch(_NEXT, asked)]


def told_of(one: Subscription, ids: Iterable[UUID]) -> dict[UUID, Told]:
    """Return what is told of customers: of their identifiers and traits those that were chosen; never what is kept sealed."""
    asked = list(ids)
    kinds, names = set(one.identifiers), list(one.traits)
    known = identifiers_of(one.destination.workspace_id, asked) if kinds else {}
    traits = dict(Customer.objects.filter(id__in=asked).values_list("id", "traits")) if names else {}
    found = {}
    for who in asked:
        identifiers: dict[str, list[str]] = {}
        for kind, value in sorted(known.get(who, ())):
            if kind in kinds:
                identifiers.setdefault(kind, []).append(value)
        has = traits.get(who, {})
        plain = {name: has[name] for name in names if name in has and not is_sealed(has[name])}
        found[who] = Told(customer_id=who, identifiers=identifiers, traits=plain)
    return found


def everybody(one: Subscription) -> Iterator[list[Told]]:
    """Yield all who are to be at the destination, a stretch at a time, in the order of ids."""
    after = UUID(int=0)
    while True:
        sent = SentMember.objects.filter(subscription=one, customer_id__gt=after).order_by("customer_id")
        ids = list(sent.values_list("customer_id", flat=True)[:AT_ONCE])
        allowed = wanted(one, ids) if ids else set()
        told = told_of(one, sorted(allowed))
        yield [told[who] for who in sorted(allowed)]
        if len(ids) < AT_ONCE:
            return
        after = ids[-1]
