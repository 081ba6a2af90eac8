"""The log as every process sees it: append an envelope, read from a position, share small snapshots."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import structlog
from nats.aio.client import Client
from nats.errors import ConnectionClosedError, MaxPayloadError
from nats.errors import Error as NatsError
from nats.js import JetStreamContext
from nats.js.api import DiscardPolicy, KeyValueConfig, StorageType, StreamConfig
from nats.js.errors import APIError, BucketNotFoundError, NotFoundError, ServiceUnavailableError
from nats.js.kv import KeyValue

from amity.engines.log.reader import AFTER, Entry, Reader, fingerprint
from amity.engines.log.sending import SparingClient
from amity.kernel.errors import Invalid, NotRunning

__all__ = ["Entry", "Log", "LogState", "fingerprint"]

logger = structlog.get_logger("amity.log")
T = TypeVar("T")
STREAM = "AMITY"
SUBJECT = "amity.log"
DUPLICATE_WINDOW = 120.0
LOG_FULL = "log_full"
_ATTEMPT = 1.0  # seconds until an unanswered attempt is repeated
_FULL = {10047, 10077, 10122}  # no storage left, the stream's own limits


@dataclass(frozen=True, slots=True)
class LogState:
    """Where the log stands: first and last sequence it holds, messages, bytes, and how many it may hold (-1: no limit)."""

    first_seq: int
    last_seq: int
    messages: int
    bytes: int
    max_bytes: int = -1


class Log:
    """A connection to the log. Make it with `connect`; close it with `close`."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.js: JetStreamContext = client.jetstream(timeout=10, publish_async_max_pending=4096)
        self.last_error: Exception | None = None
        self._stored = 0  # the last sequence that we know to be stored
        self._broken: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @classmethod
    async def connect(cls, url: str, *, name: str, wait: float = 10.0) -> Log:
        """Connect to the log at `url`, or at any of several separated by commas; `name` shows in its monitoring.

        Raises NotRunning if nothing answers for `wait` s.
        """
        client = SparingClient()
        log = cls(client)
        try:
            async with asyncio.timeout(wait):
                await client.connect(
                    url.split(","),
                    name=name,
                    connect_timeout=2,
                    max_reconnect_attempts=-1,
                    reconnect_time_wait=0.25,
                    allow_reconnect=True,
                    ping_interval=1,  # a server that stands still is left for another one within three seconds
                    max_outstanding_pings=2,
                    error_cb=log._remember,
                    disconnected_cb=log._disconnected,
                )
        except (TimeoutError, OSError, NatsError) as error:
            await log._end()
            raise NotRunning(f"The log does not answer: {_said(log.last_error or error)}.") from error
        return log

    async def close(self) -> None:
        """Send what is buffered and close."""
        with contextlib.suppress(NatsError, OSError, asyncio.TimeoutError):
            async with asyncio.timeout(2):
                await self.client.drain()
        await self._end()

    async def _end(self) -> None:
        """Close the client and see its reconnecting end: that swallows a cancellation which meets a refused connection."""
        with contextlib.suppress(OSError):  # a server that went away meanwhile
            await self.client.close()
        reconnecting = self.client._reconnection_task  # noqa: SLF001  there is no other way to it
        while reconnecting is not None and not reconnecting.done():
            reconnecting.cancel()
            await asyncio.wait([reconnecting], timeout=0.05)
        await asyncio.sleep(0)  # a transport that was left is closed in the loop's next turn

    async def prepare(self, *, max_bytes: int, max_days: int, replicas: int = 1, first_seq: int = 1) -> None:
        """Create or update the stream. New bytes are refused, not old ones dropped, when it is full.

        `first_seq` is the sequence of a new stream's first entry: one that takes over from another goes on counting.
        """
        config = StreamConfig(
            name=STREAM,
            subjects=[SUBJECT],
            storage=StorageType.FILE,
            discard=DiscardPolicy.NEW,
            max_bytes=max_bytes,
            max_age=min(max_days, 30) * 86_400,
            duplicate_window=DUPLICATE_WINDOW,
            num_replicas=replicas,
            deny_delete=True,
            deny_purge=True,
            allow_direct=True,
        )
        while True:
            await self._connected(10)
            try:
                try:
                    await self._answer(self.js.stream_info(STREAM))
                except NotFoundError:
                    await self._answer(self.js.add_stream(replace(config, first_seq=first_seq)))
                else:
                    await self._answer(self.js.update_stream(config))
                self._stored = (await self.state()).last_seq
            except ConnectionClosedError:
                continue
            except (NatsError, OSError) as error:
                raise NotRunning(f"The log could not be prepared: {_said(error)}.") from error
            return

    async def append(self, body: bytes, *, message_id: str, wait: float = 5.0) -> int:
        """Append one message and return its sequence once it is on disk.

        An attempt without an answer may or may not have been stored, so it is repeated under the same `message_id`, which the
        log takes once, for `wait` seconds in all (at most a minute: the log remembers ids for two). Raises NotRunning when no
        acknowledgement came: it stays unknown whether it was stored, and another try must use the same id again. Raises
        NotRunning with code `log_full`, at once, when the log refused it.
        """
        deadline = time.monotonic() + min(wait, 60)
        pause = 0.05
        while True:
            with contextlib.suppress(ConnectionClosedError):  # the attempt says so
                await self._connected(deadline - time.monotonic())
            left = deadline - time.monotonic()
            try:
                return await self.append_once(body, message_id=message_id, wait=max(0.05, min(left, _ATTEMPT)))
            except NotRunning as error:
                if error.code == LOG_FULL or deadline - time.monotonic() <= pause:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, 1.0)

    async def append_once(self, body: bytes, *, message_id: str, wait: float) -> int:
        """Append one message in one attempt of `wait` seconds and return its sequence once it is on disk.

        Without a connection it fails at once, so that it can't overtake what was lost with the last one. Raises NotRunning, with
        code `log_full` where the log refused it; otherwise it is unknown whether it was stored, and another attempt must use the
        same id. Raises Invalid where it is too large.
        """
        try:
            await self._connected(0)
            known = self._stored
            headers = {"Nats-Msg-Id": message_id, AFTER: str(known)}
            done = await self._answer(self.js.publish(SUBJECT, body, timeout=wait, headers=headers))
            self._note_stored(int(done.seq), known=known, again=bool(done.duplicate))
            return int(done.seq)
        except ServiceUnavailableError as error:
            if error.err_code in _FULL:
                raise _refused(error) from error
            raise _unconfirmed(error) from error
        except APIError as error:
            raise _refused(error) from error
        except MaxPayloadError as error:
            raise Invalid(f"A message of {len(body)} bytes is larger than the log takes.") from error
        except (TimeoutError, NatsError, OSError) as error:
            raise _unconfirmed(error) from error

    def _note_stored(self, seq: int, *, known: int, again: bool) -> None:
        """Remember the last entry that is stored. One stored later under a lower number tells that the log lost its end."""
        if again or seq > known:
            self._stored = max(self._stored, seq)
        else:
            logger.critical("log lost its end", after=known, stored=seq)
            self._stored = seq

    async def state(self) -> LogState:
        """Return where the log stands. Raises NatsError where it doesn't answer."""
        info = await self._answer(self.js.stream_info(STREAM))
        s = info.state
        most = info.config.max_bytes or -1
        return LogState(first_seq=s.first_seq, last_seq=s.last_seq, messages=s.messages, bytes=s.bytes, max_bytes=most)

    async def read(  # noqa: PLR0913
        self,
        after: int,
        *,
        print_of: str = "",
        passed: Sequence[tuple[int, int]] = (),
        batch: int = 64,
        idle: float = 1.0,
        patience: float | None = None,
    ) -> AsyncIterator[list[Entry]]:
        """Yield lists of entries after sequence `after`, for ever, as soon as there are some; else an empty list each `idle` s.

        Goes on by itself when the log was away. Raises LogGap, which says what to do, if an entry is missing: one that was
        lost, one that expired before it was read, or a log that ends before `after`. The caller must stop then, not skip.
        `print_of`: the fingerprint of entry `after`, by which another log is told from it; empty where that isn't known.
        `passed`: ranges of sequences, ends included, whose loss was accepted. `patience`: seconds without entries until it
        asks whether there should have been some.
        """
        reader = Reader(
            self.client,
            answer=self._answer,
            stream=STREAM,
            after=after,
            print_of=print_of,
            passed=passed,
            batch=batch,
            patience=patience,
        )
        try:
            while True:
                yield await reader.next(idle)
        finally:
            await reader.close()

    async def snapshot(self, bucket: str) -> KeyValue:
        """Open, or create, a small key-value bucket that processes share; as many replicas as the log has."""
        try:
            return await self._answer(self.js.key_value(bucket))
        except (BucketNotFoundError, NotFoundError):
            replicas = (await self._answer(self.js.stream_info(STREAM))).config.num_replicas or 1
            return await self.js.create_key_value(KeyValueConfig(bucket=bucket, history=1, replicas=replicas))

    async def publish_live(self, subject: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Tell whoever listens right now; nothing is kept, and nothing is told while the log is away."""
        if self.client.is_connected:
            with contextlib.suppress(NatsError):
                await self.client.publish(subject, body, headers=dict(headers) if headers else None)

    async def _answer(self, asking: Coroutine[Any, Any, T]) -> T:
        """Wait for an answer, but not beyond the connection that would bring it: raises ConnectionClosedError then."""
        task = asyncio.ensure_future(asking)
        try:
            waiting: list[asyncio.Future[Any]] = [task, self._broken]
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if not task.done():
                raise ConnectionClosedError
            return task.result()
        finally:
            task.cancel()

    async def _remember(self, error: Exception) -> None:
        """Keep what went wrong, to tell whoever connects; nats-py would print a traceback for each.

        What a server said (a wrong password) tells more than how the next connection broke, so that doesn't replace it.
        """
        if not isinstance(error, OSError) or isinstance(self.last_error, OSError | None):
            self.last_error = error

    async def _disconnected(self) -> None:
        """Break off what waits for an answer, and drop what nats-py would send before us once it is connected again.

        What had gone to the lost connection before that is lost: the rest would overtake it. Subscriptions are kept elsewhere.
        """
        self.client._pending.clear()  # noqa: SLF001  there is no other way to it
        self.client._pending_data_size = 0  # noqa: SLF001
        broken, self._broken = self._broken, asyncio.get_running_loop().create_future()
        broken.set_result(None)

    async def _connected(self, wait: float) -> None:
        """Wait until there is a connection: what is sent without one would be queued behind our back."""
        deadline = time.monotonic() + wait
        while not self.client.is_connected:
            if self.client.is_closed or time.monotonic() >= deadline:
                raise ConnectionClosedError
            await asyncio.sleep(0.02)


def _refused(error: APIError) -> NotRunning:
    return NotRunning(f"The log takes nothing more: {error.description or error}.", code=LOG_FULL)


def _unconfirmed(error: Exception) -> NotRunning:
    return NotRunning(f"The log did not confirm: {_said(error)}.")


def _said(error: BaseException) -> str:
    return str(error).strip() or type(error).__name__
