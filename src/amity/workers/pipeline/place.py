"""Place: give each interaction its customer, session and predecessor. The customers room decides; this step carries."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from amity.facts.interaction import NOBODY
from amity.rooms.customers import api as customers
from amity.rooms.customers.contracts import Incoming, Placement
from amity.workers.batch import Batch, Item


def place(batch: Batch) -> None:
    """Fill in `placement`, of nobody where no customer is concerned; drop with the customers room's reason what can't be anybody's."""
    items = batch.live
    if not items:
        return
    theirs = []
    for item in items:
        if _is_of_nobody(item):
            item.placement = Placement(item.key, NOBODY)
        else:
            item.incoming = item.incoming or incoming(item)
            theirs.append(item)
    outcome = customers.place([item.incoming for item in theirs if item.incoming is not None], replay=batch.replayed)
    for item, placement in zip(theirs, outcome.placements, strict=True):
        item.placement = placement
        if placement.customer_id is None:
            item.drop(placement.rejected, _DETAILS.get(placement.rejected, ""))
    batch.moved.extend(outcome.merges)
    batch.changed |= outcome.changed


def incoming(item: Item) -> Incoming:
    """Return the interaction as the customers room takes it."""
    one, told = item.interaction, item.described
    if told is None:
        raise ValueError("describe comes before place")
    return Incoming(
        one.workspace,
        one.source,
        item.key,
        one.kind,
        one.time,
        one.received_at,
        one.name,
        one.user_id,
        one.anonymous_id,
        one.group_id,
        one.previous_id,
        item.traits,
        item.properties,
        item.context,
        told.channel,
        one.gpc,
        _named(item.context) if one.dialect == "amity" else None,
        told.voice,
        (told.campaign_source, told.campaign_medium, told.campaign_name),
        told.country,
    )


def _is_of_nobody(item: Item) -> bool:
    """Whether a fact of Amity's own says that it concerns no customer, as no client can: the edge marks nothing as `amity`."""
    return item.interaction.dialect == "amity" and item.context.get("nobody") is True


def _named(context: dict[str, Any]) -> UUID | None:
    """Return the customer that a fact of Amity's own names. The edge marks nothing as `amity`, so no client can do this."""
    try:
        return UUID(str(context["customer_id"]))
    except (KeyError, ValueError):
        return None


_DETAILS = {
    "no_identifier": "Nothing that it carries may identify a customer: its ids are missing, blocked or malformed.",
    "unknown_customer": "It names a customer that this workspace doesn't have.",
    "unknown_workspace": "It belongs to a workspace that doesn't exist any more.",
}
