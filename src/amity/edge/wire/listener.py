"""Listens, holds all connections, and ends those that take too long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress
from typing import Any

from amity.edge.wire.connection import Connection
from amity.edge.wire.message import Message

Handle = Callable[[Message], Coroutine[Any, Any, None]]

HEAD_SECONDS = 30.0
"""How long a head may take, and how long a connection may wait for its next one."""

LINGER_SECONDS = 3.0
"""How long one whose connection we end may take to hear it."""

_LOOK = 1.0
_BACKLOG = 1024


class Listener:
    """Accepts at most `most` connections and lets `handle` answer their requests."""

    def __init__(self, handle: Handle, *, most: int) -> None:
        self.stopping = False
        self._handle = handle
        self._most = most
        self._connections: set[Connection] = set()
        self._none = asyncio.Event()
        self._none.set()
        self._loop = asyncio.get_running_loop()
        self._server: asyncio.Server | None = None
        self._looking: asyncio.TimerHandle | None = None
        self.now = self._loop.time

    async def open(self, address: str, port: int) -> None:
        """Listen. Raises OSError where the address can't be had."""
        self._server = await self._loop.create_server(lambda: Connection(self), address, port, backlog=_BACKLOG)
        self._look()

    def stop(self) -> None:
        """Accept nothing more, and end what waits; what is worked on is answered yet."""
        self.stopping = True
        if self._server is not None:
            self._server.close()
        if self._looking is not None:
            self._looking.cancel()
        for one in list(self._connections):
            one.close()

    async def close(self, *, seconds: float) -> None:
        """Return once all that was asked is answered; after `seconds` end what isn't."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._none.wait()
        for one in list(self._connections):
            one.abort()

    # ── for connections

    def admit(self, connection: Connection) -> bool:
        """Count a connection; tell whether there is room for it."""
        self._connections.add(connection)
        self._none.clear()
        return len(self._connections) <= self._most and not self.stopping

    def forget(self, connection: Connection) -> None:
        """Count one less."""
        self._connections.discard(connection)
        if not self._connections:
            self._none.set()

    def work(self, message: Message) -> asyncio.Task[None]:
        """Begin to handle a request."""
        return self._loop.create_task(self._handle(message))

    def _look(self) -> None:
        now = self.now()
        for one in list(self._connections):
            if one.since is not None and now - one.since > (LINGER_SECONDS if one.ending else HEAD_SECONDS):
                one.abort()
        self._looking = self._loop.call_later(_LOOK, self._look)
