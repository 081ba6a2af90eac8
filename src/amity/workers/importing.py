"""Imports in the background: a worker that leads works one after the other, in a thread of its own."""

from __future__ import annotations

from threading import Event, Thread

import structlog
from django.db import connection

from amity.workers.faults import said, where

log = structlog.get_logger("amity.worker")
PAUSE = 1.0


class Importing:
    """A thread that looks for imports once it is begun. `stopping` ends it, also in the middle of one: another goes on.

    It doesn't wait for its turn among the leader's duties, of which one may take minutes; nor does a lost lead end it, since
    an import belongs to whoever holds its claim.
    """

    def __init__(self, stopping: Event) -> None:
        self._stopping = stopping
        self._thread: Thread | None = None

    def begin(self) -> None:
        """Begin to look, unless that is so already."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._work, name="importing", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        from amity.rooms.collection import api as collection

        while not self._stopping.is_set():
            try:
                found = collection.run_next_import(stopping=self._stopping.is_set)
            except Exception as error:  # noqa: BLE001  an engine that is away, whatever its driver calls that; it is tried again
                log.warning("import stands still", error=said(error), where=where(error))
                found = False
            connection.close()
            if not found:
                self._stopping.wait(PAUSE)
