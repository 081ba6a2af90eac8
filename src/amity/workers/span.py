"""Which sequences of the log a span of time covers, by when the log stored them."""

from __future__ import annotations

from dataclasses import dataclass

from amity.engines.log.client import STREAM, SUBJECT, Log


@dataclass(frozen=True, slots=True)
class Span:
    """Sequences `first` to `last` of the log; none where `last` is below `first`. `log_begins`: its oldest entry, ms since 1970."""

    first: int
    last: int
    log_begins: int | None

    def lacks(self, since: int) -> bool:
        """Whether the log no longer holds the span's beginning."""
        return self.log_begins is not None and self.first > 1 and self.log_begins > since


async def find_span(log: Log, *, since: int, until: int) -> Span:
    """Return what the log stored from `since` up to, not including, `until` (ms since 1970)."""
    state = await log.state()
    if not state.messages:
        return Span(state.first_seq, state.first_seq - 1, None)
    first = await _first_at(log, since, low=state.first_seq, high=state.last_seq + 1)
    last = await _first_at(log, until, low=first, high=state.last_seq + 1) - 1
    begins = await _stored_at(log, state.first_seq)
    return Span(first, last, begins if first == state.first_seq and state.first_seq > 1 else None)


async def _first_at(log: Log, instant: int, *, low: int, high: int) -> int:
    """Return the first sequence stored at or after an instant, `high` where there is none."""
    while low < high:
        middle = (low + high) // 2
        if await _stored_at(log, middle) < instant:
            low = middle + 1
        else:
            high = middle
    return low


async def _stored_at(log: Log, seq: int) -> int:
    """Return when an entry was stored, or the next one where that is missing (ms since 1970)."""
    message = await log.js.get_msg(STREAM, seq, subject=SUBJECT, next=True)
    return round(message.time.timestamp() * 1000) if message.time else 0
