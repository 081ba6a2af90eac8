"""Reads the log in order from a position, over restarts of the server, and stops at a hole instead of stepping over it.

The server keeps nothing about a reader: its position stands in PostgreSQL. A consumer of the server's is only a cursor, made
again from the next sequence whenever anything about it is odd. What a fresh cursor still finds odd is a hole.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import ConnectionClosedError
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError, NotFoundError

from amity.kernel.errors import LogGap

Answer = Callable[[Coroutine[Any, Any, Any]], Awaitable[Any]]
_BYTES = 32 * 1024 * 1024  # on their way to us at most; must exceed the largest message
_EXPIRES = 30.0  # seconds for which one request for entries stands
_RETRY = 0.25
_LOOK_AGAIN = 10.0  # seconds without entries until we ask whether there should have been some


@dataclass(frozen=True, slots=True)
class Entry:
    """One envelope as read: its sequence in the log, when the log stored it (ms since 1970), its bytes."""

    seq: int
    stored_at: int
    body: bytes


class Reader:
    """A cursor behind sequence `after`. Call `next` again and again, then `close`.

    `answer` waits for a request's answer, but gives up with ConnectionClosedError when the connection breaks.
    """

    def __init__(self, client: Client, *, answer: Answer, stream: str, after: int, batch: int) -> None:
        self._client, self._js, self._answer, self._stream, self._batch = (
            client,
            client.jetstream(timeout=10),
            answer,
            stream,
            batch,
        )
        self.expected = after + 1
        self._sub: Subscription | None = None
        self._consumer = ""
        self._coming = 0  # entries that the standing request may still bring
        self._reconnects = 0
        self._fresh = True
        self._looked_at = time.monotonic()

    async def next(self, wait: float) -> list[Entry]:
        """Return the next entries as soon as there are some; none after `wait` seconds, also when the log is away.

        Raises LogGap where an entry is missing.
        """
        deadline = time.monotonic() + wait
        while True:
            try:
                entries = await self._some(deadline)
            except (NatsError, OSError, TimeoutError):
                await self.close()
                entries = []
                await asyncio.sleep(max(0.0, min(_RETRY, deadline - time.monotonic())))
            if entries or time.monotonic() >= deadline:
                return entries

    async def close(self) -> None:
        """Let the cursor go."""
        sub, self._sub = self._sub, None
        if sub is None or not self._client.is_connected:
            return
        with contextlib.suppress(NatsError, OSError, TimeoutError):
            await sub.unsubscribe()
            await self._answer(self._js.delete_consumer(self._stream, self._consumer))

    async def _some(self, deadline: float) -> list[Entry]:
        if not self._client.is_connected:
            raise ConnectionClosedError
        if self._sub is None or self._reconnects != self._client.stats["reconnects"]:
            await self._open()
        if self._coming <= 0:
            await self._request()
        message = await self._message(deadline - time.monotonic())
        if message is None:
            if time.monotonic() - self._looked_at > _LOOK_AGAIN:
                await self._look(waited=True)
            return []
        entries: list[Entry] = []
        while message is not None:
            if not await self._take(message, entries):
                break
            message = await self._message(0) if len(entries) < self._batch else None
        return entries

    async def _take(self, message: Msg, entries: list[Entry]) -> bool:
        """Add a message to `entries`; False where this cursor ends."""
        if status := (message.headers or {}).get("Status"):
            if status in {"404", "408"} or (status == "409" and "MaxBytes" in message.headers.get("Description", "")):
                self._coming = 0
                return False
            if status == "100":
                return True
            await self.close()
            return False
        metadata = message.metadata
        seq = metadata.sequence.stream
        self._coming -= 1
        if seq != self.expected:
            if self._fresh:
                await self._look()
                raise LogGap(_hole(self.expected, seq - 1))
            await self.close()
            return False
        self._fresh = False
        self.expected = seq + 1
        self._looked_at = time.monotonic()
        entries.append(Entry(seq, round(metadata.timestamp.timestamp() * 1000), message.data))
        return True

    async def _message(self, wait: float) -> Msg | None:
        assert self._sub is not None  # noqa: S101
        if wait <= 0 and not self._sub.pending_msgs:
            return None
        try:
            return await self._sub.next_msg(timeout=max(wait, 0.001))
        except (TimeoutError, NatsTimeout):
            return None

    async def _open(self) -> None:
        await self.close()
        reconnects = self._client.stats["reconnects"]
        await self._look()
        config = ConsumerConfig(
            deliver_policy=DeliverPolicy.BY_START_SEQUENCE,
            opt_start_seq=self.expected,
            ack_policy=AckPolicy.NONE,
            inactive_threshold=60,
            mem_storage=True,
            num_replicas=1,
        )
        made = await self._answer(self._js.add_consumer(self._stream, config))
        self._sub = await self._client.subscribe(self._client.new_inbox(), pending_bytes_limit=4 * _BYTES)
        self._consumer, self._coming, self._fresh, self._reconnects = made.name, 0, True, reconnects

    async def _request(self) -> None:
        assert self._sub is not None  # noqa: S101
        wish = {"batch": self._batch, "max_bytes": _BYTES, "expires": int(_EXPIRES * 1e9)}
        subject = f"$JS.API.CONSUMER.MSG.NEXT.{self._stream}.{self._consumer}"
        await self._client.publish(subject, json.dumps(wish).encode(), reply=self._sub.subject)
        self._coming = self._batch

    async def _look(self, *, waited: bool = False) -> None:
        """Compare our position with what the log holds. Raises LogGap where the two can't be true together.

        `waited`: entries should have come by now, if the log has any for us.
        """
        self._looked_at = time.monotonic()
        state = (await self._answer(self._js.stream_info(self._stream))).state
        if state.last_seq < self.expected - 1:
            await asyncio.sleep(1)  # a cluster that has just changed its leader may catch up
            state = (await self._answer(self._js.stream_info(self._stream))).state
        if state.last_seq < self.expected - 1:
            raise LogGap(
                f"The log ends at {state.last_seq}, but was already read to {self.expected - 1}: it was emptied, replaced, or "
                "put back from an older backup. Nothing is read until someone decides: put the log's own data back, or move "
                f"this reader's position to {state.last_seq}."
            )
        if state.first_seq > self.expected:
            self._tell_expired(state.first_seq)
        elif waited and state.last_seq >= self.expected:
            await self._must_exist()

    def _tell_expired(self, first: int) -> None:
        count = first - self.expected
        raise LogGap(
            f"{count} entries of the log ({self.expected} to {first - 1}) are gone before they were read: they expired, because "
            "this reader stood still for longer than AMITY_LOG_MAX_DAYS, or the log's oldest files were damaged. Nothing is "
            "read until someone decides: put the log's data back from a replica or a backup, or go on without them by moving "
            f"this reader's position to {first - 1}."
        )

    async def _must_exist(self) -> None:
        """Entries should have come and did not: begin again, and if the next one can't be read by itself, tell so."""
        try:
            await self._answer(self._js.get_msg(self._stream, self.expected))
        except NotFoundError:
            raise LogGap(_hole(self.expected, self.expected)) from None
        except APIError as error:
            raise LogGap(f"Entry {self.expected} of the log can't be read: {error.description}.") from error
        await self.close()


def _hole(first: int, until: int) -> str:
    which = f"Entries {first} to {until} are" if until > first else f"Entry {first} is"
    return (
        f"{which} missing in the log, though not yet due to expire: its files are damaged. Nothing is read until someone "
        "decides: put the log's data back from a replica or a backup, or go on without them by moving this reader's position "
        f"to {until}."
    )
