"""Wait until the workers have placed what is in the log."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from amity.kernel.errors import NotRunning

_EVERY = 2.0  # seconds
_FEW = 2  # batches: live interactions may bring new ones all the time


def await_placed(seq: int, *, present: str, told: Callable[[float], None]) -> None:
    """Return once every worker has worked the log up to `seq` and what waits for the past is little; `told` hears the share (0 to 1).

    `present` is PostgreSQL's address; while it doesn't answer, that is waited for. Raises NotRunning where a worker has halted.
    """
    from amity.engines.asking import ask_present

    first: int | None = None
    while True:
        _, readers = asyncio.run(ask_present(present))
        if readers is not None and readers.positions:
            if any(halted for _, _, halted in readers.positions):
                raise NotRunning("A worker has halted; what is in the log will be placed once it goes on. See: amity status")
            at = min(position for _, position, _ in readers.positions)
            first = at if first is None else first
            if at >= seq and readers.waiting[0] <= _FEW:
                return
            told(min((at - first) / max(seq - first, 1), 1.0))
        time.sleep(_EVERY)
