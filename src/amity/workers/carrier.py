"""The carrier: brings committed rows to the past, in order, and forgets them once the past has confirmed.

A batch that was carried but not forgotten is carried again under the same token, which the past recognises.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Thread

import structlog
from django.db import connection, transaction
from django.db.models import Q

from amity.engines.past.client import command, insert_body, question
from amity.engines.present.barrier import hold_shared
from amity.engines.present.models import PastBatch
from amity.kernel.errors import AmityError
from amity.workers.faults import said, where
from amity.workers.refused import carry_in_parts, is_about_data

log = structlog.get_logger("amity.worker")
REPLAYS = -1  # the shard of what a replay writes
AT_ONCE = 16
LONGEST_WAIT = 5.0


def pending(shards: Q) -> int:
    """Return how many batches of these shards still wait for the past."""
    return PastBatch.objects.filter(shards).count()


def shards_of(index: int, of: int) -> Q:
    """Return which shards a worker carries: its own, and the first worker also those of workers that are no more."""
    return Q(shard=index) | Q(shard__gte=of) if index == 0 else Q(shard=index)


def carry(shards: Q, *, at: Callable[[str], None] = lambda _: None) -> int:
    """Carry what waits, oldest first, and return how many batches that were. Raises what the past or PostgreSQL raises."""
    carried = 0
    while True:
        waiting = list(PastBatch.objects.filter(shards).order_by("id")[:AT_ONCE])
        if not waiting:
            return carried
        for batch in waiting:
            deliver(batch, at=at)
            carried += 1


def deliver(batch: PastBatch, *, at: Callable[[str], None]) -> None:
    """Carry one batch and forget it. A backup that begins meanwhile waits, so that it finds the rows in one place only."""
    with transaction.atomic():
        hold_shared()
        carry_one(batch)
        at("after insert")
        batch.delete()


def carry_one(batch: PastBatch) -> None:
    """Insert one batch. A replay's first deletes the rows that it takes the place of.

    Only rows projected before it: repeating this after a crash leaves its own rows alone.
    """
    if batch.replaces is not None:
        command(question("amity.workers", "delete_replaced"), **batch.replaces)
    if not batch.rows:
        return
    try:
        insert_body(table=batch.table, body=bytes(batch.body), token=batch.token)
    except AmityError as error:
        if not is_about_data(error):
            raise
        carry_in_parts(batch)


class Carrier(Thread):
    """Carries in a thread of its own whenever it is told that something was committed."""

    def __init__(self, shards: Q, *, at: Callable[[str], None] = lambda _: None) -> None:
        super().__init__(name="carrier", daemon=True)
        self.shards, self.at = shards, at
        self.wake, self.stopping = Event(), Event()
        self.waiting = 0  # batches that were committed and not yet carried, as last known
        self.carried = 0
        self.trouble = ""

    def told(self, batches: int) -> None:
        """Say that so many batches were committed."""
        self.waiting += batches
        self.wake.set()

    def stop(self) -> None:
        """Finish the batch at hand and end."""
        self.stopping.set()
        self.wake.set()

    def run(self) -> None:
        """Carry until stopped; an engine that is away is waited for."""
        wait = 0.05
        while not self.stopping.is_set():
            self.wake.clear()
            try:
                self.waiting = pending(self.shards)
                while self.waiting and not self.stopping.is_set():
                    self._some()
                wait, self.trouble = 0.05, ""
            except Exception as error:  # noqa: BLE001  an engine that is away, whatever its driver calls that
                self.trouble = said(error)
                log.error("carrier waits", error=self.trouble, where=where(error), wait=wait)  # noqa: TRY400  see faults.py
                connection.close()
                self.stopping.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT)
                continue
            self.wake.wait(5)
        connection.close()

    def _some(self) -> None:
        batches = list(PastBatch.objects.filter(self.shards).order_by("id")[:AT_ONCE])
        for batch in batches:
            if self.stopping.is_set():
                return
            deliver(batch, at=self.at)
            self.carried += 1
            self.waiting = max(self.waiting - 1, 0)
        if not batches:
            self.waiting = 0
