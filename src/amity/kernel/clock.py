"""Time: milliseconds since 1970 UTC in data, aware datetimes for people."""

from __future__ import annotations

import time
from datetime import UTC, datetime

SECOND = 1_000
MINUTE = 60 * SECOND
HOUR = 60 * MINUTE
DAY = 24 * HOUR


def now_ms() -> int:
    """Return the present instant in milliseconds since 1970 UTC."""
    return time.time_ns() // 1_000_000


def from_ms(instant: int) -> datetime:
    """Return an aware UTC datetime for milliseconds since 1970."""
    return datetime.fromtimestamp(instant / 1000, UTC)


def to_ms(instant: datetime) -> int:
    """Return milliseconds since 1970 for an aware datetime."""
    return round(instant.timestamp() * 1000)
