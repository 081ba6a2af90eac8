"""Holds one Amity against itself: what the present says of each customer must follow from the rows of the past, and these from each other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from amity.kernel.clock import to_ms
from amity.rooms.customers.rules.sequence import Step, sequence
from bench.chaos.replay import encode
from bench.chaos.state import Row, State

_EDGE = ("session_id", "session_start", "previous_key", "previous_name", "previous_time")


def disagreements(state: State) -> list[str]:
    """Return each customer's row of activity, and each row of the past, that says otherwise than the rows of the past together."""
    stories: dict[Any, list[Row]] = defaultdict(list)
    for row in state.tables["interactions"].values():
        stories[row["customer_id"]].append(row)
    activity = {row["customer_id"]: row for row in state.tables["activity"].values()}
    found = [f"customer {one} has rows in the past and none in the present" for one in stories.keys() - activity.keys()]
    for customer, row in activity.items():
        found += _sequence(stories[customer])
        found += _activity(row, stories[customer])
    return found


def _sequence(story: list[Row]) -> Iterator[str]:
    rows = {row["message_key"]: row for row in story if row["voice"] != "ours"}
    steps = [
        Step(to_ms(row["time"]), key, row["name"], (row["campaign_source"], row["campaign_medium"], row["campaign_name"]))
        for key, row in rows.items()
    ]
    for _, edge in sequence(steps):
        row = rows[edge.key]
        stored = (*(row[name] for name in _EDGE[:-1]), row["previous_time"] and to_ms(row["previous_time"]))
        right = (edge.session_id, edge.starts, edge.previous_key, edge.previous_name, edge.previous_time)
        if stored != right:
            yield f"row {edge.key} of {row['customer_id']}: {encode(dict(zip(_EDGE, zip(stored, right, strict=True), strict=True)))}"


def _activity(row: Row, story: list[Row]) -> Iterator[str]:
    acts = [one for one in story if one["voice"] != "ours"]
    values: dict[str, Decimal] = defaultdict(Decimal)
    for one in story:
        if one["value"] is not None:
            values[one["currency"]] += one["value"]
    right = {
        "interactions": len(acts),
        "channels": dict(Counter(one["channel"] for one in acts)),
        "values": dict(values),
        "first_seen": min((to_ms(one["time"]) for one in acts or story), default=0),
        "last_seen": max((to_ms(one["time"]) for one in acts or story), default=0),
    }
    stored = {name: row[name] for name in right} | {"values": {name: Decimal(one) for name, one in row["values"].items()}}
    if stored != right:
        differing = {name: [stored[name], right[name]] for name in right if stored[name] != right[name]}
        yield f"activity of {row['customer_id']}: {encode(differing)}"
