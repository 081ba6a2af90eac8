"""What a worker does that has stopped at a gap: it looks whether a person has decided, and whether the gap is still there."""

from __future__ import annotations

import asyncio
from threading import Event

import structlog
from django.db import connection

from amity.engines.disks import log_disk_full
from amity.engines.log.client import Log
from amity.kernel.settings import settings
from amity.workers import gap, position
from amity.workers.faults import said
from amity.workers.position import Fenced, Standing

log = structlog.get_logger("amity.worker")
LOOK_EVERY = 2.0


def wait_for_a_way_on(client: Log, standing: Standing, *, loop: asyncio.AbstractEventLoop, stopping: Event) -> Standing | None:
    """Return where to read on, None when the worker is to stop before. Call it in a thread of its own.

    Raises Fenced where another process reads in this one's place.
    """
    while not stopping.wait(LOOK_EVERY):
        try:
            now = position.stand(standing.index, standing.of)
            if not now.halted:
                log.critical("gap passed", reader=now.reader, after=standing.seq, on_from=now.seq + 1)
                return now
            if _is_gone(client, now, loop):
                position.go_on(now)
                log.warning("gap is gone", reader=now.reader, after=now.seq)
                return now
        except Fenced:
            raise
        except Exception as error:  # noqa: BLE001  an engine that is away, whatever its driver calls that
            log.warning("halted worker can't look", error=said(error))
            connection.close()
    return None


def _is_gone(client: Log, standing: Standing, loop: asyncio.AbstractEventLoop) -> bool:
    if log_disk_full(settings()):
        return False
    probing = asyncio.run_coroutine_threadsafe(gap.probe(client, standing, gap.passed_ranges()), loop)
    return probing.result(60) is None
