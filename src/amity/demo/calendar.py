"""When things happen: hours by channel, weekdays, paydays, seasons; months of thirty days that end at a given instant."""

from __future__ import annotations

from bisect import bisect
from datetime import UTC, date, datetime, timedelta

from amity.demo import truth
from amity.demo.draws import Dice, ladder_of
from amity.kernel.clock import DAY, HOUR, from_ms

# Weight of each hour of the local day.
_HOURS = {
    "web": (2, 1, 1, 1, 1, 2, 4, 8, 11, 12, 12, 12, 13, 12, 11, 11, 12, 13, 15, 19, 22, 21, 14, 6),
    "app": (3, 1, 1, 1, 1, 3, 9, 15, 14, 10, 10, 11, 16, 13, 10, 10, 11, 15, 17, 17, 18, 17, 13, 7),
    "card": (1, 0, 0, 0, 0, 1, 4, 9, 10, 9, 10, 12, 17, 15, 11, 10, 12, 16, 19, 18, 15, 11, 7, 3),
    "desk": (0, 0, 0, 0, 0, 0, 0, 0, 9, 16, 18, 16, 11, 12, 14, 13, 11, 6, 0, 0, 0, 0, 0, 0),
    "store": (0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 8, 11, 12, 10, 10, 12, 14, 16, 13, 5, 0, 0, 0, 0),
    "post": (0, 0, 0, 0, 0, 0, 0, 6, 14, 12, 9, 6, 4, 3, 3, 3, 5, 4, 2, 0, 0, 0, 0, 0),
}
_LADDERS = {channel: ladder_of(hours) for channel, hours in _HOURS.items()}
_SEASONAL = frozenset({"web", "store", "card"})


class Calendar:
    """The story's days, the `truth.DAYS`th of them ending with the day of `end` (milliseconds since 1970); `days` may go on beyond."""

    def __init__(self, *, end: int, days: int = truth.DAYS) -> None:
        self.end, self.days = end, days
        last = from_ms(end).replace(hour=0, minute=0, second=0, microsecond=0)
        first = last - timedelta(days=truth.DAYS - 1)
        self.start = int(first.timestamp() * 1000)
        dates = [(first + timedelta(days=day)).date() for day in range(days)]
        self.weekdays = [one.weekday() for one in dates]
        self.in_season = [_in_season(one) for one in dates]
        self._weights = {channel: [_weight(channel, one) for one in dates] for channel in _HOURS}
        self._ladders = {channel: [0.0, *ladder_of(weights)] for channel, weights in self._weights.items()}
        incident = next(day for day in range(truth.DAYS * 2 // 3, truth.DAYS) if self.weekdays[day] == 1)
        opens, closes = truth.INCIDENT_HOURS
        self.incident = tuple(self.start + incident * DAY + int(hour * HOUR) for hour in (opens, closes))
        self.redesign = self.start + truth.REDESIGN_DAY * DAY

    def day(self, dice: Dice, channel: str, first: int, last: int) -> int:
        """Pick a day from `first` to `last`, as likely as the channel is busy on it."""
        ladder, last = self._ladders[channel], min(last, self.days - 1)
        low, high = ladder[first], ladder[last + 1]
        return min(bisect(ladder, low + dice.random() * (high - low)) - 1, last)

    def moment(self, dice: Dice, channel: str, day: int, ahead: int) -> int:
        """Pick an instant of a day by the channel's hours; `ahead` is the local time's distance to UTC in hours."""
        ladder = _LADDERS[channel]
        hour = bisect(ladder, dice.random() * ladder[-1])
        return self.start + day * DAY + (hour - ahead) % 24 * HOUR + int(dice.random() * HOUR)

    def next_open(self, dice: Dice, channel: str, at: int, ahead: int) -> int:
        """Return `at` where the channel is open then, else a busy moment of the next day on which it is."""
        day, hour = self.day_of(at), (at // HOUR + ahead) % 24
        if day < self.days and self._weights[channel][day] > 0.1 and _HOURS[channel][hour]:
            return at
        following = next((d for d in range(day + 1, self.days) if self._weights[channel][d] > 0.1), day + 1)
        return self.moment(dice, channel, following, ahead)

    def busy(self, channel: str, first: int, last: int) -> float:
        """Return how busy a channel is from day `first` to day `last`, where 1 is an ordinary month's."""
        ladder = self._ladders[channel]
        return (ladder[min(last, self.days - 1) + 1] - ladder[first]) / truth.MONTH

    def first_day(self, month: int) -> int:
        """Return a month's first day. The first month after the story begins on its last day, so that the trickle flows at once."""
        return month * truth.MONTH - (1 if month >= truth.MONTHS else 0)

    def month_ends(self, month: int) -> int:
        """Return the instant at which a month ends; the story's last one, within its last day."""
        return self.end if month == truth.MONTHS - 1 else self.start + (self.first_day(month) + truth.MONTH) * DAY

    def day_of(self, instant: int) -> int:
        """Return the story's day in which an instant lies."""
        return (instant - self.start) // DAY

    def month_of(self, instant: int) -> int:
        """Return the story's month in which an instant lies."""
        return (instant - self.start) // DAY // truth.MONTH

    def weekday(self, day: int) -> int:
        """Return a day's weekday, 0 for Monday; the day may lie beyond the story."""
        return (self.weekdays[0] + day) % 7

    def date(self, instant: int) -> str:
        """Return an instant's day in ISO form."""
        return datetime.fromtimestamp(instant / 1000, UTC).date().isoformat()

    def hit_by_incident(self, instant: int) -> bool:
        """Whether an instant lies in the incident's window."""
        return self.incident[0] <= instant < self.incident[1]


def _in_season(day: date) -> bool:
    return (day.month, day.day) >= (11, 17) and (day.month, day.day) <= (12, 23)


def _weight(channel: str, day: date) -> float:
    week = truth.WEEKDAYS[channel]
    weight = week[day.weekday()] / (sum(week) / 7)
    if channel in _SEASONAL and _in_season(day):
        weight *= truth.SEASON
    if day.month == 8:
        weight *= truth.SUMMER
    if day.day >= 28 or day.day <= 2:
        weight *= truth.PAYDAY
    return weight


def soon(dice: Dice, shortest: int = 4_000, longest: int = 120_000) -> int:
    """Return a pause between two steps of one visit, in milliseconds; short ones are likelier."""
    return int(shortest + (longest - shortest) * dice.random() ** 2)
