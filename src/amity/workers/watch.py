"""The watch: one thread that asks PostgreSQL, in one question, what waits, and wakes whoever is to do it.

So an idle installation costs a question every quarter of a second, however many kinds of work there are. Where the question can't
be asked, everything may wait: who works meets the trouble, and reports it as ever.
"""

from __future__ import annotations

from collections.abc import Iterable
from threading import Event, Lock, Thread
from typing import Any

import psycopg
import structlog

from amity.engines.present.models import OutboxFact
from amity.engines.present.waiting import Condition, Question, any_of
from amity.workers.leader import own_connection

log = structlog.get_logger("amity.worker")
PAUSE = 0.25


class Bell:
    """Rung when something of `names` may wait. `Watch.bell` makes one."""

    def __init__(self, names: Iterable[str]) -> None:
        self.names = frozenset(names)
        self.rung = Event()

    def wait(self, seconds: float) -> None:
        """Return once it is rung, or after `seconds`; it may have been rung before."""
        self.rung.wait(max(seconds, 0.0))
        self.rung.clear()


class Watch(Thread):
    """Asks while it runs. Until its first answer everything may wait."""

    def __init__(self, question: Question | None = None, *, pause: float = PAUSE) -> None:
        super().__init__(name="watch", daemon=True)
        self._question, self._pause = question, pause
        self._stopping = Event()
        self._waits: frozenset[str] | None = None  # None: it isn't known
        self._bells: list[Bell] = []
        self._lock = Lock()

    def waits(self, name: str) -> bool:
        """Whether such work may wait, as of a moment ago."""
        return self._waits is None or name in self._waits

    def bell(self, names: Iterable[str]) -> Bell:
        """Return a bell for these names."""
        one = Bell(names)
        with self._lock:
            self._bells.append(one)
        return one

    def stop(self) -> None:
        """End, and ring every bell."""
        self._stopping.set()
        for one in list(self._bells):
            one.rung.set()

    def run(self) -> None:
        """Ask until stopped."""
        question = self._question or Question(conditions())
        while not self._stopping.is_set():
            try:
                with own_connection() as to:
                    self._ask(question, to)
            except psycopg.Error as error:
                if self._waits is not None:
                    log.warning("watch is blind", error=str(error).strip()[:200])
                self._tell(None)
            self._stopping.wait(1)

    def _ask(self, question: Question, to: psycopg.Connection[Any]) -> None:
        while not self._stopping.wait(self._pause):
            self._tell(question.ask(to))

    def _tell(self, waits: frozenset[str] | None) -> None:
        self._waits = waits
        for one in list(self._bells):
            if waits is None or one.names & waits:
                one.rung.set()


def conditions() -> dict[str, Condition]:
    """Return what each kind of work waits for, by its name."""
    from amity.rooms.collection import api as collection
    from amity.rooms.customers import api as customers
    from amity.rooms.journeys import api as journeys
    from amity.rooms.listening import api as listening
    from amity.rooms.metrics import api as metrics
    from amity.rooms.trust import api as trust

    found = {"outbox": any_of(OutboxFact.objects.all())}
    for room in (trust, collection, customers, listening, metrics, journeys):
        found |= room.waiting()
    return found
