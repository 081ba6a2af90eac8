"""Totals of customers, counted anew from the past: after a replay nothing else tells what was counted before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from uuid import UUID

from amity.engines.past.client import ask
from amity.rooms.customers.rules.activity import Activity, earn

PACKAGE = "amity.rooms.customers"


def recount(workspace: int, customers: Mapping[UUID, tuple[Activity, Sequence[UUID]]]) -> None:
    """Set interactions, channels, values and first and last seen of locked customers, given with all of their ids."""
    if not customers:
        return
    owners = [(str(old), str(current)) for current, (_, ids) in customers.items() for old in ids]
    rows = ask(
        package=PACKAGE,
        name="totals",
        workspace_id=workspace,
        customer_ids=[old for old, _ in owners],
        currents=[current for _, current in owners],
    )
    for activity, _ in customers.values():
        activity.interactions, activity.channels, activity.values = 0, {}, {}
    spans: dict[UUID, list[int]] = {}
    for row in rows:
        activity = customers[row["current"]][0]
        earn(activity, None if row["total"] is None else Decimal(row["total"]), row["currency"])
        number = row["interactions"]
        if number:
            activity.interactions += number
            activity.channels[row["channel"]] = activity.channels.get(row["channel"], 0) + number
            spans.setdefault(activity.customer, []).extend((row["first_seen"], row["last_seen"]))
    for customer, span in spans.items():
        activity = customers[customer][0]
        activity.first_seen, activity.last_seen = min(span), max(span)
