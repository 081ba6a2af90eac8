"""The leader: one worker of all relays facts and keeps the schedules. It leads while it holds a lock of PostgreSQL's."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from threading import Event, Thread
from time import monotonic
from typing import Any

import psycopg
import structlog
from django.db import connection

from amity.workers.faults import said, where

log = structlog.get_logger("amity.worker")
LOCK = 0x414D495459  # AMITY
AUDIENCES = 0x41554449  # AUDI
RULES = 0x52554C4553  # RULES
OUTWARD = 0x4F555457  # OUTW
ERASURES = 0x45524153  # ERAS


@dataclass(slots=True)
class Duty:
    """Something that the leader does every so many seconds. `run` may fail: it is tried again next time.

    It is to be quick. What has much to do does a part of it and returns True: it goes on once the others had their turn.
    """

    name: str
    every: float
    run: Callable[[], Any]
    due: float = 0.0


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

    def __init__(self, duties: Sequence[Duty], *, pause: float = 0.1, lock: int = LOCK, name: str = "leader") -> None:
        super().__init__(name=name, daemon=True)
        self.duties, self.pause, self.lock = duties, pause, lock
        self.stopping = Event()
        self.leads = False
        self.trouble: dict[str, str] = {}

    def stop(self) -> None:
        """End after the duty at hand."""
        self.stopping.set()

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
                if duty.due <= monotonic() and not self.stopping.is_set():
                    self._keep(duty)
            self.stopping.wait(self.pause)

    def _keep(self, duty: Duty) -> None:
        more = False
        try:
            more = duty.run() is True
            self.trouble.pop(duty.name, None)
        except Exception as error:  # noqa: BLE001  an engine that is away, whatever its driver calls that
            if duty.name not in self.trouble:
                log.warning("duty failed", duty=duty.name, error=said(error), where=where(error))
            self.trouble[duty.name] = said(error)
            connection.close()
        duty.due = monotonic() + (0 if more else duty.every)
