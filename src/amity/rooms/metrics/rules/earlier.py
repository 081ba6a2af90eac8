"""The same hours of earlier days and weeks, by which a window of any length is a step like those that alerts judge. Pure."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.windows import Span
from amity.kernel.clock import DAY, to_ms
from amity.rooms.metrics.rules.watching import PLANS


def earlier(span: Span, *, zone: ZoneInfo) -> tuple[Literal["day", "week"], list[Span]]:
    """Return by which plan a window is judged, and the same hours of the zone's clock before it, the oldest first.

    A window of a day at most has one on each day before, of which those of the same weekday say what is expected. A longer one has one
    in each week (each so many weeks as it is long), so that none overlaps the next.
    """
    length = span.last - span.first + 1
    days = 1 if length <= DAY else -(-length // (7 * DAY)) * 7
    by: Literal["day", "week"] = "day" if days == 1 else "week"
    ends = [datetime.fromtimestamp(at / 1000, zone) for at in (span.first, span.last)]
    found = []
    for n in range(PLANS[by].days // days, 0, -1):
        first, last = (to_ms(at - timedelta(days=n * days)) for at in ends)
        found.append(Span(first=first, last=last))
    return by, found
