"""The log as every process sees it: append an envelope, read from a position, share small snapshots."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import nats
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js import JetStreamContext
from nats.js.api import (
    AckPolicy,
    ConsumerConfig,
    DeliverPolicy,
    DiscardPolicy,
    KeyValueConfig,
    StorageType,
    StreamConfig,
)
from nats.js.errors import BucketNotFoundError, NotFoundError
from nats.js.kv import KeyValue

from amity.kernel.errors import LogGap, NotRunning

STREAM = "AMITY"
SUBJECT = "amity.log"
DUPLICATE_WINDOW = 120.0


@dataclass(frozen=True, slots=True)
class Entry:
    """One envelope as read: its sequence in the log, when the log stored it (ms since 1970), its bytes."""

    seq: int
    stored_at: int
    body: bytes


@dataclass(frozen=True, slots=True)
class LogState:
    """Where the log stands: first and last sequence it holds, messages and bytes."""

    first_seq: int
    last_seq: int
    messages: int
    bytes: int


class Log:
    """A connection to the log. Make it with `connect`; close it with `close`."""

    def __init__(self, client: Client) -> None:
        self.client = client
        self.js: JetStreamContext = client.jetstream(timeout=10, publish_async_max_pending=4096)

    @classmethod
    async def connect(cls, url: str, *, name: str) -> Log:
        """Connect to the log at `url`; `name` shows in its monitoring. Raises NotRunning if nothing answers."""
        try:
            client = await nats.connect(
                url,
                name=name,
                connect_timeout=5,
                max_reconnect_attempts=-1,
                reconnect_time_wait=0.25,
                allow_reconnect=True,
                error_cb=_quiet,
            )
        except (OSError, NatsError, asyncio.TimeoutError) as error:
            raise NotRunning(f"The log does not answer: {error or type(error).__name__}.") from error
        return cls(client)

    async def close(self) -> None:
        """Send what is buffered and close."""
        await self.client.drain()

    async def prepare(self, *, max_bytes: int, max_days: int, replicas: int = 1) -> None:
        """Create or update the stream. New bytes are refused, not old ones dropped, when it is full."""
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
        )
        try:
            await self.js.stream_info(STREAM)
        except NotFoundError:
            await self.js.add_stream(config)
        else:
            await self.js.update_stream(config)

    async def append(self, body: bytes, *, message_id: str, wait: float = 5.0) -> int:
        """Append one message and return its sequence once it is on disk.

        `message_id` makes a repeated append of the same bytes harmless for two minutes. Raises NotRunning when no
        acknowledgement came within `wait` seconds: then it is unknown whether it was stored, and the same id must be used again.
        """
        try:
            ack = await self.js.publish(SUBJECT, body, timeout=wait, headers={"Nats-Msg-Id": message_id})
        except (NatsTimeout, NatsError, OSError, asyncio.TimeoutError) as error:
            raise NotRunning(f"The log did not confirm: {error or type(error).__name__}.") from error
        return ack.seq

    async def state(self) -> LogState:
        """Return where the log stands."""
        info = await self.js.stream_info(STREAM)
        s = info.state
        return LogState(first_seq=s.first_seq, last_seq=s.last_seq, messages=s.messages, bytes=s.bytes)

    async def read(self, after: int, *, batch: int = 64, idle: float = 1.0) -> AsyncIterator[list[Entry]]:
        """Yield lists of entries after sequence `after`, for ever; an empty list each `idle` seconds without any.

        Raises LogGap if a sequence is missing that was not yet due to expire: the caller must stop, not skip.
        """
        expected = after + 1
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=expected,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=60,
            mem_storage=True,
            num_replicas=1,
        )
        sub = await self.js.pull_subscribe(SUBJECT, stream=STREAM, config=config)
        try:
            while True:
                try:
                    messages = await sub.fetch(batch, timeout=idle)
                except (NatsTimeout, asyncio.TimeoutError):
                    yield []
                    continue
                entries = []
                for m in messages:
                    meta = m.metadata
                    seq = meta.sequence.stream
                    if seq != expected:
                        raise LogGap(f"The log jumps from {expected - 1} to {seq}: {seq - expected} messages are missing.")
                    expected += 1
                    entries.append(Entry(seq, round(meta.timestamp.timestamp() * 1000), m.data))
                yield entries
        finally:
            await sub.unsubscribe()

    async def snapshot(self, bucket: str) -> KeyValue:
        """Open, or create, a small key-value bucket that processes share."""
        try:
            return await self.js.key_value(bucket)
        except (BucketNotFoundError, NotFoundError):
            return await self.js.create_key_value(KeyValueConfig(bucket=bucket, history=1))

    async def publish_live(self, subject: str, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        """Tell whoever listens right now; nothing is kept."""
        await self.client.publish(subject, body, headers=dict(headers) if headers else None)


async def _quiet(_: Exception) -> None:
    """Connection errors show in health checks; nats-py would print a traceback for each."""
