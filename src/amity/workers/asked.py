"""What people ask of their data, in the background: archives, links to confirm, regulations, reminders. In a thread of the leader's own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread
from time import monotonic

import structlog
from django.db import connection

from amity.workers.faults import said, where

log = structlog.get_logger("amity.worker")
PAUSE, AFTER_TROUBLE = 1.0, 10.0
REMIND_EVERY = 3_600.0


class Asked:
    """A thread that works requests once it is begun: a long archive or a slow mail server lets no other duty wait.

    `stopping` ends it after the one at hand.
    """

    def __init__(self, stopping: Event) -> None:
        self._stopping = stopping
        self._thread: Thread | None = None
        self._remind_at = 0.0

    def begin(self) -> None:
        """Begin to look, unless that is so already."""
        if self._thread is None or not self._thread.is_alive():
            self._thread = Thread(target=self._work, name="requests", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        from amity.rooms.trust import api as trust

        while not self._stopping.is_set():
            well = all([
                self._until_none(trust.send_next_link, "link"),
                self._until_none(trust.work_regulations, "regulation"),
                self._remind(),
                self._until_none(trust.make_next_archive, "archive"),
            ])  # fmt: skip
            connection.close()
            self._stopping.wait(PAUSE if well else AFTER_TROUBLE)

    def _until_none(self, work: Callable[[], bool], what: str) -> bool:
        try:
            while not self._stopping.is_set() and work():
                pass
        except Exception as error:  # noqa: BLE001  an engine that is away, whatever its driver calls that; it is tried again
            log.warning("request stands still", what=what, error=said(error), where=where(error))
            return False
        return True

    def _remind(self) -> bool:
        from amity.rooms.trust import api as trust

        if monotonic() < self._remind_at:
            return True
        self._remind_at = monotonic() + REMIND_EVERY
        return self._until_none(lambda: trust.remind() < 0, "reminder")
