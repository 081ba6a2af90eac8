"""Appends very many interactions to the log, in order, with several envelopes in flight.

What holds, and why:

- Each envelope's id is the digest of its bytes. Sent again within two minutes the log folds it; later, the pipeline knows
  each interaction by its message id. So whatever happens, nothing counts twice.
- `progress.mark` moves only over envelopes that are on disk together with all before them. Whoever begins again behind the
  mark loses nothing.
- Where one attempt fails, nothing new is sent until every other attempt has ended; then all that isn't stored is sent again
  in its order. A connection delivers in order, so what a broken one left in the log is the beginning of what was sent, and the
  order holds. Only where the log itself refuses one envelope and takes its neighbour (it was full for a moment) may up to
  `FLIGHTS - 1` envelopes stand before an earlier one. The pipeline places what comes late by its time; a trait's newest
  value wins by time as well.
- A part of the log is left to those who can't wait: a bulk pauses while the log is fuller than `FULLEST`.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from time import monotonic
from types import TracebackType
from typing import Any, Self

import structlog

from amity.engines.log.chunks import Chunk, Packer
from amity.engines.log.client import LOG_FULL, Log
from amity.facts.interaction import Interaction
from amity.kernel.errors import NotRunning

FLIGHTS = 4
AHEAD = 4  # chunks that may wait beside those in flight
ATTEMPT_SECONDS = 10.0
FULLEST = 0.8
_LOOK_EVERY = 16  # chunks between two looks at how full the log is
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 5.0

log = structlog.get_logger("amity.log")


@dataclass(frozen=True, slots=True)
class Progress:
    """What is on disk: interactions, bytes, the mark of the last one, its sequence; `trouble` is why it stands still."""

    interactions: int = 0
    bytes: int = 0
    mark: Any = None
    seq: int = 0
    trouble: str = ""


class Bulk:
    """One producer's way to append in bulk. Use it as `async with`: leaving it without an error waits until all is on disk.

    `told` hears of every change of `progress`. `patience` is how many seconds it stands still before it gives up with
    NotRunning; without one it waits for as long as the log is away or full.
    """

    def __init__(self, log: Log, *, told: Callable[[Progress], None] | None = None, patience: float | None = None) -> None:
        self.progress = Progress()
        self._log, self._told, self._patience = log, told, patience
        self._packer = Packer()
        self._order: deque[Chunk] = deque()  # what isn't stored with all before it
        self._changed, self._freed = asyncio.Event(), asyncio.Event()
        self._failed: BaseException | None = None
        self._moved_at = monotonic()
        self._pause = _FIRST_PAUSE
        self._look_in = 0
        self._sender = asyncio.get_running_loop().create_task(self._send())

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                await self.flush()
        finally:
            await self.close()

    async def add(self, one: Interaction | bytes, *, mark: Any = None) -> None:
        """Take one interaction. Waits while too much is under way. Raises NotRunning when `patience` is at its end."""
        full = self._packer.add(one, mark)
        if full is not None:
            await self.push(full)

    async def add_all(self, some: Iterable[Interaction | bytes], *, mark: Any = None) -> None:
        """Take interactions that share a mark."""
        for one in some:
            await self.add(one, mark=mark)

    async def push(self, chunk: Chunk) -> None:
        """Take a chunk that a Packer filled, behind what was given before."""
        while len(self._order) >= FLIGHTS + AHEAD and self._failed is None:
            self._freed.clear()
            await self._freed.wait()
        self._raise()
        if not self._order:
            self._moved_at = monotonic()
        self._order.append(chunk)
        self._changed.set()

    async def flush(self) -> Progress:
        """Return once everything given so far is on disk. Raises NotRunning when `patience` is at its end."""
        rest = self._packer.rest()
        if rest is not None:
            await self.push(rest)
        while self._order and self._failed is None:
            self._freed.clear()
            await self._freed.wait()
        self._raise()
        return self.progress

    async def close(self) -> None:
        """Stop sending. What isn't confirmed may or may not have been stored; sent again it is folded."""
        flying = self._flying()
        for task in (self._sender, *flying):
            task.cancel()
        await asyncio.gather(self._sender, *flying, return_exceptions=True)

    def _raise(self) -> None:
        if self._failed is not None:
            raise self._failed

    async def _send(self) -> None:
        try:
            while True:
                await self._changed.wait()
                self._changed.clear()
                trouble = await self._too_full() or self._settle()
                if trouble is None:
                    self._launch()
                    continue
                await self._land()
                self._stand_still(trouble)
                await asyncio.sleep(self._pause)
                self._pause = min(self._pause * 2, _LONGEST_PAUSE)
                self._changed.set()
        except Exception as error:  # noqa: BLE001  whoever adds is to hear of it
            self._failed = error
            self._freed.set()

    def _launch(self) -> None:
        """Send what waits, as far as there are flights free; the connection keeps this order."""
        flying = len(self._flying())
        for chunk in self._order:
            if flying >= FLIGHTS:
                return
            if chunk.task is None and not chunk.seq:
                sending = self._log.append_once(chunk.body, message_id=chunk.message_id, wait=ATTEMPT_SECONDS)
                chunk.task = asyncio.get_running_loop().create_task(sending)
                chunk.task.add_done_callback(lambda _: self._changed.set())
                flying += 1
                self._look_in -= 1

    def _settle(self) -> NotRunning | None:
        """Note what became of attempts that have ended; return the first trouble among them. Raises what can't be mended."""
        trouble: NotRunning | None = None
        for chunk in self._order:
            if chunk.task is None or not chunk.task.done():
                continue
            try:
                chunk.seq = chunk.task.result()
            except NotRunning as error:
                trouble = trouble or error
            chunk.task = None
        self._advance()
        return trouble

    def _advance(self) -> None:
        progress = self.progress
        while self._order and self._order[0].seq:
            chunk = self._order.popleft()
            progress = Progress(
                progress.interactions + chunk.interactions, progress.bytes + len(chunk.body), chunk.mark, chunk.seq
            )
        if progress is not self.progress:
            self._moved_at = monotonic()
            self._pause = _FIRST_PAUSE
            self._tell(progress)
            self._freed.set()

    async def _land(self) -> None:
        """Wait for every attempt under way, so that nothing new overtakes what has to be sent again."""
        flying = self._flying()
        if flying:
            await asyncio.wait(flying)
        for chunk in self._order:
            if chunk.task is not None:
                if chunk.task.exception() is None:
                    chunk.seq = chunk.task.result()
                chunk.task = None
        self._advance()

    async def _too_full(self) -> NotRunning | None:
        """Now and then look whether the log has room; without an answer the next attempt will tell."""
        if self._look_in > 0 or not self._order:
            return None
        try:
            state = await asyncio.wait_for(self._log.state(), ATTEMPT_SECONDS)
        except Exception as error:  # noqa: BLE001  whatever the driver calls a log that is away
            return NotRunning(f"The log does not answer: {str(error).strip() or type(error).__name__}.")
        if 0 < state.max_bytes * FULLEST < state.bytes:
            return NotRunning(
                f"The log holds {state.bytes:,} of at most {state.max_bytes:,} bytes, and the rest is left to what comes in live. "
                "Set AMITY_LOG_MAX_BYTES higher and start Amity again, or wait until older entries expire.",
                code=LOG_FULL,
            )
        self._look_in = _LOOK_EVERY
        return None

    def _stand_still(self, trouble: NotRunning) -> None:
        """Say why nothing moves. Raises it when patience is at its end."""
        if self._patience is not None and monotonic() - self._moved_at > self._patience:
            raise trouble
        if not self.progress.trouble:
            log.warning("bulk waits", reason=trouble.message)
        self._tell(replace(self.progress, trouble=trouble.message))

    def _tell(self, progress: Progress) -> None:
        self.progress = progress
        if self._told is not None:
            self._told(progress)

    def _flying(self) -> list[asyncio.Task[int]]:
        return [chunk.task for chunk in self._order if chunk.task is not None]
