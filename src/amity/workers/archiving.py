"""Archives of people's data in the background: a worker that leads makes one after the other, in a thread of its own."""

from __future__ import annotations

from threading import Event, Thread

import structlog
from django.db import connection

from amity.workers.faults import said, where

log = structlog.get_logger("amity.worker")
PAUSE, AFTER_TROUBLE = 1.0, 10.0


class Archiving:
    """A thread that makes archives once it is begun; a long one lets no other duty wait. `stopping` ends it after the one at hand."""

    def __init__(self, stopping: Event) -> None:
        self._stopping = stopping
        self._thread: Thread | None = None

    def begin(self) -> None:
        """Begin to look, unless that is so already."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._work, name="archiving", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        from amity.rooms.trust import api as trust

        while not self._stopping.is_set():
            pause = PAUSE
            try:
                while not self._stopping.is_set() and trust.make_next_archive():
                    pass
            except Exception as error:  # noqa: BLE001  an engine that is away, whatever its driver calls that; it is tried again
                log.warning("archive stands still", error=said(error), where=where(error))
                pause = AFTER_TROUBLE
            connection.close()
            self._stopping.wait(pause)
