"""Long work in the background: a worker that leads works one piece after the other, in a thread for each kind of work."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic
from typing import TYPE_CHECKING

import structlog
from django.db import connection

from amity.workers.faults import said, where

if TYPE_CHECKING:
    from amity.workers.watch import Watch

log = structlog.get_logger("amity.worker")
PAUSE = 1.0
AT_LEAST_EVERY = 60.0  # seconds after which it is asked though nothing seems to wait: what a schedule asks for begins so


class Background:
    """A thread that looks for work once it is begun. `stopping` ends it, also in the middle of a piece: another goes on.

    It doesn't wait for its turn among the leader's duties, of which one may take minutes; nor does a lost lead end it, since
    a piece belongs to whoever holds its claim. `work` is told how to ask whether it is to stop, and returns whether there was any;
    where there was none, or it failed, it is asked again after `pause` seconds; with a `watch`, once that says that work of the kind
    `waits`, and at least every minute.
    """

    def __init__(  # noqa: PLR0913  what it does, and when
        self,
        name: str,
        work: Callable[[Callable[[], bool]], bool],
        stopping: Event,
        *,
        pause: float = PAUSE,
        waits: str = "",
        watch: Watch | None = None,
    ) -> None:
        self.name = name
        self._work, self._stopping, self._pause = work, stopping, pause
        self._waits, self._watch = waits, watch
        self._bell = watch.bell([waits]) if watch and waits else None
        self._thread: Thread | None = None

    def begin(self) -> None:
        """Begin to look, unless that is so already."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._look, name=self.name, daemon=True)
            self._thread.start()

    def _look(self) -> None:
        while not self._stopping.is_set():
            try:
                found = self._work(self._stopping.is_set)
                until = monotonic() + self._pause + AT_LEAST_EVERY
            except Exception as error:  # noqa: BLE001  an engine that is away, whatever its driver calls that; it is tried again
                log.warning("work stands still", work=self.name, error=said(error), where=where(error))
                found, until = False, 0.0
            connection.close()
            if not found:
                self._stopping.wait(self._pause)
                self._rest(until)

    def _rest(self, until: float) -> None:
        """Where there is a watch, wait until it says that such work waits, or until then."""
        if self._watch is None or self._bell is None:
            return
        while not (self._stopping.is_set() or self._watch.waits(self._waits) or monotonic() >= until):
            self._bell.wait(until - monotonic())
