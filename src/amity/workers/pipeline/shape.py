"""Shape: the row that the past will hold for each interaction."""

from __future__ import annotations

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
        one.group_id or "",
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
        one.flags,
        item.raw_properties,
        item.raw_traits,
        item.raw_context,
        None if one.original_at is None else seconds(one.original_at),
        one.previous_id or "",
        item.raw_traits,
    )
