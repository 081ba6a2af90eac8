"""A NATS server of a test's own, which it may kill and start again."""

from __future__ import annotations

import shutil
import signal
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from amity.engines.log import server
from amity.engines.log.client import Log
from amity.engines.supervisor.leash import before_exec
from amity.engines.supervisor.ports import free_ports, is_free


class Nats:
    def __init__(self, folder: Path) -> None:
        self.data, self.config, self.out = folder / "data", folder / "nats.conf", folder / "nats.log"
        [self.port] = free_ports(1)
        server.write_config(self.config, data=self.data, port=self.port, password="p", max_bytes=10**8)
        self.url = server.url(self.port, "p")

    def start(self) -> None:
        with self.out.open("ab") as out:
            self.process = subprocess.Popen(
                [server.binary(), "-c", str(self.config)], stdout=out, stderr=out, preexec_fn=before_exec()
            )
        deadline = time.monotonic() + 20
        while is_free(self.port):
            assert self.process.poll() is None, self.out.read_text()
            assert time.monotonic() < deadline
            time.sleep(0.02)

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> None:
        self.process.send_signal(sign)
        self.process.wait(10)

    def forget(self) -> None:
        shutil.rmtree(self.data)


@pytest.fixture
def nats(tmp_path) -> Iterator[Nats]:
    one = Nats(tmp_path)
    one.start()
    yield one
    if one.process.poll() is None:
        one.kill()


@pytest.fixture
async def log(nats) -> AsyncIterator[Log]:
    one = await Log.connect(nats.url, name="test")
    await one.prepare(max_bytes=10**7, max_days=1)
    yield one
    await one.close()
