"""Joins what many requests bring within milliseconds into one message of the log, and answers each once that is on disk.

The log fsyncs every message, so a message a request would allow a few thousand requests a second; an envelope of what came
meanwhile allows a hundred times more. Nothing waits for company when the log is idle.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Sequence

import msgspec
import structlog

from amity.edge.metrics import IN_FLIGHT, PENDING, PUBLISH_SECONDS, PUBLISHED
from amity.edge.reply import Refused, disk_full, unavailable
from amity.engines.log.client import Log
from amity.facts.envelope import Packed, join_envelope
from amity.facts.interaction import Interaction, Rejection
from amity.kernel.errors import NotRunning
from amity.kernel.ids import new_id

ENVELOPE_BYTES = 1_000_000
LINGER = 0.002
FLIGHTS = 4
GIVE_UP_SECONDS = 5.0
STOPPING = "Amity is being stopped. Send the same again in a moment."

log = structlog.get_logger("amity.edge")

_encode = msgspec.json.Encoder().encode


class _Batch:
    """An envelope being filled: whole requests, encoded interactions and rejections, their size, and who waits for it."""

    __slots__ = ("interactions", "rejections", "requests", "size", "waiting")

    def __init__(self) -> None:
        self.requests: list[Packed] = []
        self.interactions: list[bytes] = []
        self.rejections: list[bytes] = []
        self.size = 0
        self.waiting: list[asyncio.Future[None]] = []

    def settle(self, answer: Refused | None) -> None:
        """Let go all who wait: their part is stored, or refused with an answer. Who hung up meanwhile waits no more."""
        for one in self.waiting:
            if one.done():
                continue
            if answer is None:
                one.set_result(None)
            else:
                one.set_exception(answer)

    def body(self) -> bytes:
        return join_envelope(requests=self.requests, interactions=self.interactions, rejections=self.rejections)


class Coalescer:
    """The edge's only way into the log. `log` may be None until there is a connection."""

    def __init__(self, *, most_pending: int) -> None:
        self.log: Log | None = None
        self.most_pending = most_pending
        self.pending = 0
        self.failing = False
        self.short = False  # of space on the log's disk: nothing new is taken
        self._batch: _Batch | None = None
        self._full: deque[_Batch] = deque()
        self._flights: set[asyncio.Task[None]] = set()
        self._timer: asyncio.TimerHandle | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        PENDING.set_function(lambda: self.pending)
        IN_FLIGHT.set_function(lambda: len(self._flights))

    async def append(self, interactions: Sequence[Interaction], rejections: Sequence[Rejection]) -> None:
        """Return once all of it is on disk. Raises Refused (503) when it may not be: the client must send it again."""
        await stored(self.put(interactions, rejections))

    def put(
        self, interactions: Sequence[Interaction], rejections: Sequence[Rejection], requests: Sequence[Packed] = ()
    ) -> list[asyncio.Future[None]]:
        """Take all of it to be stored, and return what `stored` waits for. Raises Refused (503) when none of it can be taken.

        Each of the `requests` has room in an envelope.
        """
        if self.log is None:
            raise unavailable("The log can't be reached yet. Send the same again in a moment.")
        if self.short:
            raise disk_full()
        chunks = _chunks(interactions, rejections) if interactions or rejections else ()
        size = sum(len(chunk) for _, chunk in chunks) + sum(len(head) + len(body) for head, body in requests)
        if self.pending and self.pending + size > self.most_pending:
            raise unavailable("Too much waits for the log already. Send the same again in a moment.", seconds=2)
        fates = []
        for one in requests:
            batch = self._room(len(one[0]) + len(one[1]))
            batch.requests.append(one)
            fates.append(self._await(batch))
        for kind, chunk in chunks:
            batch = self._room(len(chunk))
            (batch.interactions if kind == "i" else batch.rejections).append(chunk)
            fates.append(self._await(batch))
        return fates

    async def close(self, *, seconds: float) -> None:
        """Send what is held and wait for it; what the log hasn't confirmed after `seconds` is answered 503."""
        self._seal()
        deadline = time.monotonic() + seconds
        while self._flights and (left := deadline - time.monotonic()) > 0:
            await asyncio.wait(self._flights, timeout=left)
        for flight in self._flights:
            flight.cancel()
        for batch in self._full:
            batch.settle(unavailable(STOPPING, seconds=2))
        self._full.clear()

    def _room(self, size: int) -> _Batch:
        """Return the envelope that takes so many bytes more."""
        batch = self._batch
        if batch is not None and batch.size + size > ENVELOPE_BYTES:
            self._seal()
            batch = None
        if batch is None:
            batch = self._batch = _Batch()
        batch.size += size
        self.pending += size
        return batch

    def _await(self, batch: _Batch) -> asyncio.Future[None]:
        """Return what the fate of something that was put into an envelope will be told to, and see that it is sent."""
        loop = self._loop = self._loop or asyncio.get_running_loop()  # finding it takes a system call each time
        fate: asyncio.Future[None] = loop.create_future()
        batch.waiting.append(fate)
        if batch.size >= ENVELOPE_BYTES:
            self._seal()
        elif self._timer is None:
            wait = LINGER if self._flights else 0.0005
            self._timer = loop.call_later(wait, self._due)
        return fate

    def _due(self) -> None:
        self._timer = None
        if len(self._flights) < FLIGHTS:
            self._seal()

    def _seal(self) -> None:
        """Close the envelope that is being filled, and send it as soon as a flight is free."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._batch is not None:
            self._full.append(self._batch)
            self._batch = None
        self._launch()

    def _launch(self) -> None:
        while self._full and len(self._flights) < FLIGHTS:
            task = asyncio.get_running_loop().create_task(self._send(self._full.popleft()))
            self._flights.add(task)
            task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        self._flights.discard(task)
        if self._full:
            self._launch()
        elif self._batch is not None and self._timer is None:
            self._seal()

    async def _send(self, batch: _Batch) -> None:
        """Append one envelope. Where the outcome is unknown the log's client repeats it under the same id."""
        began = time.monotonic()
        answer: Refused | None = None
        try:
            assert self.log is not None  # noqa: S101  append() checked it
            await self.log.append(batch.body(), message_id=new_id().hex, wait=GIVE_UP_SECONDS)
        except NotRunning as error:
            answer = unavailable(f"{error.message} Send the same again in a moment.", seconds=2)
        except asyncio.CancelledError:
            answer = unavailable(STOPPING, seconds=2)
        except Exception:
            log.exception("envelope_failed", bytes=batch.size)
            answer = unavailable("Amity could not store this. Send the same again in a moment; its log tells why.", seconds=5)
        self.failing = answer is not None
        self.pending -= batch.size
        PUBLISH_SECONDS.observe(time.monotonic() - began)
        PUBLISHED.add("failed" if answer else "stored")
        batch.settle(answer)


async def stored(fates: list[asyncio.Future[None]]) -> None:
    """Return once all is on disk. Raises Refused (503) when it may not be."""
    if len(fates) > 1:
        await asyncio.wait(fates)
        for one in fates:
            one.exception()  # seen, so that asyncio does not complain of all but the first
    for one in fates:
        await one


def _chunks(interactions: Sequence[Interaction], rejections: Sequence[Rejection]) -> list[tuple[str, bytes]]:
    """Encode; a request larger than an envelope is spread over several."""
    return [(kind, chunk) for kind, some in (("i", interactions), ("r", rejections)) if some for chunk in _of_size(some)]


def _of_size(some: Sequence[Interaction] | Sequence[Rejection]) -> list[bytes]:
    whole = _encode(some)[1:-1]
    if len(whole) <= ENVELOPE_BYTES:
        return [whole]
    groups: list[list[bytes]] = []
    size = ENVELOPE_BYTES
    for one in map(_encode, some):
        if size + len(one) > ENVELOPE_BYTES:
            groups.append([])
            size = 0
        groups[-1].append(one)
        size += len(one)
    return [b",".join(group) for group in groups]
