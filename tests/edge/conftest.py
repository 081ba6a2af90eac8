"""A real edge on a free port, a write key of the test's own, and a reader of the log."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from uuid import uuid4

import httpx
import msgspec
import pytest

from amity.engines.log.client import Log
from amity.engines.supervisor.leash import before_exec
from amity.facts.collection import SNAPSHOT_BUCKET, SourceKey, snapshot_key
from amity.facts.envelope import decode_envelope
from amity.facts.interaction import Interaction, Rejection
from tests.plugin import free_port


async def put_key(log: Log, **kwargs: object) -> SourceKey:
    key = SourceKey(**{"workspace": 7, "source": 11, "name": "Shop", "write_key": uuid4().hex, **kwargs})
    bucket = await log.snapshot(SNAPSHOT_BUCKET)
    await bucket.put(snapshot_key(key.write_key), msgspec.json.encode(key))
    return key


@dataclass
class Edge:
    """What a test needs of a running edge."""

    url: str
    log: Log
    http: httpx.AsyncClient
    key: SourceKey
    start: int
    seen: list[Interaction] = field(default_factory=list)
    put_aside: list[Rejection] = field(default_factory=list)

    async def key_with(self, **kwargs: object) -> SourceKey:
        return await put_key(self.log, **kwargs)

    async def stored(self) -> list[Interaction]:
        """Everything of this test's workspace that the log has got since the test began."""
        await self._read()
        return self.seen

    async def rejected(self) -> list[Rejection]:
        await self._read()
        return self.put_aside

    async def _read(self) -> None:
        last = (await self.log.state()).last_seq
        if last <= self.start:
            return
        reader = self.log.read(self.start, idle=0.5)
        async for entries in reader:
            for entry in entries:
                envelope = decode_envelope(entry.body)
                self.seen += [one for one in envelope.interactions if one.workspace == self.key.workspace]
                self.put_aside += [one for one in envelope.rejections if one.workspace == self.key.workspace]
                self.start = entry.seq
            if self.start >= last:
                break
        await reader.aclose()

    async def post(self, path: str, json: object, **kwargs: object) -> httpx.Response:
        return await self.http.post(path, json=json, auth=(self.key.write_key, ""), **kwargs)


def wait_for(url: str, process: subprocess.Popen[bytes], path: str) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if httpx.get(url + path).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        time.sleep(0.02)
    raise RuntimeError("The edge did not become ready.")


processes: dict[str, subprocess.Popen[bytes]] = {}


def stop_edge(url: str) -> None:
    process = processes[url]
    process.send_signal(signal.SIGTERM)
    try:
        assert process.wait(60) == 0
    finally:
        process.kill()


@contextmanager
def running_edge(*, ready: bool = True, **env: str) -> Iterator[str]:
    port = str(free_port())
    process = subprocess.Popen(
        [sys.executable, "-m", "amity.edge"],
        env={**os.environ, "AMITY_EDGE_PORT": port, "AMITY_TRUSTED_PROXIES": "10.0.0.0/8", **env},
        preexec_fn=before_exec(),
    )
    processes[f"http://127.0.0.1:{port}"] = process
    try:
        wait_for(f"http://127.0.0.1:{port}", process, "/readyz" if ready else "/healthz")
        yield f"http://127.0.0.1:{port}"
    finally:
        stop_edge(f"http://127.0.0.1:{port}")


@pytest.fixture(scope="session")
def edge_url() -> Iterator[str]:
    with running_edge() as url:
        yield url


_workspaces = iter(range(1_000_000, 2_000_000))


@pytest.fixture
async def edge(edge_url: str) -> AsyncIterator[Edge]:
    log = await Log.connect(os.environ["AMITY_LOG_URL"], name="test")
    async with httpx.AsyncClient(base_url=edge_url, timeout=60) as http:
        key = await put_key(log, workspace=next(_workspaces))
        yield Edge(url=edge_url, log=log, http=http, key=key, start=(await log.state()).last_seq)
    await log.close()


@pytest.fixture(scope="session")
def quick_edge_url() -> Iterator[str]:
    """An edge that gives a body one second."""
    with running_edge(AMITY_EDGE_BODY_SECONDS="1") as url:
        yield url


@pytest.fixture(scope="session")
def key(edge_url: str) -> str:
    """A write key for tests that look at answers only."""

    async def make() -> str:
        log = await Log.connect(os.environ["AMITY_LOG_URL"], name="test")
        made = await put_key(log, requests_per_second=0)
        await log.close()
        return made.write_key

    return asyncio.run(make())
