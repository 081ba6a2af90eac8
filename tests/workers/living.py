"""A living worker in this process, on the real log."""

from __future__ import annotations

import asyncio
import itertools
from contextlib import asynccontextmanager

from asgiref.sync import sync_to_async

from amity.engines.log.client import Log
from amity.facts.envelope import Envelope, encode_envelope
from amity.workers.worker import Worker

_numbers = itertools.count(1)


async def until(condition, *, seconds: float = 120):
    """Wait until the condition holds; the only place where time passes."""
    async with asyncio.timeout(seconds):
        while not (found := await sync_to_async(condition)()):  # noqa: ASYNC110  engines give no event to wait for
            await asyncio.sleep(0.02)
    return found


@asynccontextmanager
async def working(*, index: int = 0, of: int = 1):
    worker = Worker(index=index, of=of)
    running = asyncio.create_task(worker.run())
    try:
        await until(lambda: worker.started or running.done())
        yield worker
    finally:
        worker.stop()
        await asyncio.wait_for(running, 120)


async def send(log: Log, *interactions) -> int:
    return await log.append(encode_envelope(Envelope(interactions=interactions)), message_id=f"t{next(_numbers)}-{id(log)}")
