"""What placing a batch needs to know, read in a few questions; customers are locked in the order of their ids."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Sequence
from decimal import Decimal
from typing import Any
from uuid import UUID

import msgspec

from amity.engines.present.bulk import bigints, texts, uuids
from amity.rooms.customers.actions.cursor import fetch
from amity.rooms.customers.contracts import Conflict
from amity.rooms.customers.rules.activity import Activity
from amity.rooms.customers.rules.identity import Place
from amity.rooms.customers.rules.profile import Profile
from amity.rooms.customers.rules.sequence import Campaign, Standing

_OWNERS = """
    SELECT i.workspace_id, i.kind, i.value, i.customer_id
    FROM unnest(%b::bigint[], %b::text[], %b::text[]) AS asked (workspace, value, kind)
    JOIN customers_identifier i ON i.workspace_id = asked.workspace AND i.value = asked.value AND i.kind = asked.kind
"""
_NAMED = """
    SELECT workspace_id, id, coalesce(merged_into, id) FROM customers_customer WHERE id = ANY(%b::uuid[])
"""
# No transaction of an unmerge goes on for ten minutes after it wrote `parted_at`.
_LOCK = """
    SELECT customer_id, workspace_id, merged, first_seen, last_seen, last_key, last_name, interactions, channels::text,
        "values"::text, consent::text, session_id, session_start, session_campaign, country, country_time,
        coalesce(parted_at > now() - interval '10 minutes', false)
    FROM customers_activity WHERE customer_id = ANY(%b::uuid[]) ORDER BY customer_id FOR NO KEY UPDATE
"""
_MEMBERS = """
    SELECT customer_id, workspace_id, kind, value, aliased FROM customers_identifier WHERE customer_id = ANY(%b::uuid[])
"""
_APART = """
    SELECT first_now, second_now FROM customers_apart WHERE first_now = ANY(%b::uuid[]) OR second_now = ANY(%b::uuid[])
"""
_PROFILES = "SELECT id, workspace_id, created_at, traits::text, origins::text FROM customers_customer WHERE id = ANY(%b::uuid[])"


def owners_of(places: Collection[Place]) -> dict[Place, UUID]:
    """Return the customers that identifiers belong to, as far as they are known."""
    if not places:
        return {}
    columns = [bigints(p.workspace for p in places), texts(p.value for p in places), texts(p.kind for p in places)]
    same: dict[int, UUID] = {}  # one object for each customer: that two are the same is then seen at a glance
    return {Place(w, kind, value): same.setdefault(who.int, who) for w, kind, value, who in fetch(_OWNERS, columns)}


def who_is(ids: Collection[UUID]) -> dict[tuple[int, UUID], UUID]:
    """Return who customers are now, by workspace and the id that was asked for; unknown ones are left out."""
    if not ids:
        return {}
    return {(workspace, asked): current for workspace, asked, current in fetch(_NAMED, [uuids(ids)])}


def lock(customers: Iterable[UUID]) -> dict[UUID, Activity]:
    """Lock customers until the transaction ends and return their activity.

    Raises Conflict if one of them was merged or erased between the look at its identifiers and now.
    """
    wanted = list(set(customers))
    if not wanted:
        return {}
    rows = fetch(_LOCK, [uuids(wanted)])
    if len(rows) != len(wanted) or any(row[2] for row in rows):
        raise Conflict("A customer was merged or erased meanwhile; the batch is to be worked again.")
    return {row[0]: _activity(row) for row in rows}


def members_of(customers: Iterable[UUID]) -> dict[UUID, dict[Place, bool]]:
    """Return all identifiers of locked customers, with whether each is only an alias."""
    members: dict[UUID, dict[Place, bool]] = {customer: {} for customer in customers}
    if members:
        for customer, workspace, kind, value, aliased in fetch(_MEMBERS, [uuids(members)]):
            members[customer][Place(workspace, kind, value)] = aliased
    return members


def apart_from(customers: Iterable[UUID]) -> dict[UUID, set[UUID]]:
    """Return who is kept apart from locked customers, both ways."""
    wanted = uuids(set(customers))
    found: dict[UUID, set[UUID]] = {}
    for first, second in fetch(_APART, [wanted, wanted]):
        found.setdefault(first, set()).add(second)
        found.setdefault(second, set()).add(first)
    return found


def profiles_of(customers: Iterable[UUID]) -> dict[UUID, Profile]:
    """Return the traits of locked customers."""
    wanted = list(set(customers))
    if not wanted:
        return {}
    return {
        row[0]: Profile(
            workspace=row[1], customer=row[0], created_at=row[2], traits=json.loads(row[3]), origins=json.loads(row[4])
        )
        for row in fetch(_PROFILES, [uuids(wanted)])
    }


def _activity(row: Sequence[Any]) -> Activity:
    customer, workspace, _, first, last, key, name, interactions, channels, values, consent, *rest = row
    session, start, campaign, country, country_time, parted = rest
    return Activity(
        workspace=workspace,
        customer=customer,
        first_seen=first,
        last_seen=last,
        interactions=interactions,
        channels=msgspec.json.decode(channels),
        values={currency: Decimal(amount) for currency, amount in msgspec.json.decode(values).items()},
        consent=msgspec.json.decode(consent),
        standing=None if key is None else Standing(last, key, name, session, start, campaign_from(campaign)),
        parted=parted,
        country=country,
        country_time=country_time,
    )


def campaign_from(text: str) -> Campaign:
    """Read a campaign that `campaign_text` wrote."""
    source, medium, name = json.loads(text) if text else ("", "", "")
    return source, medium, name
