"""Instants as text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def iso(instant: int) -> str:
    """Return an instant (ms since 1970) as ISO 8601 in UTC with milliseconds: `2026-11-27T10:24:17.000Z`."""
    return (_EPOCH + timedelta(milliseconds=instant)).strftime("%Y-%m-%dT%H:%M:%S.") + f"{instant % 1000:03d}Z"
