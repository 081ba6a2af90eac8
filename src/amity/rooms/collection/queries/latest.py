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
_HOURS = 500  # counts looked at, one for each source and hour
_FILTERED = (50, 5_000)  # under a filter of which no hour tells, so many times the wanted number are looked through


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which arrivals: empty and 0 mean any. `outcome` is "", "accepted" or "rejected"."""

    text: str = ""
    channel: str = ""
    source_id: int = 0
    outcome: str = ""


def list_latest(*, workspace_id: int, wanted: Wanted | None = None, limit: int = 50) -> list[dict[str, Any]]:
    """Return the newest arrivals of a workspace, taken or turned away, newest first. Times are aware datetimes.

    The past is asked of the last hours first, and of all that it holds only where those have too few.
    """
    w = wanted or Wanted()
    found: list[dict[str, Any]] = []
    for since in (*_sinces(workspace_id, w, limit), _EARLIEST):
        found = past.ask(
            package=_HERE,
            name="latest",
            workspace_id=workspace_id,
            since=since,
            text=w.text,
            channel=w.channel,
            source_id=w.source_id,
            outcome=w.outcome,
            limit=limit,
        )
        if len(found) >= limit:
            break
    return found


def _sinces(workspace_id: int, wanted: Wanted, limit: int) -> list[int]:
    """Return instants (ms) since which enough may have been taken to find `limit` of those wanted, the latest first.

    The hours of their sources tell. It is no promise: what was counted may be gone again, and a filter may let few pass.
    """
    filtered = bool(wanted.text or wanted.channel)
    enough = [n * limit for n in (_FILTERED if filtered else (1,))]
    hours = SourceHour.objects.filter(workspace_id=workspace_id, outcome=ACCEPTED).order_by("-hour")
    if wanted.source_id:
        hours = hours.filter(source_id=wanted.source_id)
    counted = 0
    found: list[int] = []
    for hour, count in hours.values_list("hour", "count")[:_HOURS]:
        counted += count
        if counted >= enough[len(found)]:
            found.append(to_ms(hour))
            if len(found) == len(enough):
                break
    return found


def find_interaction(*, workspace_id: int, key: UUID) -> dict[str, Any] | None:
    """Return one interaction as the past holds it, with `properties`, `traits` and `context` as JSON text."""
    found = past.ask(package=_HERE, name="interaction", workspace_id=workspace_id, key=key)
    return found[0] if found else None
