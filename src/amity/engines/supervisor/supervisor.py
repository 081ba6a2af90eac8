"""Starts children in the order in which they need each other, keeps them running, stops them in reverse."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from amity.engines.supervisor.keeper import Keeper
from amity.engines.supervisor.records import Process, State, write_processes
from amity.engines.supervisor.spec import Child


class Supervisor:
    """All children of one data folder, on one event loop. `tell(entry, state before)` hears of each change of a child's state."""

    def __init__(self, *, run: Path, logs: Path, tell: Callable[[Process, State], None] | None = None) -> None:
        self._run, self._logs, self._tell = run, logs, tell
        self.keepers: dict[str, Keeper] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def start(self, children: Iterable[Child]) -> None:
        """Begin to start `children`; each waits until what it needs is ready for the first time."""
        for child in children:
            keeper = Keeper(child, logs=self._logs, changed=self._changed)
            self.keepers[child.name] = keeper
            self._tasks[child.name] = asyncio.create_task(self._start(keeper), name=child.name)
        self._write()

    async def ready(self, *names: str) -> None:
        """Wait until each of the named children (without names: all) has been ready. Raises what broke the supervisor itself."""
        for name in names or list(self.keepers):
            waiting = asyncio.ensure_future(self.keepers[name].ready.wait())
            anything: list[asyncio.Future[Any]] = [waiting, *self._tasks.values()]
            try:
                await asyncio.wait(anything, return_when=asyncio.FIRST_COMPLETED)
            finally:
                waiting.cancel()
            for task in self._tasks.values():
                if task.done():
                    task.result()

    async def stop(self) -> None:
        """Stop all children, those of lower rank first; children of one rank together."""
        for rank in sorted({keeper.child.stop_rank for keeper in self.keepers.values()}):
            chosen = [keeper for keeper in self.keepers.values() if keeper.child.stop_rank == rank]
            await asyncio.gather(*(keeper.stop() for keeper in chosen))
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        for keeper in self.keepers.values():
            keeper.close()

    def kill(self) -> None:
        """End everything at once."""
        for keeper in self.keepers.values():
            keeper.kill()

    async def _start(self, keeper: Keeper) -> None:
        for name in keeper.child.needs:
            await self.keepers[name].ready.wait()
        await keeper.run()

    def _changed(self, entry: Process, before: State) -> None:
        self._write()
        if self._tell is not None and entry.state != before:
            self._tell(entry, before)

    def _write(self) -> None:
        try:
            write_processes(self._run, [keeper.entry for keeper in self.keepers.values()])
        except OSError:  # a full disk must not end the supervisor; the next change writes everything
            return
