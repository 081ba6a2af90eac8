"""Bulk appending from ordinary code: packing happens in the caller's thread, sending in a thread with an event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from threading import Thread
from types import TracebackType
from typing import Any, Self, TypeVar

from amity.engines.log.bulk import Bulk, Progress
from amity.engines.log.chunks import Packer
from amity.engines.log.client import Log
from amity.facts.interaction import Interaction

T = TypeVar("T")
_IDLE = 0.5


class BulkThread:
    """Like Bulk, for code without an event loop: `with BulkThread(addresses().log, name="import") as bulk: bulk.add(one)`.

    Leaving it without an error waits until all is on disk; with one (Ctrl-C is one) it stops at once. `told` is called from
    the sending thread; `idle` twice a second from the caller's own while that waits, and may raise to end it. Raises NotRunning on entering where the log doesn't answer for `wait` seconds.
    """

    def __init__(  # noqa: PLR0913  what a bulk can be told
        self,
        url: str,
        *,
        name: str,
        told: Callable[[Progress], None] | None = None,
        idle: Callable[[], None] | None = None,
        patience: float | None = None,
        wait: float = 10.0,
    ) -> None:
        self._url, self._name, self._told, self._patience, self._wait = url, name, told, patience, wait
        self._idle = idle
        self._packer = Packer()
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name=f"{name}-bulk", daemon=True)
        self._log: Log | None = None
        self._bulk: Bulk | None = None

    @property
    def progress(self) -> Progress:
        """What is on disk so far."""
        return self._bulk.progress if self._bulk else Progress()

    def __enter__(self) -> Self:
        self._thread.start()
        try:
            self._do(self._open())
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        try:
            if kind is None:
                self.flush()
        finally:
            self._end()

    def add(self, one: Interaction | bytes, *, mark: Any = None) -> None:
        """Take one interaction. Waits while too much is under way. Raises NotRunning when `patience` is at its end."""
        full = self._packer.add(one, mark)
        if full is not None:
            self._do(self._running.push(full))

    def add_all(self, some: Iterable[Interaction | bytes], *, mark: Any = None) -> None:
        """Take interactions that share a mark."""
        for one in some:
            self.add(one, mark=mark)

    def flush(self) -> Progress:
        """Return once everything given so far is on disk. Raises NotRunning when `patience` is at its end."""
        rest = self._packer.rest()
        if rest is not None:
            self._do(self._running.push(rest))
        return self._do(self._running.flush())

    @property
    def _running(self) -> Bulk:
        if self._bulk is None:
            raise RuntimeError("Use it within `with`.")
        return self._bulk

    async def _open(self) -> None:
        self._log = await Log.connect(self._url, name=self._name, wait=self._wait)
        self._bulk = Bulk(self._log, told=self._told, patience=self._patience)

    async def _close(self) -> None:
        if self._bulk is not None:
            await self._bulk.close()
        if self._log is not None:
            await self._log.close()

    def _end(self) -> None:
        self._do(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        doing = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            while True:
                try:
                    return doing.result(_IDLE if self._idle else None)
                except TimeoutError:
                    if doing.done() or self._idle is None:
                        raise
                    self._idle()
        except BaseException:
            doing.cancel()
            raise
