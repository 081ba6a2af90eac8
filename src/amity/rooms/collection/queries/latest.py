"""What arrived last, and one interaction in full."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from amity.engines.past import client as past
from amity.kernel.clock import to_ms
from amity.rooms.collection.actions.counts import ACCEPTED
from amity.rooms.collection.models import SourceHour

_HERE = "amity.rooms.collection"
_EARLIEST = -2_208_988_800_000  # the year 1900, before which the past keeps nothing
_HOURS = 500  # counts looked at, one for each source and hour
# An hour of a busy workspace holds millions. The past is some moments behind what is counted, more when much comes in.
_SHORT = ((4, 5_000), (40, 60_000))  # so many times the wanted number, and at least so many milliseconds
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

    The hours of their sources tell. It is no promise: what was counted may not be in the past yet, or be gone again, and a
    filter may let few pass.
    """
    enough = [n * limit for n in (_FILTERED if wanted.text or wanted.channel else (1,))]
    hours = SourceHour.objects.filter(workspace_id=workspace_id, outcome=ACCEPTED).order_by("-hour")
    if wanted.source_id:
        hours = hours.filter(source_id=wanted.source_id)
    counted, newest = 0, 0
    found: list[int] = []
    for hour, of_sources in groupby(hours.values_list("hour", "count", "last_seen")[:_HOURS], key=itemgetter(0)):
        for _, count, last_seen in of_sources:
            counted, newest = counted + count, max(newest, to_ms(last_seen))
        if counted >= enough[0]:
            if not found:
                found += _within(to_ms(hour), newest, share=enough[0] / counted)
            found.append(to_ms(hour))
            enough.pop(0)
            if not enough:
                break
    return found


def _within(first: int, last: int, *, share: float) -> list[int]:
    """Return instants shortly before `last`, since which a share of what came from `first` on may have come, generously."""
    stretches = [max(int((last - first) * share * times), least) for times, least in _SHORT]
    return [last - one for one in stretches if one < (last - first) // 2]


def find_interaction(*, workspace_id: int, key: UUID) -> dict[str, Any] | None:
    """Return one interaction as the past holds it, with `properties`, `traits` and `context` as JSON text."""
    found = past.ask(package=_HERE, name="interaction", workspace_id=workspace_id, key=key)
    return found[0] if found else None
