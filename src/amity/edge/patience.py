"""How long a request's body may take: one clock for all of them, where a timer for each would take longer than its work."""

from __future__ import annotations

import asyncio
from typing import Any


class Patience:
    """Interrupts tasks that have waited for `seconds`, or up to a quarter of that longer.

    task = patience.begin()
    try:
        …
    except asyncio.CancelledError:
        if patience.ended(task): too late
        raise
    finally:
        patience.end(task)
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._until: dict[asyncio.Task[Any], float] = {}
        self._interrupted: set[asyncio.Task[Any]] = set()
        self._looking = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def begin(self) -> asyncio.Task[Any]:
        """Let the current task's time run."""
        loop = self._loop = self._loop or asyncio.get_running_loop()  # finding it takes a system call each time
        task = asyncio.current_task(loop)
        assert task is not None  # noqa: S101  each request is a task
        self._until[task] = loop.time() + self.seconds
        if not self._looking:
            self._looking = True
            loop.call_later(self.seconds / 4, self._look, loop)
        return task

    def ended(self, task: asyncio.Task[Any]) -> bool:
        """Tell whether it was us who cancelled a task, and nobody besides."""
        return task in self._interrupted and task.uncancel() <= 0

    def end(self, task: asyncio.Task[Any]) -> None:
        """Let a task be, once it need not wait any more."""
        self._until.pop(task, None)
        self._interrupted.discard(task)

    def _look(self, loop: asyncio.AbstractEventLoop) -> None:
        """Interrupt those whose time is over. All have the same time, so they stand in the order in which it ends."""
        now = loop.time()
        late = []
        for task, until in self._until.items():
            if until > now:
                break
            late.append(task)
        for task in late:
            del self._until[task]
            self._interrupted.add(task)
            task.cancel()
        self._looking = bool(self._until)
        if self._looking:
            loop.call_later(self.seconds / 4, self._look, loop)
