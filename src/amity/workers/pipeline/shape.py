"""Shape: the row that the past will hold for each interaction."""

from __future__ import annotations

from amity.engines.past.rows import InteractionRow, money, seconds
from amity.rooms.customers.contracts import NO_SESSION
from amity.workers.batch import Batch, Item


def shape(batch: Batch) -> None:
    """Fill in `row` of each item. Drops nothing."""
    for item in batch.live:
        item.row = row_of(item, projected_at=batch.started_at)


def row_of(item: Item, *, projected_at: int) -> InteractionRow:
    """Return the past's row of a placed item."""
    one, told, at = item.interaction, item.described, item.placement
    if told is None or at is None or at.customer_id is None:
        raise ValueError("describe and place come before shape")
    return InteractionRow(
        workspace_id=one.workspace,
        customer_id=at.customer_id,
        time=seconds(one.time),
        message_key=item.key,
        message_id=one.message_id,
        type=one.kind,
        source_id=one.source,
        received_at=seconds(one.received_at),
        projected_at=seconds(projected_at),
        log_seq=item.seq,
        log_index=item.index,
        name=one.name,
        channel=told.channel,
        touchpoint=told.touchpoint,
        voice=told.voice,
        dialect=one.dialect,
        session_id=None if at.session_id is NO_SESSION else at.session_id,
        session_start=at.session_start,
        previous_name=at.previous_name,
        previous_key=at.previous_key,
        previous_time=None if at.previous_time is None else seconds(at.previous_time),
        value=None if at.value is None else money(at.value),
        currency=at.currency,
        user_id=one.user_id or "",
        anonymous_id=one.anonymous_id or "",
        group_id=one.group_id or "",
        url=told.url,
        path=told.path,
        referrer=told.referrer,
        campaign_source=told.campaign_source,
        campaign_medium=told.campaign_medium,
        campaign_name=told.campaign_name,
        browser=told.browser,
        os=told.os,
        device=told.device,
        country=told.country,
        ip=one.ip,
        gpc=one.gpc,
        consent=at.consent,
        flags=one.flags,
        properties=item.raw_properties,
        traits=item.raw_traits,
        context=item.raw_context,
        original_at=None if one.original_at is None else seconds(one.original_at),
    )
