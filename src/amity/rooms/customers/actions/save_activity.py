"""Write activity and marks of a batch."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from amity.engines.present.bulk import Column, bigints, booleans, texts, uuids
from amity.rooms.customers.actions.cursor import fetch, send
from amity.rooms.customers.rules.activity import Activity
from amity.rooms.customers.rules.consent import storable
from amity.rooms.customers.rules.sequence import NO_CAMPAIGN, Campaign

_encoder = msgspec.json.Encoder()
_COLUMNS = """
    customer_id, workspace_id, merged, seen_minute, first_seen, last_seen, interactions, channels, "values", consent,
    last_key, last_name, session_id, session_start, session_campaign, country, country_time
"""
_SET = f"""
    unnest(
        %b::uuid[], %b::bigint[], %b::boolean[], %b::bigint[], %b::bigint[], %b::bigint[], %b::bigint[], %b::text[], %b::text[],
        %b::text[], %b::uuid[], %b::text[], %b::uuid[], %b::bigint[], %b::text[], %b::text[],
        %b::bigint[]
    ) AS n ({_COLUMNS})
"""
_INSERT = f"""
    INSERT INTO customers_activity ({_COLUMNS}, moved_at)
    SELECT customer_id, workspace_id, merged, seen_minute, first_seen, last_seen, interactions, channels::jsonb, "values"::jsonb,
        consent::jsonb, last_key, last_name, session_id, session_start, session_campaign, country, country_time, now()
    FROM {_SET}
"""  # noqa: S608
_UPDATE = f"""
    UPDATE customers_activity a
    SET merged = n.merged, seen_minute = n.seen_minute, first_seen = n.first_seen, last_seen = n.last_seen,
        interactions = n.interactions, channels = n.channels::jsonb, "values" = n."values"::jsonb, consent = n.consent::jsonb,
        last_key = n.last_key, last_name = n.last_name, session_id = n.session_id, session_start = n.session_start,
        session_campaign = n.session_campaign, country = n.country, country_time = n.country_time, moved_at = greatest(a.moved_at, now())
    FROM {_SET} WHERE a.customer_id = n.customer_id
"""  # noqa: S608
_UNMARK = "DELETE FROM customers_mark WHERE customer_id = ANY(%b::uuid[]) RETURNING customer_id, since, recount"
_MARK = """
    INSERT INTO customers_mark (customer_id, workspace_id, since, recount, marked_at)
    SELECT customer, workspace, since, recount, now()
    FROM unnest(%b::uuid[], %b::bigint[], %b::bigint[], %b::boolean[]) AS n (customer, workspace, since, recount)
    ORDER BY customer
    ON CONFLICT (customer_id) DO UPDATE
    SET since = least(customers_mark.since, excluded.since), recount = customers_mark.recount OR excluded.recount,
        marked_at = excluded.marked_at
"""


def save_activity(activity: Mapping[UUID, Activity], *, merged: Mapping[UUID, UUID]) -> None:
    """Write the activity of every customer of the batch; those in `merged` became part of the customer that they map to."""
    made = [one for one in activity.values() if one.new]
    known = [one for one in activity.values() if not one.new]
    if made:
        send(_INSERT, _columns(made, merged))
    if known:
        send(_UPDATE, _columns(known, merged))
    _save_marks(activity, merged)


def _save_marks(activity: Mapping[UUID, Activity], merged: Mapping[UUID, UUID]) -> None:
    old = [one for one in merged if not activity[one].new]
    if old:
        for customer, since, recount in fetch(_UNMARK, [uuids(old)]):
            into = activity[merged[customer]]
            into.mark(since)
            into.recount |= recount
    marked = [one for one in activity.values() if one.since is not None and one.customer not in merged]
    if marked:
        send(
            _MARK,
            [
                uuids(one.customer for one in marked),
                bigints(one.workspace for one in marked),
                bigints(one.since for one in marked),
                booleans(one.recount for one in marked),
            ],
        )


def _columns(rows: Sequence[Activity], merged: Collection[UUID]) -> list[Column]:
    standing = [one.standing for one in rows]
    return [
        uuids(one.customer for one in rows),
        bigints(one.workspace for one in rows),
        booleans(one.customer in merged for one in rows),
        bigints(one.seen_minute for one in rows),
        bigints(one.first_seen for one in rows),
        bigints(one.last_seen for one in rows),
        bigints(one.interactions for one in rows),
        texts(_json(one.channels) for one in rows),
        texts(_json(one.values) for one in rows),  # msgspec writes decimals as text
        texts(_json(storable(one.consent)) for one in rows),
        uuids(s.key if s else None for s in standing),
        texts(s.name if s else "" for s in standing),
        uuids(s.session_id if s else None for s in standing),
        bigints(s.session_start if s else 0 for s in standing),
        texts(campaign_text(s.campaign) if s else "" for s in standing),
        texts(one.country for one in rows),
        bigints(one.country_time for one in rows),
    ]


def _json(value: Any) -> str:
    if not value:
        return "{}"
    return _encoder.encode(value).decode()


def campaign_text(campaign: Campaign) -> str:
    """Return a campaign as its column holds it, empty for none."""
    return "" if campaign == NO_CAMPAIGN else json.dumps(campaign)
