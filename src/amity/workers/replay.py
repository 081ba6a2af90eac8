"""Replay: work a span of the log again, through the same pipeline, without doing anything twice.

What was taken before is known and goes on; its effects on customers are those of the first time, and its rows in the past
take the place of the old ones. A replay that was interrupted goes on where it stopped.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing, contextmanager
from dataclasses import dataclass
from threading import Event
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Min, Q
from django.db.models.functions import Now

from amity.engines.log.client import Entry, Log
from amity.engines.present.models import PastBatch, Position, Replay
from amity.facts.interaction import Interaction, Rejection
from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import AmityError, Invalid, LogGap
from amity.rooms.customers.contracts import Conflict
from amity.workers.batch import Batch
from amity.workers.carrier import REPLAYS, carry
from amity.workers.gap import passed_ranges
from amity.workers.leader import own_connection
from amity.workers.pipeline.decode import open_entries
from amity.workers.pipeline.run import is_ours, run, run_carefully
from amity.workers.reading import BATCH_BYTES
from amity.workers.span import Span, find_span

LOCK = 0x5245504C4159  # REPLAY
_RUNNING = """
    SELECT EXISTS (
        SELECT FROM pg_locks JOIN pg_database d ON d.oid = pg_locks.database AND d.datname = current_database()
        WHERE locktype = 'advisory' AND objsubid = 1 AND classid::bigint << 32 | objid::bigint = %s
    )
"""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What to replay: stored in the log from `since` up to `until` (ms since 1970), of one workspace or of all."""

    since: int
    until: int
    workspace: int | None
    muted: bool
    by: str


async def replay(log: Log, asked: Asked, *, progress: Callable[[Replay], None], note: Callable[[str], None]) -> Replay:
    """Work the span again and return its record. `note` is told, in a sentence, what a person should know.

    Raises Invalid where the log holds nothing of the span, AmityError where another replay runs, NotRunning where an engine
    is away; the same call later goes on from there.
    """
    span = await find_span(log, since=asked.since, until=asked.until)
    if span.log_begins is not None and span.log_begins > asked.since:
        note(f"The log no longer holds all of this span: it begins at {from_ms(span.log_begins):%Y-%m-%d %H:%M:%S} UTC.")
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, thread_name_prefix="replay") as thread:

        async def apart(work: Callable[..., Any], *args: Any) -> Any:
            return await loop.run_in_executor(thread, work, *args)

        alone = _Alone()
        await apart(alone.begin)
        try:
            record = await apart(_begin, asked, span)
            if record.seq >= record.first_seq:
                note(f"Going on with replay {record.pk} after sequence {record.seq}.")
            await apart(_wait_for_the_past, note)
            await apart(carry, Q(shard=REPLAYS))
            passed = await apart(passed_ranges)
            if record.seq < record.last_seq:
                async with aclosing(log.read(record.seq, passed=passed, batch=16)) as reading:  # type: ignore[type-var]
                    async for some in together(reading, last=record.last_seq):
                        await apart(work, record, some)
                        progress(record)
            await apart(_finish, record)
        finally:
            await apart(alone.end)
            await apart(_close)
    return record  # type: ignore[no-any-return]


def work(record: Replay, entries: Sequence[Entry], at: Callable[[str], None] = lambda _: None) -> Batch:
    """Work entries of the span in one transaction and bring their rows to the past."""
    careful = False
    while True:
        try:
            batch = _attempt(record, entries, careful=careful)
        except Conflict:
            continue
        except Exception as error:
            if careful or not is_ours(error):
                raise
            careful = True
        else:
            break
    record.seq = entries[-1].seq
    record.interactions += len(batch.live)
    at("after commit")
    carry(Q(shard=REPLAYS), at=at)
    return batch


async def together(reading: AsyncIterator[Sequence[Entry]], *, last: int) -> AsyncIterator[list[Entry]]:
    """Yield entries up to sequence `last` in lists of some megabytes, however few come at a time.

    For each list the past is searched for what it replaces, which takes longer the more the past holds: so few lists.
    """
    some: list[Entry] = []
    size = 0
    try:
        async for entries in reading:
            for entry in entries:
                if entry.seq <= last:
                    some.append(entry)
                    size += len(entry.body)
                if size >= BATCH_BYTES:
                    yield some
                    some, size = [], 0
            ended = bool(entries) and entries[-1].seq >= last
            if some and (ended or not entries):
                yield some
                some, size = [], 0
            if ended:
                return
    except LogGap:
        if some:
            yield some  # what came before it
        raise


def _attempt(record: Replay, entries: Sequence[Entry], *, careful: bool) -> Batch:
    first, last = entries[0].seq, entries[-1].seq
    batch = Batch(
        token=f"replay-{record.pk}:{first}-{last}@{entries[0].stored_at}",
        first_seq=first,
        last_seq=last,
        started_at=now_ms(),
        shard=REPLAYS,
        replayed=True,
        muted=record.muted,
    )

    def mine(thing: Interaction | Rejection, _: int) -> bool:
        return isinstance(thing, Interaction) and record.workspace_id in {None, thing.workspace}

    open_entries(batch, entries, mine)
    batch.replaces = _replaced(batch, record.workspace_id or 0)
    with transaction.atomic():
        (run_carefully if careful else run)(batch)
        moved = Replay.objects.filter(pk=record.pk, seq=record.seq).update(
            seq=last, interactions=F("interactions") + len(batch.live)
        )
        if not moved:
            raise AmityError(
                f"Replay {record.pk} was moved on by another process; start the command again to see where it stands."
            )
    return batch


def _replaced(batch: Batch, workspace: int) -> dict[str, int] | None:
    """Return which rows of the past the batch's stand in for; see `sql/delete_replaced.sql`."""
    from amity.engines.past.rows import seconds

    if not batch.items:
        return None
    times = [round(seconds(item.interaction.time) * 1000) for item in batch.items]
    received = [round(seconds(item.interaction.received_at) * 1000) for item in batch.items]
    return {
        "first": batch.first_seq,
        "last": batch.last_seq,
        "since": min(times),
        "until": max(times),
        "received_since": min(received),
        "received_until": max(received),
        "before": batch.started_at,
        "workspace": workspace,
    }


def _begin(asked: Asked, span: Span) -> Replay:
    """Return the record of this replay: the one that was interrupted, else a new one."""
    worked = Position.objects.filter(reader__startswith="worker-").aggregate(least=Min("seq"))["least"] or 0
    last = min(span.last, worked)
    same = {
        "from_time": from_ms(asked.since),
        "to_time": from_ms(asked.until),
        "workspace_id": asked.workspace,
        "muted": asked.muted,
    }
    found = Replay.objects.filter(**same, finished_at=None).order_by("-id").first()
    if found is not None:
        if span.first > found.seq + 1:
            raise Invalid("The log no longer holds the place where this replay stopped; ask for a span that begins later.")
        return found
    if last < span.first:
        raise Invalid("The log holds nothing of this span that a worker has worked yet.")
    return Replay.objects.create(**same, first_seq=span.first, last_seq=last, seq=span.first - 1, asked_by=asked.by)


def _wait_for_the_past(note: Callable[[str], None], *, seconds: float = 120) -> None:
    """Wait until rows that workers have committed by now are in the past: what isn't there can't be replaced."""
    newest = PastBatch.objects.exclude(shard=REPLAYS).order_by("-id").values_list("pk", flat=True).first()
    waiting = PastBatch.objects.exclude(shard=REPLAYS).filter(pk__lte=newest or 0)
    pause = Event()
    for attempt in range(int(seconds * 10)):
        left = waiting.count()
        if not left:
            return
        if attempt % 50 == 0:
            note(f"Waiting for the worker to bring {left} batches to the past.")
        pause.wait(0.1)
    raise AmityError("Rows still wait to be brought to the past. Is a worker running? See: amity status")


def _close() -> None:
    connection.close()  # of the thread that runs this, which the name alone would not be


def _finish(record: Replay) -> None:
    Replay.objects.filter(pk=record.pk).update(finished_at=Now())


class _Alone:
    """Holds the lock that lets one replay run at a time; a crash releases it."""

    def begin(self) -> None:
        self._connection = own_connection()
        [held] = self._connection.execute("SELECT pg_try_advisory_lock(%s)", [LOCK]).fetchone() or [False]
        if not held:
            self._connection.close()
            raise AmityError("Another replay is running; wait for its end.")

    def end(self) -> None:
        self._connection.close()


def replay_running() -> bool:
    """Whether a replay runs now; one may begin right after. Keeps none from beginning."""
    with connection.cursor() as cursor:
        cursor.execute(_RUNNING, [LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


@contextmanager
def no_replay_running() -> Iterator[bool]:
    """Whether no replay runs; none starts meanwhile."""
    alone = _Alone()
    try:
        alone.begin()
    except AmityError:
        yield False
        return
    try:
        yield True
    finally:
        alone.end()
