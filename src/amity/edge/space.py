"""Stop taking before the log's disk is full: an engine that meets the end of its disk has to be started again."""

from __future__ import annotations

import asyncio
import contextlib

import structlog

from amity.edge.coalescer import Coalescer
from amity.edge.metrics import DISK_FREE
from amity.engines.disks import embedded, free_on
from amity.kernel.settings import Settings

EVERY = 1.0  # seconds; in one, an edge at full speed writes some 30 MB

log = structlog.get_logger("amity.edge")


async def watch_space(coalescer: Coalescer, chosen: Settings) -> None:
    """Keep the coalescer told, for ever, whether the disk has its reserve. Returns where the log is not of this data folder."""
    if "log" not in embedded(chosen):
        return
    while True:
        with contextlib.suppress(OSError):
            free = await asyncio.to_thread(free_on, chosen.home / "log")
            DISK_FREE.set(free)
            short = free < chosen.disk_reserve
            if short != coalescer.short:
                log.warning("disk_full" if short else "disk_has_space", free=free, reserve=chosen.disk_reserve)
            coalescer.short = short
        await asyncio.sleep(EVERY)
