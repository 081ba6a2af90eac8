"""A workspace to have sources in, and the bucket that the edge reads."""

from __future__ import annotations

import asyncio
import itertools

import msgspec
import pytest

from amity.engines.addresses import addresses
from amity.engines.log.client import Log
from amity.facts.collection import SNAPSHOT_BUCKET, SourceKey, snapshot_key
from amity.rooms.trust.models import Workspace

_numbers = itertools.count(1)


@pytest.fixture
def workspace(transactional_db, log_ready) -> int:
    return Workspace.objects.create(slug=f"c{next(_numbers)}", name="C").pk


class Bucket:
    """What the edge would see."""

    def entry(self, write_key: str) -> SourceKey | None:
        async def get(log: Log):
            bucket = await log.snapshot(SNAPSHOT_BUCKET)
            try:
                return msgspec.json.decode((await bucket.get(snapshot_key(write_key))).value, type=SourceKey)
            except Exception as error:
                if type(error).__name__ in {"KeyNotFoundError", "KeyDeletedError"}:
                    return None
                raise

        return self.with_log(get)

    def with_log(self, work):
        async def connected():
            log = await Log.connect(addresses().log, name="test")
            try:
                return await work(log)
            finally:
                await log.close()

        return asyncio.run(connected())


@pytest.fixture
def bucket() -> Bucket:
    return Bucket()
