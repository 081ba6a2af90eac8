"""Shape: the row that the past will hold for each interaction."""

from __future__ import annotations

from typing import Any

from amity.engines.past.rows import InteractionRow, money, seconds
from amity.rooms.customers.contracts import NO_SESSION
from amity.workers.batch import Batch, Item


def shape(batch: Batch) -> None:
    """Fill in `row` of each item. Drops nothing."""
    projected_at = seconds(batch.started_at)
    for item in batch.live:
        item.row = row_of(item, projected_at)


def row_of(item: Item, projected_at: float) -> InteractionRow:
    """Return the past's row of a placed item. `projected_at` is in seconds, as the row has it."""
    one, told, at = item.interaction, item.described, item.placement
    if told is None or at is None or at.customer_id is None:
        raise ValueError("describe and place come before shape")
    # By position, in the order of its fields: see there.
    return InteractionRow(
        one.workspace,
        at.customer_id,
        seconds(one.time),
        item.key,
        one.message_id,
        one.kind,
        one.source,
        seconds(one.received_at),
        projected_at,
        item.seq,
        item.index,
        one.name,
        told.channel,
        told.touchpoint,
        told.voice,
        one.dialect,
        None if at.session_id is NO_SESSION else at.session_id,
        at.session_start,
        at.previous_name,
        at.previous_key,
        None if at.previous_time is None else seconds(at.previous_time),
        None if at.value is None else money(at.value),
        at.currency,
        one.user_id or "",
        one.anonymous_id or "",
        group_of(item),
        told.url,
        told.path,
        told.referrer,
        told.campaign_source,
        told.campaign_medium,
        told.campaign_name,
        told.browser,
        told.os,
        told.device,
        told.country,
        one.ip,
        one.gpc,
        at.consent,
        one.flags + item.flags if item.flags else one.flags,
        item.raw_properties,
        item.raw_traits,
        item.raw_context,
        None if one.original_at is None else seconds(one.original_at),
        one.previous_id or "",
        item.raw_traits,
    )


_FIRST_GROUPS = ("company", "organization", "account", "workspace", "team")
_LONGEST_GROUP = 200


def group_of(item: Item) -> str:
    """Return the account that an interaction names, empty where it names none.

    Segment and RudderStack: `groupId`, or `context.groupId` of any other call. PostHog tells a type with each group, and several
    at once in `$groups`: `type:key`, of the type that stands first in `_FIRST_GROUPS` or else in the alphabet.
    """
    one = item.interaction
    if one.group_id:
        kind = item.properties.get("$group_type")
        return f"{kind}:{one.group_id}"[:_LONGEST_GROUP] if kind and isinstance(kind, str) else one.group_id
    named = item.context.get("groupId") if "groupId" in item.context else None
    if named is not None and not isinstance(named, dict | list | bool):
        return str(named).strip()[:_LONGEST_GROUP]
    groups = item.properties.get("$groups") if "$groups" in item.properties else None
    return _of_groups(groups) if isinstance(groups, dict) else ""


def _of_groups(groups: dict[str, Any]) -> str:
    named = {kind: str(key).strip() for kind, key in groups.items() if isinstance(key, str | int | float) and str(key).strip()}
    kinds = [kind for kind in _FIRST_GROUPS if kind in named] or sorted(named)
    return f"{kinds[0]}:{named[kinds[0]]}"[:_LONGEST_GROUP] if kinds else ""
