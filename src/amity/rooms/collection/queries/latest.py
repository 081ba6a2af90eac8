"""What arrived last, and one interaction in full."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amity.engines.past import client as past
from amity.kernel.clock import to_ms
from amity.rooms.collection.actions.counts import ACCEPTED
from amity.rooms.collection.models import SourceHour

_HERE = "amity.rooms.collection"
_EARLIEST = -2_208_988_800_000  # the year 1900, before which the past keeps nothing
_HOURS = 200  # counts looked at, one for each source and hour; where they hold too few, nothing is left out


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
    since = _since(workspace_id, w, limit)
    found = _latest(workspace_id, w, limit=limit, since=since)
    # What was counted may be gone again, by retention or by a person's wish.
    return found if len(found) >= limit or since == _EARLIEST else _latest(workspace_id, w, limit=limit, since=_EARLIEST)


def _latest(workspace_id: int, wanted: Wanted, *, limit: int, since: int) -> list[dict[str, Any]]:
    return past.ask(
        package=_HERE,
        name="latest",
        workspace_id=workspace_id,
        since=since,
        text=wanted.text,
        channel=wanted.channel,
        source_id=wanted.source_id,
        outcome=wanted.outcome,
        limit=limit,
    )


def _since(workspace_id: int, wanted: Wanted, limit: int) -> int:
    """Return an instant (ms) since which at least `limit` of those wanted were taken, as the hours of their sources tell."""
    if wanted.text or wanted.channel:
        return _EARLIEST
    hours = SourceHour.objects.filter(workspace_id=workspace_id, outcome=ACCEPTED).order_by("-hour")
    if wanted.source_id:
        hours = hours.filter(source_id=wanted.source_id)
    counted = 0
    for hour, count in hours.values_list("hour", "count")[:_HOURS]:
        counted += count
        if counted >= limit:
            return to_ms(hour)
    return _EARLIEST


def find_interaction(*, workspace_id: int, key: UUID) -> dict[str, Any] | None:
    """Return one interaction as the past holds it, with `properties`, `traits` and `context` as JSON text."""
    found = past.ask(package=_HERE, name="interaction", workspace_id=workspace_id, key=key)
    return found[0] if found else None
