"""When a letter is due next: at an hour of a time zone, each day or each week. Pure."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from amity.kernel.clock import to_ms


def next_turn(*, weekday: int | None, hour: int, zone: ZoneInfo, after: int) -> int:
    """Return the first instant after `after` (ms) at which it is `hour` o'clock in the zone, on the weekday (0 is Monday) if one is given.

    Each local day has one such instant: where clocks go forward over the hour, it is the hour after; where they go back, the first.
    """
    day = datetime.fromtimestamp(after / 1000, zone).date() - timedelta(days=1)
    while True:
        at = to_ms(datetime.combine(day, time(hour), zone))
        if at > after and (weekday is None or day.weekday() == weekday):
            return at
        day += timedelta(days=1)
