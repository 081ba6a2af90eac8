"""A request on its way in: its head, and its body as far as it has come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from amity.edge.reply import Reply

if TYPE_CHECKING:
    from amity.edge.wire.connection import Connection

READ_AHEAD = 256 * 1024
"""Bytes of a body that are taken before anybody asks for it."""


class Gone(Exception):
    """Whoever sent this has left half-way: there is nothing to store and nobody to answer."""


class Broken(Exception):
    """The body stops being HTTP."""


class Message:
    """One request. `headers` has lower-case names; of a repeated one the first counts, but all addresses of x-forwarded-for.

    `whole`: its body has come. `keep`: the connection may be used again.
    """

    __slots__ = (
        "_asked", "_chunks", "_connection", "_end", "_size", "_waiter", "client", "headers", "keep", "method", "path",
        "query_string", "whole",
    )  # fmt: skip

    def __init__(  # noqa: PLR0913, PLR0917  the parts of a request line; a tuple around them would cost as much as they do
        self, connection: Connection, method: str, path: str, query: str, headers: dict[str, str], client: str
    ) -> None:
        self.method = method
        self.path = path
        self.query_string = query
        self.headers = headers
        self.client = client
        self.whole = False
        self.keep = False
        self._connection = connection
        self._chunks: list[bytes] | None = []
        self._size = 0
        self._asked = False
        self._end: type[Exception] | None = None
        self._waiter: asyncio.Future[None] | None = None

    # ── for whoever handles it

    def take(self) -> bytes:
        """Return what has come of the body and let go of it: all of it where the message is `whole`."""
        chunks = self._chunks
        if not chunks:
            return b""
        self._chunks, self._size = [], 0
        return chunks[0] if len(chunks) == 1 else b"".join(chunks)

    async def all(self) -> bytes:
        """Return the whole body. Raises Gone, Broken."""
        while not self.whole:
            await self._next()
        return self.take()

    async def piece(self) -> bytes:
        """Return what comes next of the body, b"" behind its end. Raises Gone, Broken."""
        while not self._chunks and not self.whole:
            await self._next()
        return self.take()

    def answer(self, reply: Reply) -> None:
        """Answer it, once."""
        self._connection.answer(self, reply)

    # ── for its connection

    @property
    def ahead(self) -> bool:
        """Whether more of it has come than is taken unasked."""
        return self._size > READ_AHEAD and not self._asked

    def put(self, data: bytes) -> None:
        """Take a piece of the body."""
        if self._chunks is not None:
            self._chunks.append(data)
            self._size += len(data)
            if self._waiter is not None:
                self._wake()

    def complete(self, *, keep: bool) -> None:
        """Note that the body has come."""
        self.whole, self.keep = True, keep
        if self._waiter is not None:
            self._wake()

    def fail(self, why: type[Exception]) -> None:
        """Note that the rest of the body won't come."""
        self._end = why
        self._wake()

    def drop(self) -> None:
        """Let go of what came and of what may still come: nobody reads it any more."""
        self._chunks = None

    async def _next(self) -> None:
        if self._end is not None:
            raise self._end
        if not self._asked:
            self._asked = True
            self._connection.breathe()
        self._waiter = asyncio.get_running_loop().create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
