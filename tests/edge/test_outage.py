"""The log goes away and comes back: never a false 200, nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from amity.engines.log import server as log_server
from amity.engines.log.client import Log
from amity.engines.supervisor.leash import before_exec
from amity.facts.envelope import decode_envelope
from tests.edge.conftest import put_key, running_edge, stop_edge
from tests.plugin import free_port


class OwnLog:
    """A log that a test may kill."""

    def __init__(self, folder: Path, *, max_bytes: int = 10**8) -> None:
        self.port = free_port()
        self.url = log_server.url(self.port, "secret")
        self.config = folder / "nats.conf"
        log_server.write_config(self.config, data=folder / "log", port=self.port, password="secret", max_bytes=max_bytes)
        self.start()

    def start(self) -> None:
        self.process = subprocess.Popen(
            [log_server.binary(), "-c", str(self.config)], stderr=subprocess.DEVNULL, preexec_fn=before_exec()
        )

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    async def message_ids(self) -> set[str]:
        log = await Log.connect(self.url, name="test")
        last = (await log.state()).last_seq
        found: set[str] = set()
        reader = log.read(0, idle=0.5)
        async for entries in reader:
            for entry in entries:
                found |= {one.message_id for one in decode_envelope(entry.body).interactions}
            if entries and entries[-1].seq >= last:
                break
        await reader.aclose()
        await log.close()
        return found


@pytest.fixture
def own_log(tmp_path: Path) -> Iterator[OwnLog]:
    log = OwnLog(tmp_path)
    yield log
    log.process.send_signal(signal.SIGCONT)
    log.kill()


async def make_key(url: str) -> str:
    log = await Log.connect(url, name="test")
    await log.prepare(max_bytes=50_000_000, max_days=1)
    key = await put_key(log)
    await log.close()
    return key.write_key


async def send(http: httpx.AsyncClient, key: str, name: str, **properties: object) -> httpx.Response:
    event = {"type": "track", "event": "E", "userId": "u", "messageId": name, "properties": properties}
    return await http.post("/v1/batch", json={"batch": [event], "writeKey": key})


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(90):
        while not condition():  # noqa: ASYNC110  what we wait for is another process
            await asyncio.sleep(0.01)


async def until_ready(http: httpx.AsyncClient, status: int) -> None:
    async with asyncio.timeout(90):
        while (await http.get("/readyz")).status_code != status:  # noqa: ASYNC110
            await asyncio.sleep(0.05)


async def test_killed_and_back(own_log: OwnLog):
    key = await make_key(own_log.url)
    with running_edge(AMITY_LOG_URL=own_log.url, AMITY_LOG_MAX_BYTES="50000000") as url:
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            stop = asyncio.Event()
            acked: set[str] = set()
            refused: list[httpx.Response] = []

            async def keep_sending(lane: int) -> None:
                number = 0
                while not stop.is_set():
                    name = f"{lane}-{number}"
                    answer = await send(http, key, name)
                    if answer.status_code == 200:
                        acked.add(name)
                    else:
                        refused.append(answer)
                    number += 1

            lanes = [asyncio.create_task(keep_sending(lane)) for lane in range(8)]
            await until(lambda: len(acked) >= 100)
            own_log.kill()
            await until_ready(http, 503)
            assert (await http.get("/healthz")).status_code == 200
            await until(lambda: bool(refused))
            before = len(acked)
            own_log.start()
            await until_ready(http, 200)
            await until(lambda: len(acked) >= before + 100)
            stop.set()
            await asyncio.gather(*lanes)
    assert {answer.status_code for answer in refused} == {503}
    assert int(refused[0].headers["retry-after"]) >= 1
    assert refused[0].json()["code"] == "unavailable"
    assert acked <= await own_log.message_ids()


async def test_full(own_log: OwnLog):
    key = await make_key(own_log.url)
    with running_edge(AMITY_LOG_URL=own_log.url, AMITY_LOG_MAX_BYTES="300000") as url:
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            acked = set()
            for number in range(40):
                answer = await send(http, key, str(number), a="x" * 20_000)
                if answer.status_code != 200:
                    break
                acked.add(str(number))
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
            assert (await http.get("/readyz")).status_code == 503
    assert acked
    assert acked == await own_log.message_ids()


async def test_started_before_the_log_and_unpaused(own_log: OwnLog):
    key = await make_key(own_log.url)
    own_log.process.send_signal(signal.SIGSTOP)
    with running_edge(ready=False, AMITY_LOG_URL=own_log.url, AMITY_LOG_MAX_BYTES="50000000") as url:
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            assert (await http.get("/readyz")).json()["code"] == "log_unreachable"
            assert (await send(http, key, "early")).status_code == 503
            own_log.process.send_signal(signal.SIGCONT)
            await until_ready(http, 200)
            assert (await send(http, key, "late")).status_code == 200
            own_log.process.send_signal(signal.SIGSTOP)
            waiting = asyncio.create_task(send(http, key, "paused"))
            await asyncio.sleep(0.5)
            assert not waiting.done()
            own_log.process.send_signal(signal.SIGCONT)
            assert (await waiting).status_code == 200
    assert await own_log.message_ids() == {"late", "paused"}


async def test_memory_stays_bounded(own_log: OwnLog):
    key = await make_key(own_log.url)
    with running_edge(AMITY_LOG_URL=own_log.url, AMITY_LOG_MAX_BYTES="50000000", AMITY_EDGE_PENDING_BYTES="100000") as url:
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            assert (await send(http, key, "first")).status_code == 200
            own_log.process.send_signal(signal.SIGSTOP)
            waiting = [asyncio.create_task(send(http, key, str(number), a="x" * 20_000)) for number in range(20)]
            done, still = await asyncio.wait(waiting, timeout=2)
            assert {task.result().status_code for task in done} == {503}
            assert len(done) >= 10
            own_log.process.send_signal(signal.SIGCONT)
            assert {(await task).status_code for task in still} == {200}


async def test_stopping_stores_what_it_has_and_waits_for_nobody(own_log: OwnLog):
    key = await make_key(own_log.url)
    with running_edge(AMITY_LOG_URL=own_log.url, AMITY_LOG_MAX_BYTES="50000000") as url:
        async with httpx.AsyncClient(base_url=url, timeout=30) as http:
            assert (await send(http, key, "first")).status_code == 200  # its connection stays open, idle
            host, port = url.removeprefix("http://").split(":")
            _, half = await asyncio.open_connection(host, int(port))
            half.write(b"POST /v1/batch HTTP/1.1\r\nhost: x\r\ncontent-length: 9\r\n\r\n{")
            own_log.process.send_signal(signal.SIGSTOP)
            waiting = asyncio.create_task(send(http, key, "last"))
            await asyncio.sleep(0.3)
            threading.Timer(1.5, own_log.process.send_signal, [signal.SIGCONT]).start()
            began = time.monotonic()
            await asyncio.to_thread(stop_edge, url)
            assert time.monotonic() - began < 15  # a body may take 20
            assert (await waiting).status_code == 200
            half.close()
    assert await own_log.message_ids() == {"first", "last"}
