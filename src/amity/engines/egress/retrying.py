"""When a message that failed is tried again: the schedule of Standard Webhooks 1.0.0 up to a day and a half, with jitter. Pure."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from amity.kernel.clock import HOUR, MINUTE

SECOND = 1_000
DELAYS = (5 * SECOND, 5 * MINUTE, 30 * MINUTE, 2 * HOUR, 5 * HOUR, 10 * HOUR, 14 * HOUR)
"""Milliseconds before the second attempt, the third … the eighth, which is 31 hours and a half after the first."""
JITTER = 0.2
MOST_REST = 24 * HOUR
SLOWER = (429, 502, 503, 504)


def wait_after(attempts: int, *, random: float, asked: int = 0) -> int | None:
    """Return how long (ms) to wait after so many attempts that failed; None where it was the last.

    `random` is from 0 to 1 and makes it up to 20 % longer, so that what failed together isn't tried together. `asked` is what
    the destination wants to be left alone for.
    """
    if attempts > len(DELAYS):
        return None
    return max(int(DELAYS[attempts - 1] * (1 + JITTER * random)), asked)


def rest_after(failures: int, *, status: int, asked: int = 0) -> int:
    """Return how long (ms) a destination that failed so often in a row is left alone with everything else.

    A second at first, doubling up to five minutes; at least ten seconds where it says that it is busy.
    """
    doubled = min(SECOND << min(max(failures - 1, 0), 10), 5 * MINUTE)
    return min(max(doubled, asked, 10 * SECOND if status in SLOWER else 0), MOST_REST)


def retry_after(text: str, *, now: int) -> int:
    """Return what a `Retry-After` header asks for in milliseconds, at most a day; 0 for none that can be read."""
    text = text.strip()
    if text.isascii() and text.isdigit():
        return min(int(text[:9]) * SECOND, MOST_REST)
    try:
        at = parsedate_to_datetime(text)
    except ValueError:
        return 0
    instant = int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() * 1_000)
    return max(min(instant - now, MOST_REST), 0) if at > datetime(1970, 1, 2, tzinfo=UTC) else 0
