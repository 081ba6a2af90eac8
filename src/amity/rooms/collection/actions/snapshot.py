"""Tell the edge who may send: the snapshot of write keys in the log engine's key-value bucket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import msgspec

from amity.facts.collection import SNAPSHOT_BUCKET, SourceKey
from amity.kernel.errors import NotRunning
from amity.rooms.collection.models import Source
from amity.rooms.collection.rules.sources import snapshot_of

if TYPE_CHECKING:
    from amity.engines.log.client import Log

_encoder = msgspec.json.Encoder()
PREFIX = "key."


def publish(entries: Mapping[str, SourceKey | None]) -> None:
    """Put entries (None removes one) into the bucket and return once the log has confirmed each.

    Works from any thread, with or without an event loop of its own. Raises NotRunning if the log does not answer; the
    leading worker then brings the bucket up to date within a minute of the log's return.
    """

    async def put(log: Log) -> None:
        bucket = await log.snapshot(SNAPSHOT_BUCKET)
        for name, entry in entries.items():
            if entry is None:
                await bucket.delete(name)
            else:
                await bucket.put(name, _encoder.encode(entry))

    _with_log(put)


def publish_source(source: Source) -> None:
    """Publish every write key of one source as it stands now."""
    publish(snapshot_of(source.view()))


def expected_entries() -> dict[str, SourceKey]:
    """Return what the bucket should hold: every write key in force, of every workspace."""
    found: dict[str, SourceKey] = {}
    for source in Source.objects.exclude(keys=None).prefetch_related("keys").iterator(chunk_size=500):
        found.update(snapshot_of(source.view()))
    return found


async def reconcile(log: Log, expected: Mapping[str, SourceKey]) -> int:
    """Make the bucket equal to `expected`; return how many entries had to change."""
    from nats.js.errors import KeyNotFoundError, NoKeysError

    bucket = await log.snapshot(SNAPSHOT_BUCKET)
    try:
        names = {name for name in await bucket.keys() if name.startswith(PREFIX)}
    except NoKeysError:
        names = set()
    changed = 0
    for name in names - expected.keys():
        await bucket.delete(name)
        changed += 1
    for name, entry in expected.items():
        body = _encoder.encode(entry)
        try:
            held = (await bucket.get(name)).value if name in names else None
        except KeyNotFoundError:
            held = None
        if held != body:
            await bucket.put(name, body)
            changed += 1
    return changed


def _with_log(work: Callable[[Log], Coroutine[object, object, None]]) -> None:
    from nats.errors import Error as NatsError

    from amity.engines.addresses import addresses
    from amity.engines.log.client import Log

    async def connected() -> None:
        log = await Log.connect(addresses().log, name="collection")
        try:
            await work(log)
        except (NatsError, OSError, TimeoutError) as error:
            raise NotRunning(
                "This is stored, but the edge could not be told yet: the log does not answer. "
                "The worker tells it within a minute of the log's return."
            ) from error
        finally:
            await log.close()

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(connected())
        return
    with ThreadPoolExecutor(1) as pool:  # we stand inside somebody's event loop, which can't be run twice
        pool.submit(asyncio.run, connected()).result()
