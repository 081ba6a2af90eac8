"""The log's entries that some reader has yet to work, out of one log and into another under the same sequences."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import aclosing
from dataclasses import dataclass

from nats.errors import Error as NatsError
from nats.js.errors import APIError, NotFoundError

from amity.engines.archive.layout import ENTRY, digest
from amity.engines.archive.reading import Part
from amity.engines.archive.writing import Writer
from amity.engines.backup.chunks import CHUNK
from amity.engines.log.client import STREAM, SUBJECT, Entry, Log
from amity.kernel.errors import AmityError, NotRunning

KIND, NAME = "log", "entries"
_PATIENCE = 60  # seconds


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Entries behind sequence `after` up to and including `last`; none where the two are equal."""

    after: int
    last: int


async def dump_log(log: Log, stretch: Stretch, writer: Writer, *, told: Callable[[str, int], None]) -> None:
    """Write the entries of a stretch. Raises LogGap where one is missing."""
    with writer.part(KIND, NAME, unit="entries") as part:
        held: list[bytes] = []
        rows = 0
        async for entry in read(log, stretch):
            held += [ENTRY.pack(entry.seq, entry.stored_at, len(entry.body)), entry.body]
            rows += 1
            if sum(map(len, held)) >= CHUNK:
                part.add(b"".join(held), rows=rows)
                held, rows = [], 0
                told(NAME, part.rows)
        part.add(b"".join(held), rows=rows)


async def read(log: Log, stretch: Stretch) -> AsyncIterator[Entry]:
    """Yield the entries of a stretch in order. Raises LogGap where one is missing, NotRunning where none come for long."""
    if stretch.last <= stretch.after:
        return
    came = time.monotonic()
    async with aclosing(log.read(stretch.after)) as reading:  # type: ignore[type-var]
        async for entries in reading:
            if entries:
                came = time.monotonic()
            elif time.monotonic() - came > _PATIENCE:
                raise NotRunning(f"The log has given nothing for {_PATIENCE} s. See amity status, and try again.")
            for entry in entries:
                if entry.seq <= stretch.last:
                    yield entry
                if entry.seq >= stretch.last:
                    return


def entries_of(part: Part) -> Iterator[Entry]:
    """Yield the entries that a part holds."""
    for chunk, _ in part.chunks():
        at = 0
        while at < len(chunk):
            seq, stored_at, length = ENTRY.unpack_from(chunk, at)
            at += ENTRY.size
            yield Entry(seq, stored_at, chunk[at : at + length])
            at += length


async def fingerprint(log: Log, seq: int) -> str:
    """Return the digest of one entry, so that another log can be told from this one; empty where it isn't there."""
    try:
        message = await log.js.get_msg(STREAM, seq)
    except (NotFoundError, NatsError):
        return ""
    return digest(message.data or b"").hex()


async def put(log: Log, entry: Entry) -> None:
    """Append an entry so that it gets its old sequence. Raises AmityError if it can't."""
    headers = {"Nats-Expected-Last-Sequence": str(entry.seq - 1)}
    try:
        await log.js.publish(SUBJECT, entry.body, timeout=60, headers=headers)
    except APIError as error:
        raise AmityError(f"The log refused entry {entry.seq}: {error.description or error}.") from error
    except (NatsError, OSError, TimeoutError) as error:
        raise NotRunning(f"The log did not confirm entry {entry.seq}: {error}.") from error


async def state_of(log: Log) -> tuple[int, int]:
    """Return the log's first and last sequence. Raises NotRunning where it doesn't answer."""
    try:
        state = await log.state()
    except (NatsError, OSError, TimeoutError) as error:
        raise NotRunning(f"The log does not answer: {error}.") from error
    return state.first_seq, state.last_seq


async def stored_at(log: Log, seq: int) -> int:
    """Return when an entry was stored (ms since 1970); 0 where it isn't there."""
    try:
        message = await log.js.get_msg(STREAM, seq)
    except (NotFoundError, NatsError):
        return 0
    return round(message.time.timestamp() * 1000) if message.time else 0
