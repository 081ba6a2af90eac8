"""The carrier: brings committed rows to the past, in order, and forgets them once the past has confirmed.

A batch that was carried but not forgotten is carried again under the same token, which the past recognises.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event, Thread
from time import monotonic

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
AT_ONCE, ROWS_AT_ONCE = 200, 30_000
LONGEST_WAIT = 5.0
# An insert costs the past some 30 ms, few rows or many. So a moment is left for others to come, unless many wait already.
PAUSE, MANY = 0.1, 8
LASTING = 30.0  # seconds of trouble after which a person is to know


def pending(shards: Q) -> int:
    """Return how many batches of these shards still wait for the past."""
    return PastBatch.objects.filter(shards).count()


def shards_of(index: int, of: int) -> Q:
    """Return which shards a worker carries: its own, and the first worker also those of workers that are no more."""
    return Q(shard=index) | Q(shard__gte=of) if index == 0 else Q(shard=index)


def carry(shards: Q, *, at: Callable[[str], None] = lambda _: None) -> int:
    """Carry what waits, oldest first, and return how many batches that were. Raises what the past or PostgreSQL raises."""
    carried = 0
    while group := next_group(shards):
        deliver(group, at=at)
        carried += len(group)
    return carried


def next_group(shards: Q) -> list[PastBatch]:
    """Return the oldest batch with those that can go together with it, under a token that is written down for all of them.

    An insert costs the past as much as two thousand rows do, so what waits goes together. That the token is written down
    first makes a repeat after a crash the same insert again, whatever has come to wait since.
    """
    with transaction.atomic():
        waiting = list(PastBatch.objects.filter(shards).order_by("id").defer("body").select_for_update()[:AT_ONCE])
        if not waiting:
            return []
        oldest = waiting[0]
        if oldest.carried_as:
            return list(PastBatch.objects.filter(shards, carried_as=oldest.carried_as).order_by("id"))
        ids = [one.pk for one in _together(waiting)]
        token = oldest.token if len(ids) == 1 else f"{oldest.token}+{len(ids) - 1}"
        PastBatch.objects.filter(pk__in=ids).update(carried_as=token)
    return list(PastBatch.objects.filter(pk__in=ids).order_by("id"))


def _together(waiting: Sequence[PastBatch]) -> list[PastBatch]:
    """Return the first of these and the others of its table, up to many rows. What a replay replaces goes by itself, in its turn."""
    oldest = waiting[0]
    group = [oldest]
    for one in waiting[1:] if oldest.replaces is None else ():
        if one.replaces is not None or one.carried_as or sum(b.rows for b in group) + one.rows > ROWS_AT_ONCE:
            break
        if (one.table, one.shard) == (oldest.table, oldest.shard):
            group.append(one)
    return group


def deliver(group: Sequence[PastBatch], *, at: Callable[[str], None]) -> None:
    """Carry batches and forget them. A backup that begins meanwhile waits, so that it finds the rows in one place only."""
    with transaction.atomic():
        hold_shared()
        carry_group(group)
        at("after insert")
        PastBatch.objects.filter(pk__in=[one.pk for one in group]).delete()


def carry_group(group: Sequence[PastBatch]) -> None:
    """Insert batches of one table as one. A replay's first deletes the rows that it takes the place of.

    Only rows projected before it: repeating this after a crash leaves its own rows alone.
    """
    oldest = group[0]
    if oldest.replaces is not None:
        command(question("amity.workers", "delete_replaced"), **oldest.replaces)
    if not any(one.rows for one in group):
        return
    body = b"".join(bytes(one.body) for one in group)  # compressed bodies may simply stand one after the other
    try:
        insert_body(table=oldest.table, body=body, token=oldest.carried_as)
    except AmityError as error:
        if not is_about_data(error):
            raise
        carry_in_parts(PastBatch(table=oldest.table, body=body, token=oldest.carried_as))


class Carrier(Thread):
    """Carries in a thread of its own whenever it is told that something was committed."""

    def __init__(self, shards: Q, *, at: Callable[[str], None] = lambda _: None) -> None:
        super().__init__(name="carrier", daemon=True)
        self.shards, self.at = shards, at
        self.wake, self.stopping = Event(), Event()
        self.waiting = 0  # batches that were committed and not yet carried, as last known
        self.carried = 0
        self.trouble = ""
        self.troubled = 0.0  # since when, on the monotonic clock; 0 while nothing is wrong

    @property
    def lasting_trouble(self) -> str:
        """What is wrong, once that has lasted for more than a moment; an engine may be started again."""
        return self.trouble if self.troubled and monotonic() - self.troubled > LASTING else ""

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
                    self.stopping.wait(PAUSE if self.waiting < MANY else 0)
                wait, self.trouble, self.troubled = 0.05, "", 0.0
            except Exception as error:  # noqa: BLE001  an engine that is away, whatever its driver calls that
                self.trouble, self.troubled = said(error), self.troubled or monotonic()
                log.error("carrier waits", error=self.trouble, where=where(error), wait=wait)  # noqa: TRY400  see faults.py
                connection.close()
                self.stopping.wait(wait)
                wait = min(wait * 2, LONGEST_WAIT)
                continue
            self.wake.wait(5)
        connection.close()

    def _some(self) -> None:
        group = next_group(self.shards)
        if not group:
            self.waiting = 0
            return
        deliver(group, at=self.at)
        self.carried += len(group)
        self.waiting = max(self.waiting - len(group), 0)
