"""What arrived last, and one interaction in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amity.engines.past import client as past

_HERE = "amity.rooms.collection"


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which arrivals: empty and 0 mean any. `outcome` is "", "accepted" or "rejected"."""

    text: str = ""
    channel: str = ""
    source_id: int = 0
    outcome: str = ""


def list_latest(*, workspace_id: int, wanted: Wanted | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest arrivals of a workspace, taken or turned away, newest first. Times are aware datetimes."""
    w = wanted or Wanted()
    return past.ask(
        package=_HERE,
        name="latest",
        workspace_id=workspace_id,
        text=w.text,
        channel=w.channel,
        source_id=w.source_id,
        outcome=w.outcome,
        limit=limit,
    )


def find_interaction(*, workspace_id: int, key: UUID) -> dict[str, Any] | None:
    """Return one interaction as the past holds it, with `properties`, `traits` and `context` as JSON text."""
    found = past.ask(package=_HERE, name="interaction", workspace_id=workspace_id, key=key)
    return found[0] if found else None
