"""Reads the log in order from a position, over restarts of the server, and stops at a hole instead of stepping over it.

The server keeps nothing about a reader: its position stands in PostgreSQL. A consumer of the server's is only a cursor, made
again from the next sequence whenever anything about it is odd. What a fresh cursor still finds odd is a hole; then each
replica is asked for what is missing, since damage to files is one server's own.

A server that finds its newest file damaged when it starts drops the rest of it and gives the same numbers again. So an entry
names the last one that its writer knew to be stored, and a reader keeps the print of the one that it read last.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from nats.aio.client import Client
from nats.aio.msg import Msg
from nats.aio.subscription import Subscription
from nats.errors import ConnectionClosedError, NoRespondersError
from nats.errors import Error as NatsError
from nats.errors import TimeoutError as NatsTimeout
from nats.js.api import AckPolicy, ConsumerConfig, DeliverPolicy
from nats.js.errors import APIError, NotFoundError

from amity.engines.log import gap
from amity.kernel.errors import LogGap

Answer = Callable[[Coroutine[Any, Any, Any]], Awaitable[Any]]
_BYTES = 32 * 1024 * 1024  # on their way to us at most; must exceed the largest message
_EXPIRES = 30.0  # seconds for which one request for entries stands
_RETRY = 0.25
_LOOK_AGAIN = 10.0  # seconds without entries until we ask whether there should have been some
_TRIES = 6  # questions for each replica, which the server hands to any of them
AFTER = "Amity-After"  # header: the last sequence that the writer of an entry knew to be stored


@dataclass(frozen=True, slots=True)
class Entry:
    """One envelope as read: its sequence in the log, when the log stored it (ms since 1970), its bytes.

    `rescued`: it had to be read from another replica than the one that was asked first, whose files are damaged.
    """

    seq: int
    stored_at: int
    body: bytes
    rescued: bool = False


def fingerprint(body: bytes) -> str:
    """Return what tells an entry from any other."""
    return blake2b(body, digest_size=16).hexdigest()


class Reader:
    """A cursor behind sequence `after`. Call `next` again and again, then `close`.

    `answer` waits for a request's answer, but gives up with ConnectionClosedError when the connection breaks. `print_of`:
    fingerprint of entry `after`, empty where that isn't known. `passed`: ranges of sequences whose loss was accepted.
    `patience`: seconds without entries until we ask whether there should have been some.
    """

    def __init__(  # noqa: PLR0913
        self,
        client: Client,
        *,
        answer: Answer,
        stream: str,
        after: int,
        batch: int,
        print_of: str = "",
        passed: Sequence[tuple[int, int]] = (),
        patience: float | None = None,
    ) -> None:
        self._client, self._js, self._answer, self._stream, self._batch = (
            client,
            client.jetstream(timeout=10),
            answer,
            stream,
            batch,
        )
        self.expected = after + 1
        self._print, self._last, self._passed = print_of, b"", passed
        self._patience = _LOOK_AGAIN if patience is None else patience
        self._hole = 0  # up to where entries are missing
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
        if self.expected <= self._hole:
            return await self._rescue()
        if self._sub is None or self._reconnects != self._client.stats["reconnects"]:
            await self._open()
        if self._coming <= 0:
            await self._request()
        message = await self._message(deadline - time.monotonic())
        if message is None:
            if time.monotonic() - self._looked_at > self._patience:
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
                self._skip_or_search(seq - 1)
            await self.close()
            return False
        if (cut := self._cut(seq, message.headers)) is not None:
            if not entries:
                raise cut
            await self.close()  # first what came before it
            return False
        self._fresh = False
        self._looked_at = time.monotonic()
        self._add(Entry(seq, round(metadata.timestamp.timestamp() * 1000), message.data), entries)
        return True

    def _add(self, entry: Entry, entries: list[Entry]) -> None:
        self.expected, self._last = entry.seq + 1, entry.body
        entries.append(entry)

    def _accepted(self, first: int, last: int) -> bool:
        return any(lowest <= first and last <= highest for lowest, highest in self._passed)

    def _cut(self, seq: int, headers: dict[str, str] | None) -> LogGap | None:
        """Return what is lost if the writer of this entry knew of a later one."""
        after = int((headers or {}).get(AFTER) or 0)
        return gap.cut(seq, after) if after >= seq and not self._accepted(seq, after) else None

    def _skip_or_search(self, last: int) -> None:
        """Step over a hole that a person accepted, else look for what is missing with the other replicas."""
        if self._accepted(self.expected, last):
            self.expected, self._print, self._last = last + 1, "", b""
        else:
            self._hole = last

    async def _rescue(self) -> list[Entry]:
        """Return what is missing next, from any replica that has it. Raises LogGap where none has."""
        info = await self._answer(self._js.stream_info(self._stream))
        entries: list[Entry] = []
        while self.expected <= self._hole and len(entries) < self._batch:
            for _ in range(_TRIES * (info.config.num_replicas or 1)):
                with contextlib.suppress(APIError, NoRespondersError):
                    found = await self._answer(self._js.get_msg(self._stream, self.expected, direct=True))
                    stored_at = round(found.time.timestamp() * 1000) if found.time else 0
                    self._add(Entry(self.expected, stored_at, found.data or b"", rescued=True), entries)
                    break
            else:
                if entries:
                    return entries
                raise gap.hole(self.expected, self._hole)
        return entries

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
            raise gap.ended(ends=state.last_seq, read=self.expected - 1)
        if state.first_seq > self.expected and not self._accepted(self.expected, state.first_seq - 1):
            raise gap.expired(self.expected, state.first_seq - 1)
        if state.first_seq < self.expected:
            await self._must_be_the_same()
        if waited and state.last_seq >= self.expected:
            await self._must_exist()

    async def _must_be_the_same(self) -> None:
        """Raise LogGap if the entry that was read last has been replaced by another one. It may be unreadable: it was read."""
        known = fingerprint(self._last) if self._last else self._print
        if not known:
            return
        with contextlib.suppress(APIError):
            found = await self._answer(self._js.get_msg(self._stream, self.expected - 1))
            if fingerprint(found.data or b"") != known:
                raise gap.another(self.expected - 1)

    async def _must_exist(self) -> None:
        """Entries should have come and did not: begin again, and if the next one can't be read by itself, search for it."""
        try:
            await self._answer(self._js.get_msg(self._stream, self.expected))
        except NotFoundError:
            self._skip_or_search(self.expected)
        except APIError as error:
            raise gap.unreadable(self.expected, str(error.description)) from error
        await self.close()
