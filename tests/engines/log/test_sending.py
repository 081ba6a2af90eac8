"""Large messages arrive as they were sent, though they are not put together first."""

from __future__ import annotations

import asyncio

import pytest

from amity.engines.log.client import Log
from amity.engines.log.sending import LARGE


@pytest.mark.parametrize("size", [0, 1, LARGE - 1, LARGE, 1_000_000])
@pytest.mark.parametrize("headers", [None, {"A": "1", "B-C": "x y"}])
async def test_body_and_headers_arrive(log: Log, size: int, headers: dict[str, str] | None):
    heard: asyncio.Future[object] = asyncio.get_running_loop().create_future()

    async def hear(message: object) -> None:
        heard.set_result(message)

    await log.client.subscribe("test.sending", cb=hear)
    await log.client.flush()
    body = bytes(range(256)) * (size // 256) + b"\r\n" * (size % 256 // 2) + b"x" * (size % 2)
    await log.publish_live("test.sending", body, headers)
    await log.publish_live("test.else", b"PUB in between")
    message = await asyncio.wait_for(heard, 60)
    assert (len(body), message.data) == (size, body)  # type: ignore[attr-defined]
    assert (message.headers or None) == headers  # type: ignore[attr-defined]


async def test_many_large_ones_at_once_keep_their_bounds(log: Log):
    bodies = [bytes([n]) * (LARGE + n * 20_000) for n in range(20)]
    seqs = await asyncio.gather(*(log.append(body, message_id=f"sending-{n}") for n, body in enumerate(bodies)))
    stored = [(await log.js.get_msg("AMITY", seq)).data for seq in seqs]
    assert stored == bodies
