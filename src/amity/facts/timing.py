"""When it happened: the client's clock, corrected by what the client and we say about the moment of sending."""

from __future__ import annotations

import math
from datetime import UTC, datetime

from amity.kernel.clock import DAY, MINUTE, SECOND

TOO_FAR_AHEAD = DAY
OLDEST = 946_684_800_000
"""2000-01-01: nothing sent to us can be older, so a clock that says so is wrong."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS_BELOW = 100_000_000_000
"""Numbers below are seconds (up to the year 5138), above milliseconds (from 1973)."""

Moment = str | int | float | None


def iso_ms(text: str) -> int | None:
    """Return milliseconds since 1970 for ISO 8601 text (without a zone: UTC), else None."""
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return None
    since = (at if at.tzinfo else at.replace(tzinfo=UTC)) - _EPOCH
    return since.days * DAY + since.seconds * SECOND + since.microseconds // 1_000


def read_ms(moment: Moment) -> int | None:
    """Return milliseconds since 1970 for ISO 8601 text or a number of seconds or milliseconds, else None."""
    if isinstance(moment, str):
        at = iso_ms(moment)
        return _read_number(moment) if at is None else at
    if moment is None or isinstance(moment, bool) or not math.isfinite(moment) or abs(moment) > 1e15:
        return None
    return round(moment * 1000 if abs(moment) < _SECONDS_BELOW else moment)


def _read_number(text: str) -> int | None:
    if len(text) > 20:
        return None
    try:
        return read_ms(float(text))
    except ValueError:
        return None


def place(claimed: Moment, *, sent_at: int | None, received_at: int) -> tuple[int, int | None, tuple[str, ...]]:
    """Return when it happened, what the client claimed, and flags for what is odd about that.

    Segment's rule: time = received - (sent - claimed), so a clock that is wrong by a year does no harm. A time more than a day
    ahead or before 2000 is absurd: what stands then is when we received it, and the claim is kept.
    """
    if claimed is None or claimed == "":
        return received_at, None, ()
    at = read_ms(claimed)
    if at is None:
        return received_at, None, ("time_unreadable",)
    return settle(at, sent_at=sent_at, received_at=received_at)


def settle(at: int, *, sent_at: int | None, received_at: int) -> tuple[int, int | None, tuple[str, ...]]:
    """Return what `place` does, for a claim that has been read."""
    flags: tuple[str, ...] = ()
    time = at
    if sent_at is not None:
        skew = received_at - sent_at
        time = at + skew
        if abs(skew) > MINUTE:
            flags = ("skewed",)
    if time > received_at + TOO_FAR_AHEAD:
        return received_at, at, (*flags, "time_future")
    if time < OLDEST:
        return received_at, at, (*flags, "time_ancient")
    return time, at, flags
