"""The leader: one worker of all relays facts and keeps the schedules. It leads while it holds a lock of PostgreSQL's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING, Any

import psycopg
import structlog
from django.db import connection

from amity.workers.faults import said, where

if TYPE_CHECKING:
    from amity.workers.watch import Watch

log = structlog.get_logger("amity.worker")
LOCK = 0x414D495459  # AMITY
AUDIENCES = 0x41554449  # AUDI
RULES = 0x52554C4553  # RULES
OUTWARD = 0x4F555457  # OUTW
ERASURES = 0x45524153  # ERAS
AT_LEAST_EVERY = 60.0  # seconds after which a duty is kept though nothing seems to wait: what a schedule asks for begins so
_LONGEST_REST = 5.0  # seconds; then it is looked whether the lock is still held


@dataclass(slots=True)
class Duty:
    """Something that the leader does every so many seconds. `run` may fail: it is tried again next time.

    It is to be quick. What has much to do does a part of it and returns True: it goes on once the others had their turn.
    `waits`: it is kept only while the watch says that such work waits, and at least every minute.
    """

    name: str
    every: float
    run: Callable[[], Any]
    waits: str = ""
    due: float = 0.0
    latest: float = 0.0  # when it is kept whatever the watch says


def own_connection() -> psycopg.Connection[Any]:
    """Return a connection outside Django's pool: a lock that belongs to a session needs one that nobody else is handed."""
    to = connection.settings_dict
    return psycopg.connect(
        host=to["HOST"],
        port=to["PORT"],
        user=to["USER"],
        password=to["PASSWORD"],
        dbname=to["NAME"],
        autocommit=True,
        connect_timeout=5,
    )


class Leader(Thread):
    """Tries to lead, and while it does, keeps its duties. `lock` is what leading is: one process at a time holds it."""

    def __init__(
        self, duties: Sequence[Duty], *, pause: float = 0.1, lock: int = LOCK, name: str = "leader", watch: Watch | None = None
    ) -> None:
        super().__init__(name=name, daemon=True)
        self.duties, self.pause, self.lock, self.watch = duties, pause, lock, watch
        self._bell = watch.bell(duty.waits for duty in duties if duty.waits) if watch else None
        self.stopping = Event()
        self.leads = False
        self.trouble: dict[str, str] = {}

    def stop(self) -> None:
        """End after the duty at hand."""
        self.stopping.set()
        if self._bell:
            self._bell.rung.set()

    def run(self) -> None:
        """Lead or wait to lead until stopped."""
        while not self.stopping.is_set():
            try:
                with own_connection() as lock:
                    self._lead(lock)
            except psycopg.Error as error:
                log.warning("leader lost its lock", error=str(error).strip()[:200])
            self.leads = False
            connection.close()
            self.stopping.wait(1)

    def _lead(self, lock: psycopg.Connection[Any]) -> None:
        while not self.stopping.is_set():
            [held] = lock.execute("SELECT pg_try_advisory_lock(%s)", [self.lock]).fetchone() or [False]
            if held:
                break
            self.stopping.wait(1)
        checked = monotonic()
        while not self.stopping.is_set():
            self.leads = True
            if monotonic() - checked > 1:
                lock.execute("SELECT 1")  # a lost connection is a lost lock
                checked = monotonic()
            for duty in self.duties:
                if self._is_due(duty) and not self.stopping.is_set():
                    self._keep(duty)
            self.stopping.wait(self.pause)
            self._rest()

    def _is_due(self, duty: Duty) -> bool:
        now = monotonic()
        if duty.due > now:
            return False
        return self.watch is None or not duty.waits or duty.latest <= now or self.watch.waits(duty.waits)

    def _rest(self) -> None:
        """Where there is a watch, wait until it rings, or until a duty's time has come."""
        if self.watch is None or self._bell is None:
            return
        waits = [duty.due if not duty.waits or self.watch.waits(duty.waits) else duty.latest for duty in self.duties]
        self._bell.wait(min(min(waits, default=0.0) - monotonic(), _LONGEST_REST))

    def _keep(self, duty: Duty) -> None:
        more = failed = False
        try:
            more = duty.run() is True
            self.trouble.pop(duty.name, None)
        except Exception as error:  # noqa: BLE001  an engine that is away, whatever its driver calls that
            if duty.name not in self.trouble:
                log.warning("duty failed", duty=duty.name, error=said(error), where=where(error))
            self.trouble[duty.name] = said(error)
            failed = True
            connection.close()
        duty.due = monotonic() + (0 if more else duty.every)
        duty.latest = duty.due + (0 if more or failed else AT_LEAST_EVERY)
