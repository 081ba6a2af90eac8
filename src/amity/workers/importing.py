"""Imports in the background: the leading worker works one after the other, in a thread beside its other duties."""

from __future__ import annotations

from threading import Event, Thread

import structlog
from django.db import connection

from amity.workers.faults import said, where

log = structlog.get_logger("amity.worker")


class Importing:
    """Keeps at most one thread, as long as there is something to import. `stopping` ends it where it stands."""

    def __init__(self, stopping: Event) -> None:
        self._stopping = stopping
        self._thread: Thread | None = None

    def look(self) -> None:
        """Begin to work if imports wait and none is worked here. Quick, so that it may be one duty among others."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._work, name="importing", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        from amity.rooms.collection import api as collection

        try:
            while not self._stopping.is_set() and collection.run_next_import(stopping=self._stopping.is_set):
                pass
        except Exception as error:  # noqa: BLE001  an engine that is away, whatever its driver calls that; it is tried again
            log.warning("import stands still", error=said(error), where=where(error))
        finally:
            connection.close()
