"""A workspace with random interactions of random customers, some of them joined."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID, uuid4, uuid5

import msgspec

from amity.engines.past.client import insert_rows
from amity.engines.past.rows import InteractionRow, MergeRow, money, seconds
from amity.kernel.clock import DAY, HOUR
from amity.kernel.ids import new_id
from amity.rooms.customers.models import Activity, Customer
from amity.rooms.trust.models import Workspace

NOW = 1_790_000_000_000 // DAY * DAY + 12 * HOUR
NAMES = ("Bought", "Asked", "Scored")
CHANNELS = ("web", "app", "store")
_SESSIONS = UUID("6d1f4a52-0f0c-4b43-9a64-b44a1b9b4a10")


def place(name: str = "Counted") -> Workspace:
    """Return a workspace of its own."""
    return Workspace.objects.create(slug=f"m{uuid4().hex[:10]}", name=name, time_zone="UTC")


def person(workspace: int, **traits: Any) -> UUID:
    """Keep a customer of today."""
    who = new_id()
    Customer.objects.create(id=who, workspace_id=workspace, created_at=0, traits=traits)
    Activity.objects.create(customer_id=who, workspace_id=workspace)
    return who


def tell(workspace: int, rows: list[dict[str, Any]]) -> None:
    """Put rows into the past: `who` (UUID), `t`, `name` and what else they say."""
    made = []
    for n, row in enumerate(rows):
        properties = {name: row[name] for name in ("score", "plan", "ticket") if row.get(name) is not None}
        session = row.get("session")
        made.append(
            InteractionRow(
                workspace_id=workspace, customer_id=row["old"] if row.get("old") else row["who"], time=seconds(row["t"]),
                message_key=uuid4(), message_id="", type=row.get("type", "track"), source_id=1, received_at=seconds(row["t"]),
                projected_at=seconds(row["t"]), log_seq=1, log_index=n, name=row["name"], channel=row.get("channel", "web"),
                voice=row.get("voice", "did"), value=money(None if row.get("value") is None else str(row["value"])),
                currency=row.get("currency", ""), session_id=uuid5(_SESSIONS, session) if session else None,
                properties=msgspec.Raw(msgspec.json.encode(properties)),
            )
        )  # fmt: skip
    if made:
        insert_rows(table="interactions_raw", rows=made, token=uuid4().hex)


def join(workspace: int, old: UUID, into: UUID) -> None:
    """Make one customer part of another, in the past as the pipeline does."""
    insert_rows(
        table="merges", rows=[MergeRow(workspace_id=workspace, old_id=old, current_id=into, version=1)], token=uuid4().hex
    )  # fmt: skip


def random_rows(dice: Random, who: list[UUID], *, number: int, days: int = 60) -> list[dict[str, Any]]:
    """Return interactions of the last days, some on their edges; an `old` id is one that its customer had before."""
    rows = []
    for _ in range(number):
        t = (
            NOW - dice.choice((0, 30 * DAY, 30 * DAY - 1, 60 * DAY - 1))
            if dice.random() < 0.05
            else NOW - dice.randrange(days * DAY)
        )
        one, name = dice.choice(who), dice.choice(NAMES)
        rows.append(
            {
                "who": one, "t": t, "name": name, "channel": dice.choice(CHANNELS), "session": f"{one}{t // (6 * HOUR)}",
                "value": round(dice.uniform(-5, 90), 2) if name == "Bought" and dice.random() < 0.9 else None,
                "score": dice.randint(-1, 12) if name == "Scored" else None, "plan": dice.choice(("a", "b", None)),
            }
        )  # fmt: skip
    return rows
