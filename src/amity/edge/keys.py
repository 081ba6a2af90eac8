"""Who may send: a snapshot of all write keys, followed live, which outlasts an outage of the log in memory."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import Any

import msgspec
from nats.errors import Error as NatsError
from nats.js.errors import KeyNotFoundError
from nats.js.kv import KeyValue

from amity.edge.reply import Refused, unavailable
from amity.engines.log.client import Log
from amity.facts.collection import SNAPSHOT_BUCKET, SourceKey, snapshot_key

UNKNOWN_SECONDS = 1.0
CHECK_SECONDS = 2.0
MOST_UNKNOWN = 10_000
KEY_CHARS = 200
MOST_ASKING = 32
TROUBLE = (NatsError, OSError, asyncio.TimeoutError)

_decode = msgspec.json.Decoder(SourceKey).decode


class KeyRing:
    """All write keys that this edge knows. `loaded` turns true with the first complete snapshot and stays so."""

    def __init__(self) -> None:
        self.loaded = False
        self._by_name: dict[str, SourceKey] = {}
        self._by_key: dict[str, SourceKey] = {}
        self._unknown: dict[str, float] = {}
        self._bucket: KeyValue | None = None
        self._revision = 0
        self._asking = asyncio.Semaphore(MOST_ASKING)

    def known(self, write_key: str | None) -> SourceKey | None:
        """Return the source of a write key that needs no asking, None where `find` must tell."""
        found = self._by_key.get(write_key) if write_key else None
        return found if found is not None and found.enabled else None

    async def find(self, write_key: str | None) -> SourceKey:
        """Return the source of a write key. Raises Refused: 401 without a valid one, 404 where the source is switched off."""
        if not write_key:
            raise _unauthorized("No write key. Send it as the user name of Basic authentication or as writeKey in the body.")
        if len(write_key) > KEY_CHARS:  # a body of megabytes may claim to be one: it isn't kept, nor looked for
            raise _unauthorized(f"A write key has at most {KEY_CHARS} characters.")
        found = self._by_key.get(write_key) or await self._ask(write_key)
        if not found.enabled:
            raise Refused(404, "source_disabled", "This source is switched off. Switch it on in Amity's console under Sources.")
        return found

    async def _ask(self, write_key: str) -> SourceKey:
        """Look a key up that the snapshot doesn't hold: it may be younger than the last update that reached us."""
        now = time.monotonic()
        if self._unknown.get(write_key, 0) > now:
            raise _unauthorized("This write key is not known. Copy it again from Amity's console under Sources.")
        if self._bucket is None:
            raise unavailable("Amity has not read its write keys yet. Send the same again in a moment.")
        name = snapshot_key(write_key)
        try:
            async with asyncio.timeout(2), self._asking:
                entry = await self._bucket.get(name)
        except KeyNotFoundError:
            if len(self._unknown) >= MOST_UNKNOWN:
                self._unknown.clear()
            self._unknown[write_key] = now + UNKNOWN_SECONDS
            raise _unauthorized("This write key is not known. Copy it again from Amity's console under Sources.") from None
        except TROUBLE:
            raise unavailable("Amity can't check this write key at the moment. Send the same again in a moment.") from None
        self._put(name, entry.value or b"")
        return self._by_key[write_key]

    async def follow(self, log: Log) -> None:
        """Keep the snapshot true, for ever: watch the bucket, and start anew when the watch has missed something."""
        while True:
            with contextlib.suppress(*TROUBLE):
                self._bucket = await log.snapshot(SNAPSHOT_BUCKET)
                await self._watch(self._bucket)
            await asyncio.sleep(0.5)

    async def _watch(self, bucket: KeyValue) -> None:
        watcher = await bucket.watchall()
        seen: set[str] = set()
        try:
            while True:
                entry = await _next(watcher)
                if entry is _QUIET:
                    if await self._behind(bucket):
                        return
                elif entry is None:
                    for gone in self._by_name.keys() - seen:
                        self._drop(gone)
                    self.loaded = True
                elif entry.operation in {"DEL", "PURGE"}:
                    self._revision = entry.revision
                    self._drop(entry.key)
                else:
                    self._revision = entry.revision
                    seen.add(entry.key)
                    self._put(entry.key, entry.value or b"")
        finally:
            with contextlib.suppress(*TROUBLE):
                await watcher.stop()

    async def _behind(self, bucket: KeyValue) -> bool:
        """Tell whether the bucket has moved on without the watch telling: then the watch is dead."""
        status = await bucket.status()
        return int(status.stream_info.state.last_seq) > self._revision

    def _put(self, name: str, value: bytes) -> None:
        self._drop(name)
        if not name.startswith("key."):
            return
        with contextlib.suppress(msgspec.DecodeError):
            source = _decode(value)
            self._by_name[name] = source
            self._by_key[source.write_key] = source
            self._unknown.pop(source.write_key, None)

    def _drop(self, name: str) -> None:
        old = self._by_name.pop(name, None)
        if old is not None:
            self._by_key.pop(old.write_key, None)


_QUIET = object()


async def _next(watcher: KeyValue.KeyWatcher) -> Any:
    """Return the next update, None at the end of the first snapshot, or _QUIET when there was none for a while."""
    try:
        return await asyncio.wait_for(watcher._updates.get(), CHECK_SECONDS)  # noqa: SLF001  its own method hides time-outs
    except TimeoutError:
        return _QUIET


def _unauthorized(message: str) -> Refused:
    return Refused(401, "invalid_write_key", message, headers=[("www-authenticate", 'Basic realm="write key"')])
