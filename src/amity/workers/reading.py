"""Reading: the log's entries, joined to batches for the projector's thread, with back-pressure from it."""

from __future__ import annotations

import asyncio
from queue import Empty, Full, Queue
from threading import Event

from amity.engines.disks import log_disk_full
from amity.engines.log.client import STREAM, SUBJECT, Entry, Log
from amity.kernel.errors import LogGap, NotRunning
from amity.kernel.settings import settings


class Inbox:
    """Entries on their way from the event loop to the projector's thread; at most a few megabytes wait."""

    def __init__(self, *, most: int = 24) -> None:
        self._queue: Queue[Entry | LogGap] = Queue(most)
        self._left: LogGap | None = None
        self.last = 0  # the sequence of the newest entry that was put

    async def put(self, thing: Entry | LogGap) -> None:
        """Add an entry, or the reason why no more come; waits while the inbox is full."""
        while True:
            try:
                self._queue.put_nowait(thing)
            except Full:
                await asyncio.sleep(0.005)
            else:
                if not isinstance(thing, LogGap):
                    self.last = thing.seq
                return

    def take(self, *, most_bytes: int, linger: float, wait: float) -> list[Entry]:
        """Return consecutive entries of up to `most_bytes`, having lingered a moment for more to come; empty after `wait` s.

        Raises LogGap once all that came before it has been taken.
        """
        if self._left is not None:
            raise self._left
        entries: list[Entry] = []
        size = 0
        while size < most_bytes:
            try:
                thing = self._queue.get(timeout=linger if entries else wait)
            except Empty:
                break
            if isinstance(thing, LogGap):
                self._left = thing
                break
            entries.append(thing)
            size += len(thing.body)
        if not entries and self._left is not None:
            raise self._left
        return entries


async def beyond_gap(log: Log, after: int) -> int:
    """Return where reading can go on when what follows `after` is missing: before the next entry that the log holds."""
    state = await log.state()
    if state.last_seq < after or not state.messages:  # another log than the one that was read
        return max(state.first_seq - 1, 0)
    found = await log.js.get_msg(STREAM, seq=after + 1, subject=SUBJECT, next=True)
    return int(found.seq or after + 1) - 1


async def read_into(inbox: Inbox, log: Log, *, after: int, stopping: Event) -> None:
    """Read the log after a sequence into the inbox until stopped. A gap is the last thing that it puts there.

    Raises NotRunning where a gap seems to be, but the log's disk is full: NATS counts what it then failed to write.
    """
    if after == 0:
        after = max((await log.state()).first_seq - 1, 0)  # a reader's very first start: what expired before is not missing
    reading = log.read(after, batch=16, idle=0.5)
    try:
        async for entries in reading:
            for entry in entries:
                await inbox.put(entry)
            if stopping.is_set():
                return
    except LogGap as gap:
        if await asyncio.to_thread(log_disk_full, settings()):
            raise NotRunning("The log's disk is full: what it tells of its end is not to be trusted.") from gap
        await inbox.put(gap)
    finally:
        await reading.aclose()  # type: ignore[attr-defined]
