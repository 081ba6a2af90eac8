"""When things happen: hours by channel, weekdays, paydays, and a story that ends at a given instant."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from random import Random

from amity.kernel.clock import DAY, HOUR, MINUTE, SECOND, from_ms

# Weight of each hour of the local day.
_HOURS = {
    "web": (2, 1, 1, 1, 1, 2, 4, 8, 11, 12, 12, 12, 13, 12, 11, 11, 12, 13, 15, 19, 22, 21, 14, 6),
    "app": (3, 1, 1, 1, 1, 3, 9, 15, 14, 10, 10, 11, 16, 13, 10, 10, 11, 15, 17, 17, 18, 17, 13, 7),
    "desk": (0, 0, 0, 0, 0, 0, 0, 0, 9, 16, 18, 16, 11, 12, 14, 13, 11, 6, 0, 0, 0, 0, 0, 0),
    "store": (0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 8, 11, 12, 10, 10, 12, 14, 16, 13, 5, 0, 0, 0, 0),
    "post": (0, 0, 0, 0, 0, 0, 1, 6, 14, 12, 9, 6, 4, 3, 3, 3, 5, 4, 2, 0, 0, 0, 0, 0),
}
_WEEKDAYS = {
    "web": (1.05, 1.0, 1.0, 1.0, 0.95, 0.95, 1.25),
    "app": (1.0, 1.0, 1.0, 1.05, 1.15, 1.1, 0.9),
    "desk": (1.4, 1.15, 1.05, 1.0, 0.95, 0.3, 0.02),
    "store": (0.7, 0.8, 0.85, 0.9, 1.2, 1.9, 0.02),
    "post": (1, 1, 1, 1, 1, 0.4, 0.3),
}


class Calendar:
    """The days of the story: `days` of them, the last one ending at `end` (milliseconds since 1970)."""

    def __init__(self, *, end: int, days: int) -> None:
        self.end, self.days = end, days
        last = from_ms(end).replace(hour=0, minute=0, second=0, microsecond=0)
        self.start = int((last - timedelta(days=days - 1)).timestamp() * 1000)

    def day(self, rng: Random, channel: str, *, first: int = 0, last: int | None = None) -> int:
        """Pick a day between two of the story's, as likely as the channel is busy on it."""
        last = self.days - 1 if last is None else min(last, self.days - 1)
        first = min(first, last)
        while True:
            day = rng.randint(first, last)
            if rng.random() * 2.4 < self._weight(channel, day):
                return day

    def moment(self, rng: Random, channel: str, day: int, *, ahead: int) -> int:
        """Pick an instant of a day by the channel's hours; `ahead` is the local time's distance to UTC in hours."""
        hour = rng.choices(range(24), weights=_HOURS[channel])[0]
        return self.start + day * DAY + (hour - ahead) * HOUR + rng.randrange(HOUR)

    def day_of(self, instant: int) -> int:
        """Return the story's day in which an instant lies."""
        return (instant - self.start) // DAY

    def _weight(self, channel: str, day: int) -> float:
        date = datetime.fromtimestamp((self.start + day * DAY) / 1000, UTC)
        weight = _WEEKDAYS[channel][date.weekday()] * (1.0 + 0.25 * day / self.days)
        if date.day in {1, 2, 28, 29, 30}:  # payday
            weight *= 1.25
        if date.month == 8:
            weight *= 0.8
        if date.month == 11 and date.day >= 17:
            weight *= 1.35
        return weight


def soon(rng: Random, *, shortest: int = 4 * SECOND, longest: int = 2 * MINUTE) -> int:
    """Return a pause between two steps of one visit, in milliseconds; short ones are likelier."""
    return int(shortest + (longest - shortest) * rng.random() ** 2)
