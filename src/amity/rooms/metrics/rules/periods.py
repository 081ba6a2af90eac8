"""The window of a metric at an instant, the one before it, and its calendar steps. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.language import Previous, This, Window
from amity.engines.past.behaviour.windows import EARLIEST, Span, resolve
from amity.kernel.clock import HOUR, to_ms
from amity.kernel.errors import Invalid

STEPS = ("hour", "day", "week", "month")
MOST_STEPS = 800
_EPOCH = date(1970, 1, 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One calendar step: `key` as the past computes it (hours in seconds, else days since 1970), first and last ms."""

    key: int
    first: int
    last: int


def window_of(window: Window, *, now: int, zone: ZoneInfo) -> Span:
    """Return the span that a window is at an instant. Raises Invalid."""
    return resolve(window, now=now, zone=zone)


def before(window: Window, span: Span, *, now: int, zone: ZoneInfo) -> Span:
    """Return the span to compare with: the calendar unit before, as far into it as this one is; else as long a time just before."""
    match window:
        case This(unit=unit):
            whole = resolve(Previous(unit=unit), now=now, zone=zone)
            return Span(first=whole.first, last=min(whole.last, whole.first + span.last - span.first))
        case Previous(unit=unit):
            return resolve(Previous(unit=unit), now=span.first, zone=zone)
    length = span.last - span.first + 1
    return Span(first=max(span.first - length, EARLIEST), last=span.first - 1)


def steps(span: Span, by: str, zone: ZoneInfo, *, ahead: int = 0) -> list[Step]:
    """Return the calendar steps that a span touches, with `ahead` more before it. Raises Invalid for too many, or no such step."""
    if by not in STEPS:
        raise Invalid(f"A series goes by {', '.join(STEPS)}, not by {by!r}.")
    if by == "hour":
        return _hours(span, ahead)
    first = _start(datetime.fromtimestamp(span.first / 1000, zone).date(), by)
    for _ in range(ahead):
        first = _start(first - timedelta(days=1), by)
    found: list[Step] = []
    day = first
    while (begins := _midnight(day, zone)) <= span.last:
        following = _next(day, by)
        found.append(Step(key=(day - _EPOCH).days, first=begins, last=_midnight(following, zone) - 1))
        day = following
        _check(found)
    return found


def days_of(span: Span, zone: ZoneInfo) -> int:
    """Return how many calendar days a span touches."""
    ends = [datetime.fromtimestamp(at / 1000, zone).date() for at in (span.first, span.last)]
    return (ends[1] - ends[0]).days + 1


def fitting(span: Span) -> str:
    """Return the step that draws a span in some 10 to 60 points."""
    days = (span.last - span.first) / (24 * HOUR)
    return "hour" if days <= 2 else "day" if days <= 62 else "week" if days <= 400 else "month"


def _hours(span: Span, ahead: int) -> list[Step]:
    start = span.first // HOUR * HOUR - ahead * HOUR
    if (span.last - start) / HOUR > MOST_STEPS:
        raise Invalid(f"A series has at most {MOST_STEPS} points; take longer steps or a shorter window.")
    return [Step(key=at // 1000, first=at, last=at + HOUR - 1) for at in range(start, span.last + 1, HOUR)]


def _check(found: Sequence[Step]) -> None:
    if len(found) > MOST_STEPS:
        raise Invalid(f"A series has at most {MOST_STEPS} points; take longer steps or a shorter window.")


def _start(day: date, by: str) -> date:
    return {"day": day, "week": day - timedelta(days=day.weekday()), "month": day.replace(day=1)}[by]


def _next(day: date, by: str) -> date:
    if by == "month":
        return (day.replace(day=28) + timedelta(days=4)).replace(day=1)
    return day + timedelta(days={"day": 1, "week": 7}[by])


def _midnight(day: date, zone: ZoneInfo) -> int:
    return to_ms(datetime.combine(day, time.min, zone))
