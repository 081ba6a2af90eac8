"""NATS at the end of its disk: what its check says, and what a restart mends."""

from __future__ import annotations

import asyncio

import pytest

from amity.engines.log import server
from amity.engines.log.client import Log
from amity.engines.supervisor import checks
from amity.kernel.errors import NotRunning
from tests.engines.log.conftest import Nats


async def test_it_is_started_again_only_once_there_is_space(volume, tmp_path):
    disk = volume("data", megabytes=80)
    nats = Nats(tmp_path)
    nats.start()
    check = checks.log(server.system_url(nats.port, "p"), data=nats.data)
    log = await Log.connect(nats.url, name="test")
    await log.prepare(max_bytes=10**8, max_days=1)
    await log.append(b"x", message_id="before")
    assert (await check()).state == "ready"

    disk.fill()
    with pytest.raises(NotRunning):
        await log.append(b"x" * 10_000, message_id="too much", wait=0.2)
    answer = await check()
    assert (answer.state, answer.restart, "no space left" in answer.detail) == ("busy", False, True)
    disk.empty()
    answer = await check()
    assert (answer.state, answer.restart) == ("down", True)
    with pytest.raises(NotRunning):  # it stays as it is, though there is space
        await log.append(b"x", message_id="still", wait=0.2)

    await asyncio.to_thread(nats.kill)
    await asyncio.to_thread(nats.start)
    assert await log.append(b"x", message_id="after", wait=5) == 2
    assert (await check()).state == "ready"
    await log.close()
    nats.kill()
