"""Reading: the log's entries, joined to batches for the projector's thread, with back-pressure from it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import Empty, Full, Queue, SimpleQueue
from threading import Event, Thread
from time import monotonic

from amity.engines.disks import log_disk_full
from amity.engines.log.client import Entry, Log, fingerprint
from amity.kernel.errors import LogGap, NotRunning
from amity.kernel.settings import settings
from amity.workers.batch import Batch

BATCH_BYTES = 6_000_000  # some 8,000 interactions
MOST_BYTES = 12_000_000
LINGER = 0.01  # seconds for which the first entry of a batch waits for others


class Inbox:
    """Entries on their way from the event loop to the threads that work them; at most some megabytes wait."""

    def __init__(self, *, most_bytes: int = MOST_BYTES) -> None:
        self._queue: SimpleQueue[Entry | LogGap] = SimpleQueue()
        self._left: LogGap | None = None
        self._most_bytes = most_bytes
        self._put_bytes = self._taken_bytes = 0  # each is written by one thread only
        self.last = 0  # the sequence of the newest entry that was put
        self._newest = b""

    @property
    def filling(self) -> bool:
        """Whether more comes than is taken."""
        return self._put_bytes - self._taken_bytes >= self._most_bytes // 2

    async def put(self, thing: Entry | LogGap) -> None:
        """Add an entry, or the reason why no more come; waits while the inbox is full."""
        while self._put_bytes - self._taken_bytes >= self._most_bytes:  # noqa: ASYNC110  a thread takes them
            await asyncio.sleep(0.03)  # half of it still waits to be worked, for ten times as long
        if not isinstance(thing, LogGap):
            self._put_bytes += len(thing.body)
            self.last, self._newest = thing.seq, thing.body
        self._queue.put(thing)

    @property
    def print_of_last(self) -> str:
        """The fingerprint of the newest entry that was put; empty where there was none."""
        return fingerprint(self._newest) if self._newest else ""

    def take(self, *, most_bytes: int, linger: float, wait: float) -> list[Entry]:
        """Return consecutive entries of up to `most_bytes`, having lingered a moment for more to come; empty after `wait` s.

        Raises LogGap once all that came before it has been taken.
        """
        if self._left is not None:
            raise self._left
        entries: list[Entry] = []
        size, until = 0, 0.0
        while size < most_bytes:
            try:
                thing = self._queue.get(timeout=max(until - monotonic(), 0.0) if entries else wait)
            except Empty:
                break
            if isinstance(thing, LogGap):
                self._left = thing
                break
            until = until or monotonic() + linger
            entries.append(thing)
            size += len(thing.body)
        self._taken_bytes += size
        if not entries and self._left is not None:
            raise self._left
        return entries


class Ahead(Thread):
    """Takes entries from the inbox and does with them what needs no engine, while the projector waits for PostgreSQL.

    One batch is ready, one is being prepared, one is worked. The more there is to do, the larger they are: what each
    transaction costs is then shared by more.
    """

    def __init__(self, inbox: Inbox, prepare: Callable[[Sequence[Entry]], Batch], *, stopping: Event) -> None:
        super().__init__(name="ahead", daemon=True)
        self._inbox, self._prepare, self._stopping = inbox, prepare, stopping
        self._ready: Queue[tuple[list[Entry], Batch | None] | Exception] = Queue(1)

    def run(self) -> None:
        """Prepare until stopped, or until the log has a gap."""
        while not self._stopping.is_set():
            try:
                entries = self._inbox.take(most_bytes=BATCH_BYTES, linger=LINGER, wait=0.2)
                made = (entries, self._prepared(entries)) if entries else None
            except Exception as error:  # noqa: BLE001  whoever asks for the next batch gets it
                self._hand_over(error)
                return
            if made:
                self._hand_over(made)

    def next(self, *, wait: float) -> tuple[list[Entry], Batch | None]:
        """Return entries with what was made of them; none after `wait` s. Raises LogGap where the log has a gap."""
        try:
            made = self._ready.get(timeout=wait)
        except Empty:
            return [], None
        if isinstance(made, Exception):
            raise made
        return made

    def _prepared(self, entries: Sequence[Entry]) -> Batch | None:
        try:
            return self._prepare(entries)
        except Exception:  # noqa: BLE001  the projector meets it again, and finds the item that it comes from
            return None

    def _hand_over(self, made: tuple[list[Entry], Batch | None] | Exception) -> None:
        while not self._stopping.is_set():
            with suppress(Full):
                self._ready.put(made, timeout=0.2)
                return


async def read_into(  # noqa: PLR0913
    inbox: Inbox, log: Log, *, after: int, stopping: Event, print_of: str = "", passed: Sequence[tuple[int, int]] = ()
) -> None:
    """Read the log after a sequence into the inbox until stopped. A gap is the last thing that it puts there.

    Raises NotRunning where a gap seems to be, but the log's disk is full: NATS counts what it then failed to write.
    """
    if after == 0:
        after = max((await log.state()).first_seq - 1, 0)  # a reader's very first start: what expired before is not missing
    reading = log.read(after, print_of=print_of, passed=passed, batch=16, idle=0.5)
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
