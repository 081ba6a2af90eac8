"""Three servers with three replicas: what fails on one is another's to carry on."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import aclosing

import pytest

from amity.engines.log.client import STREAM, Log
from amity.kernel.errors import NotRunning
from tests.cluster import Cluster, Node
from tests.damage import flip_bit

# nats-py leaves the socket of a server that accepts but says nothing, as one that stands still does, to the garbage collector.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")

OUTAGE = 12.0  # seconds that a client may wait: NATS elects after 4 to 9, and this machine may have more to do


class Clients:
    """Clients that append one after the other, each again until it is confirmed."""

    def __init__(self, log: Log, count: int = 4) -> None:
        self.acknowledged: dict[str, int] = {}
        self.outage, self._last = 0.0, time.monotonic()
        self._log = log
        self._tasks = [asyncio.create_task(self._send(f"c{i}")) for i in range(count)]

    async def _send(self, name: str) -> None:
        n = 0
        while True:
            message = f"{name}-{n}"
            try:
                self.acknowledged[message] = await self._log.append(message.encode(), message_id=message, wait=1)
            except NotRunning:
                continue
            n += 1
            now = time.monotonic()
            self.outage, self._last = max(self.outage, now - self._last), now

    async def more(self, count: int = 100) -> float:
        """Wait until so many more are confirmed; return the longest time meanwhile in which none was."""
        self.outage, goal = 0.0, len(self.acknowledged) + count
        async with asyncio.timeout(90):
            while len(self.acknowledged) < goal:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        return self.outage

    async def stop(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    one = Cluster(tmp_path_factory.mktemp("cluster"))
    one.start()
    yield one
    one.stop()


@pytest.fixture
async def log(cluster: Cluster) -> AsyncIterator[Log]:
    one = await Log.connect(cluster.url, name="test")
    async with asyncio.timeout(90):
        while True:  # until the three have found each other
            try:
                await one.prepare(max_bytes=10**8, max_days=1, replicas=3)
                break
            except NotRunning:
                await asyncio.sleep(0.2)
    yield one
    await one.close()


async def leader(log: Log, cluster: Cluster) -> Node:
    async with asyncio.timeout(90):
        while True:
            try:
                found = (await log.js.stream_info(STREAM)).cluster
            except Exception:  # noqa: BLE001  an election is under way
                found = None
            if found and found.leader:
                return cluster.named(found.leader)
            await asyncio.sleep(0.1)


async def read(log: Log, last: int, *, after: int = 0) -> list:
    got: list = []
    async with asyncio.timeout(90), aclosing(log.read(after, idle=0.2)) as reading:
        async for entries in reading:
            got += entries
            if got and got[-1].seq >= last:
                return got
    raise AssertionError


@pytest.mark.slow
async def test_one_leader_killed_all_killed_one_standing_still(cluster, log):
    clients = Clients(log)
    await clients.more()
    outages = {}

    node = await leader(log, cluster)
    await asyncio.to_thread(node.kill)
    outages["leader killed"] = await clients.more()
    node.start()  # in the thread that lasts: children end with theirs
    await clients.more()

    for one in cluster.nodes:
        await asyncio.to_thread(one.kill)
    for one in cluster.nodes:
        one.start()
    outages["all killed"] = await clients.more()

    node = await leader(log, cluster)
    node.send(signal.SIGSTOP)
    outages["leader stopped"] = await clients.more()
    node.send(signal.SIGCONT)
    await clients.more()

    await clients.stop()
    print({what: round(seconds, 1) for what, seconds in outages.items()})  # noqa: T201  for docs/reliability.md: -s shows it
    assert max(outages.values()) <= OUTAGE, outages
    got = await read(log, max(clients.acknowledged.values()))
    by_name = {entry.body.decode(): entry.seq for entry in got}
    assert {name: by_name.get(name) for name in clients.acknowledged} == clients.acknowledged
    assert len(by_name) == len(got)


async def test_what_one_server_lost_is_read_from_another(cluster, log):
    after = (await log.state()).last_seq
    for n in range(1, 201):
        assert await log.append(b"entry %04d." % n + b"x" * 500, message_id=f"{n}") == after + n
    node = await leader(log, cluster)
    await asyncio.to_thread(node.kill, signal.SIGTERM)
    flip_bit(sorted(node.data.rglob("streams/AMITY/msgs/*.blk")), b"entry 0100.", offset=200)
    node.start()  # in the thread that lasts: children end with theirs
    rescued: list[int] = []
    for _ in range(30):  # the server puts a reader's cursor on any replica: on the damaged one every third time
        got = await read(log, after + 200, after=after)
        assert [entry.seq - after for entry in got] == list(range(1, 201))
        assert all(entry.body.startswith(b"entry %04d." % (entry.seq - after)) for entry in got)
        rescued = [entry.seq - after for entry in got if entry.rescued]
        if rescued:
            break
    assert rescued == [100]
