"""One worker process: reads the log, works its shard of the customers, carries rows to the past, and may lead.

The event loop reads the log and answers health checks. Three threads do what blocks: the projector, the carrier, the leader.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import signal
from collections.abc import Callable
from threading import Event, Thread
from time import monotonic
from typing import Any

import structlog
from django.db import connection

from amity.engines.addresses import addresses
from amity.engines.log.client import Log
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, LogGap
from amity.workers import metrics, position
from amity.workers.batch import Batch
from amity.workers.carrier import Carrier, shards_of
from amity.workers.duties import audience_duties, duties, erasing_duties, outward_duties, rules_duties
from amity.workers.faults import said, where
from amity.workers.gap import note_rescued, passed_ranges
from amity.workers.halted import wait_for_a_way_on
from amity.workers.leader import AUDIENCES, ERASURES, OUTWARD, RULES, Leader
from amity.workers.live import feed
from amity.workers.position import Fenced, Standing
from amity.workers.projector import Projector, Stopped
from amity.workers.reading import Ahead, Inbox, read_into
from amity.workers.watch import Watch

log = structlog.get_logger("amity.worker")

MOST_PENDING = 200  # batches that may wait for the past before the present waits too


class Worker:
    """A worker, from its start to its stop. `at` is called at each boundary where a crash matters."""

    def __init__(self, *, index: int, of: int, at: Callable[[str], None] = lambda _: None) -> None:
        self.index, self.of = index, of
        self.stopping = Event()
        self.standing = Standing(index=index, of=of)
        self.projector = Projector(self.standing, stopping=self.stopping, at=at)
        self.carrier = Carrier(shards_of(index, of), at=at)
        self.watch = Watch()
        self.leader: Leader | None = None
        self.audiences: Leader | None = None
        self.rules: Leader | None = None
        self.outward: Leader | None = None
        self.erasures: Leader | None = None
        self.log: Log | None = None
        self.inbox = Inbox()
        self.passed: list[tuple[int, int]] = []  # what people decided to go without
        self.again = asyncio.Event()  # read on behind a gap
        self.end = 0  # the log's last sequence, as last known
        self.gap = ""
        self.failed = ""
        self.started = False

    async def run(self) -> None:
        """Work until `stop`. Raises Fenced if another process takes this one's place."""
        loop = asyncio.get_running_loop()
        self.log = await self._connected()
        if self.log is None:
            return
        standing = await asyncio.to_thread(self._stand)
        if standing is None:
            await self.log.close()
            return
        self.standing = self.projector.standing = standing
        projecting = Thread(target=self._project, args=(loop,), name="projector", daemon=True)
        watch, busy = self.watch, lambda: self.inbox.filling
        self.leader = Leader(duties(log=self.log, loop=loop, stopping=self.stopping, busy=busy, watch=watch), watch=watch)
        self.audiences = Leader(audience_duties(), lock=AUDIENCES, name="audiences", watch=watch)
        self.outward = Leader(outward_duties(), lock=OUTWARD, name="outward", watch=watch)
        self.rules = Leader(rules_duties(self.stopping), lock=RULES, name="rules", watch=watch)
        self.erasures = Leader(erasing_duties(log=self.log, loop=loop), lock=ERASURES, name="erasures", watch=watch)
        tasks = [asyncio.create_task(self._read()), asyncio.create_task(self._watch_end())]
        for thread in (watch, projecting, self.carrier, self.leader, self.audiences, self.rules, self.erasures, self.outward):
            thread.start()
        self.started = True
        log.info("worker started", reader=self.standing.reader, seq=self.standing.seq)
        await asyncio.to_thread(self.stopping.wait)
        self.leader.stop()
        self.audiences.stop()
        self.outward.stop()
        self.rules.stop()
        self.erasures.stop()
        self.carrier.stop()
        watch.stop()
        for thread in (projecting, self.leader, self.audiences, self.rules, self.erasures, self.outward, self.carrier):
            await asyncio.to_thread(thread.join, 8)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self.log.close()
        log.info("worker stopped", reader=self.standing.reader, seq=self.standing.seq)
        if self.failed:
            raise Fenced(self.failed)

    def stop(self) -> None:
        """Ask the worker to finish the batch at hand and end."""
        self.stopping.set()

    def report(self) -> dict[str, Any]:
        """Return how the worker stands, for people and machines; refreshes the gauges."""
        lag = max(self.end - self.standing.seq, 0)
        metrics.LAG_MESSAGES.set(lag)
        metrics.PENDING.set(self.carrier.waiting)
        metrics.HALTED.set(1 if self.gap else 0)
        problems = {
            "starting": "" if self.started else "It waits for the engines.",
            "halted": self.gap,
            "waiting": self.projector.trouble,
            "past": self.carrier.trouble if self.carrier.waiting > MOST_PENDING else self.carrier.lasting_trouble,
            "log": "" if self.log is None or self.log.client.is_connected else "The log does not answer.",
        }
        leaders = (self.leader, self.audiences, self.rules, self.erasures, self.outward)
        return {
            "reader": self.standing.reader,
            "seq": self.standing.seq,
            "lag": lag,
            "pending_past_batches": self.carrier.waiting,
            "past": self.carrier.trouble,
            "leads": bool(self.leader and self.leader.leads),
            "duties": {name: text for one in leaders if one for name, text in one.trouble.items()},
            "problems": {name: text for name, text in problems.items() if text},
        }

    async def _connected(self) -> Log | None:
        """Return the log once it answers, None where the worker is to stop before."""
        while not self.stopping.is_set():
            try:
                return await Log.connect(addresses().log, name=f"worker-{self.index}", wait=2)
            except AmityError as error:
                log.warning("log unreachable", error=error.message)
                await asyncio.sleep(0.5)
        return None

    def _stand(self) -> Standing | None:
        wait = 0.1
        while True:
            try:
                standing = position.take_up(self.index, self.of)
                self.passed = passed_ranges()
                return standing
            except Exception as error:  # noqa: BLE001  an engine that is away, whatever its driver calls that
                log.warning("present unreachable", error=said(error), wait=wait)
                connection.close()
                if self.stopping.wait(wait):
                    return None
                wait = min(wait * 2, 5)
            finally:
                connection.close()

    async def _read(self) -> None:
        assert self.log is not None  # noqa: S101
        while not self.stopping.is_set():
            after, print_of = self.standing.seq, self.standing.entry_print
            if self.inbox.last > after:
                after, print_of = self.inbox.last, self.inbox.print_of_last
            try:
                await read_into(self.inbox, self.log, after=after, print_of=print_of, passed=self.passed, stopping=self.stopping)
            except Exception as error:  # noqa: BLE001  a log that is away or not yet made, whatever its driver calls that
                log.warning("log unreadable", error=said(error))
                await asyncio.sleep(0.5)
            else:
                await self.again.wait()
                self.again.clear()

    async def _watch_end(self) -> None:
        assert self.log is not None  # noqa: S101
        while True:
            with contextlib.suppress(Exception):  # the reader reports what is wrong with the log
                self.end = max(self.end, (await self.log.state()).last_seq)
            await asyncio.sleep(2)

    def _project(self, loop: asyncio.AbstractEventLoop) -> None:
        try:
            while not self.stopping.is_set():
                try:
                    self._work_on(loop)
                except LogGap as gap:
                    self._halt(gap)
                    self._read_on(loop)
        except Stopped:
            pass
        except Fenced as error:
            log.error("worker fenced", reader=self.standing.reader, error=error.message)  # noqa: TRY400
            self.failed = error.message
            self.stopping.set()
        except Exception as error:  # noqa: BLE001  nobody else would hear of it
            log.critical("worker broke", reader=self.standing.reader, error=said(error), where=where(error))
            self.failed = said(error)  # the process ends and is started again, rather than stand still and seem well
            self.stopping.set()
        finally:
            connection.close()

    def _work_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Work what is read until the worker is to stop. Raises LogGap where reading has stopped at one."""
        ahead = Ahead(self.inbox, self.projector.prepare, stopping=self.stopping)
        ahead.start()
        while not self.stopping.is_set():
            if self.carrier.waiting > MOST_PENDING:
                self.carrier.wake.set()
                self.stopping.wait(0.05)
                continue
            entries, prepared = ahead.next(wait=0.2)
            if entries:
                began = monotonic()
                batch = self.projector.work(entries, prepared)
                self.end = max(self.end, entries[-1].seq)
                self._told(batch, loop, seconds=monotonic() - began, stored_at=entries[-1].stored_at)
                note_rescued(entries)

    def _told(self, batch: Batch, loop: asyncio.AbstractEventLoop, *, seconds: float, stored_at: int) -> None:
        """Tell the carrier, the metrics and whoever watches that a batch is committed."""
        self.carrier.told(len(batch.past_batches))
        metrics.count_batch(batch, seconds=seconds, lag=max(now_ms() - stored_at, 0) / 1000)
        try:
            for subject, body in feed(batch).items():
                loop.call_soon_threadsafe(self._publish, subject, body)
        except Exception as error:  # noqa: BLE001  the batch is committed: what can't be shown must not stop it
            log.warning("live feed failed", error=said(error), where=where(error))

    def _publish(self, subject: str, body: bytes) -> None:
        if self.log is not None and not self.stopping.is_set():
            task = asyncio.get_running_loop().create_task(self.log.publish_live(subject, body))
            task.add_done_callback(lambda done: done.cancelled() or done.exception())

    def _halt(self, gap: LogGap) -> None:
        self.gap = gap.message
        log.critical("worker halted", reader=self.standing.reader, reason=gap.message)
        position.halt(self.standing, gap.message)

    def _read_on(self, loop: asyncio.AbstractEventLoop) -> None:
        """Wait until reading can go on, because a person decided so or the gap is gone, and begin again from there."""
        assert self.log is not None  # noqa: S101
        standing = wait_for_a_way_on(self.log, self.standing, loop=loop, stopping=self.stopping)
        if standing is None:
            return
        self.standing = self.projector.standing = standing
        self.passed, self.inbox, self.gap = passed_ranges(), Inbox(), ""
        loop.call_soon_threadsafe(self.again.set)


def spare_the_collector() -> None:
    """Let Python look for cyclic garbage seldom, and never at what was loaded at the start.

    A batch makes some hundred thousand objects that live until its end and form no cycles: looking at them again and again
    took a third of the worker's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(500_000, 50, 1_000)


async def serve(*, index: int, of: int, health_port: int) -> None:
    """Run a worker with its health server until SIGTERM or SIGINT."""
    from granian.server.embed import Server

    from amity.workers.health import Health

    spare_the_collector()
    worker = Worker(index=index, of=of)
    loop = asyncio.get_running_loop()
    for sign in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(sign, worker.stop)
    server = Server(
        Health(worker.report), address="127.0.0.1", port=health_port, interface="rsgi", websockets=False, log_enabled=False
    )
    serving = loop.create_task(server.serve())
    try:
        await worker.run()
    finally:
        server.stop()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(serving, 3)
