"""The projector: entries of the log in, committed effects and a moved position out. Synchronous, one thread.

What it does is all or nothing, and doing it again gives the same. An engine that is away is waited for; an item that
breaks a step is turned away; nothing is ever skipped.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from threading import Event

import structlog
from django.db import connection, transaction

from amity.engines.log.client import Entry
from amity.kernel.clock import now_ms
from amity.rooms.customers.contracts import Conflict
from amity.workers import position
from amity.workers.batch import Batch
from amity.workers.faults import said, where
from amity.workers.pipeline.decode import open_entries
from amity.workers.pipeline.run import is_ours, run, run_ahead, run_carefully
from amity.workers.position import Fenced, Standing

log = structlog.get_logger("amity.worker")
LONGEST_WAIT = 5.0


class Stopped(Exception):
    """The process is asked to stop; what was begun has been rolled back."""


class Projector:
    """Works entries for one reader. `at` is called with a name at each boundary where a crash matters; tests crash there."""

    def __init__(self, standing: Standing, *, stopping: Event, at: Callable[[str], None] = lambda _: None) -> None:
        self.standing = standing
        self.stopping = stopping
        self.at = at
        self.trouble = ""  # why it is waiting, empty while it works

    def prepare(self, entries: Sequence[Entry]) -> Batch:
        """Do with entries what needs no engine, for `work` to go on from. Safe in another thread. Raises what a step raises."""
        batch = self._opened(entries)
        run_ahead(batch)
        return batch

    def work(self, entries: Sequence[Entry], prepared: Batch | None = None) -> Batch:
        """Work consecutive entries in one transaction and return the batch as committed. `prepared` is what `prepare` made of them.

        Raises Fenced if another process reads in this one's place, Stopped if the process is to stop while an engine is away.
        """
        wait, careful = 0.05, False
        while True:
            try:
                prepared, batch = None, prepared or self._opened(entries)  # what was half worked is begun anew
                self._attempt(batch, entries[-1], careful=careful)
            except (Fenced, Stopped):
                raise
            except Conflict:
                log.info("batch redone", reason="another worker changed the same customers")
                self.stopping.wait(0.01 * (1 + self.standing.index))  # not all at the same moment again
                continue
            except Exception as error:
                if is_ours(error) and not careful:
                    log.warning("batch has a breaking item", error=said(error), lo=entries[0].seq, hi=entries[-1].seq)
                    careful = True
                    continue
                self.trouble = said(error)
                log.error("batch waits", error=self.trouble, where=where(error), wait=wait)  # noqa: TRY400  see faults.py
                connection.close()
                if self.stopping.wait(wait):
                    raise Stopped from error
                wait = min(wait * 2, LONGEST_WAIT)
            else:
                self.trouble = ""
                return batch

    def _opened(self, entries: Sequence[Entry]) -> Batch:
        first, last = entries[0].seq, entries[-1].seq
        batch = Batch(
            token=f"{self.standing.reader}:{first}-{last}@{entries[0].stored_at}",  # the time tells a new log from an old one
            first_seq=first,
            last_seq=last,
            started_at=now_ms(),
            shard=self.standing.index,
        )
        open_entries(batch, entries, self.standing.mine)
        return batch

    def _attempt(self, batch: Batch, last: Entry, *, careful: bool) -> None:
        with transaction.atomic():
            (run_carefully if careful else run)(batch)
            position.move(self.standing, last)
            self.at("before commit")
        position.moved(self.standing, last)
        self.at("after commit")
