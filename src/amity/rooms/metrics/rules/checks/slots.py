"""When a check is due next. Pure."""

from __future__ import annotations

_APART = 7_919_000  # ms, a prime of seconds: checks of one interval don't all begin in the same second


def next_slot(*, every: int, number: int, now: int) -> int:
    """Return the first turn after `now` of what runs `every` so many ms; `number` says how far off the whole interval its turns lie."""
    off = number * _APART % every
    return (now - off) // every * every + every + off
