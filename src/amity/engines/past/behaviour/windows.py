"""Windows of time, resolved at one instant in one zone. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.language import UNITS, Between, Last, Previous, Since, This, Window
from amity.kernel.clock import to_ms
from amity.kernel.errors import Invalid

EARLIEST = -(2**53)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From `first` to `last`, both included, in ms since 1970. No window looks beyond now.

    `rolls`: how long after its instant an interaction leaves it (0: it never does). `turns`: when the whole window next moves.
    """

    first: int
    last: int
    rolls: int = 0
    turns: int | None = None


def resolve(window: Window | None, *, now: int, zone: ZoneInfo) -> Span:
    """Return the span that a window is at an instant; None is all of the past. Raises Invalid for a date that isn't one."""
    match window:
        case None:
            return Span(first=EARLIEST, last=now)
        case Last(amount=amount, unit=unit):
            length = amount * UNITS[unit]
            return Span(first=now - length + 1, last=now, rolls=length)
        case This(unit=unit):
            return Span(first=_begins(unit, 0, now, zone), last=now, turns=_begins(unit, 1, now, zone))
        case Previous(unit=unit):
            start = _begins(unit, 0, now, zone)
            return Span(first=_begins(unit, -1, now, zone), last=start - 1, turns=_begins(unit, 1, now, zone))
        case Since(date=day):
            return Span(first=_midnight(read_day(day), zone), last=now)
        case Between(first=first, last=last):
            return Span(
                first=_midnight(read_day(first), zone), last=min(_midnight(read_day(last) + timedelta(days=1), zone) - 1, now)
            )


def read_day(text: str) -> date:
    """Return a date. Raises Invalid."""
    try:
        found = date.fromisoformat(text)
    except ValueError:
        raise Invalid(f"{text!r} is no date; write it as 2026-01-31.") from None
    if not 1971 <= found.year <= 2098:
        raise Invalid(f"{text} is outside of the years 1971 to 2098.")
    return found


def _begins(unit: str, ahead: int, now: int, zone: ZoneInfo) -> int:
    """Return when the calendar unit that is `ahead` of the current one begins."""
    today = datetime.fromtimestamp(now / 1000, zone).date()
    match unit:
        case "day":
            first = today + timedelta(days=ahead)
        case "week":
            first = today - timedelta(days=today.weekday()) + timedelta(weeks=ahead)
        case "month":
            first = _month(today.year, today.month - 1 + ahead)
        case "quarter":
            first = _month(today.year, (today.month - 1) // 3 * 3 + 3 * ahead)
        case _:
            first = date(today.year + ahead, 1, 1)
    return _midnight(first, zone)


def _month(year: int, months: int) -> date:
    return date(year + months // 12, months % 12 + 1, 1)


def _midnight(day: date, zone: ZoneInfo) -> int:
    return to_ms(datetime.combine(day, time.min, zone))
