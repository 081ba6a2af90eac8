"""Many who say nothing, and a few who send much, keep nobody out."""

from __future__ import annotations

import asyncio
import resource
import time

import httpx
import pytest

from amity.edge.desk import HEAVY
from tests.edge.conftest import Edge

EVENT = {"type": "track", "event": "E", "userId": "u", "context": {"library": {"name": "RudderLabs"}}}


@pytest.mark.slow
async def test_idle_connections(edge: Edge):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    host, port = edge.url.removeprefix("http://").split(":")
    idle = []
    try:
        for number in range(min(10_000, hard - 1_000)):
            reader, writer = await asyncio.open_connection(host, int(port))
            if number % 2:
                writer.write(b"POST /v1/batch HTT")
            idle.append((reader, writer))
        async with httpx.AsyncClient(base_url=edge.url, timeout=60) as fresh:
            began = time.monotonic()
            answer = await fresh.post("/v1/track", json=EVENT, auth=(edge.key.write_key, ""))
            assert answer.status_code == 200
            assert time.monotonic() - began < 15
    finally:
        for _, writer in idle:
            writer.close()
        await asyncio.gather(*(writer.wait_closed() for _, writer in idle), return_exceptions=True)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def test_a_large_body_does_not_stop_the_others(edge: Edge):
    large = {"batch": [{**EVENT, "properties": {"a": [1] * 3_000}}] * 250}
    sending = asyncio.create_task(edge.post("/v1/batch", large))
    longest = 0.0
    while not sending.done():
        began = time.monotonic()
        assert (await edge.http.get("/healthz")).status_code == 200
        longest = max(longest, time.monotonic() - began)
    answer = await sending
    assert answer.json() == {"success": True}
    assert int(answer.request.headers["content-length"]) > HEAVY
    assert longest < 5
    assert len(await edge.stored()) == 250


async def test_a_request_larger_than_an_envelope_is_spread(edge: Edge):
    before = (await edge.log.state()).last_seq
    events = [{**EVENT, "messageId": str(number), "properties": {"a": "x" * 30_000}} for number in range(100)]
    answer = await edge.post("/v1/batch", {"batch": events})
    assert answer.json() == {"success": True}
    assert {one.message_id for one in await edge.stored()} == {str(number) for number in range(100)}
    assert (await edge.log.state()).last_seq - before >= 3


async def test_requests_of_a_moment_share_an_envelope(edge: Edge):
    before = (await edge.log.state()).last_seq
    answers = await asyncio.gather(*(edge.post("/v1/track", EVENT) for _ in range(200)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(await edge.stored()) == 200
    assert (await edge.log.state()).last_seq - before < 150
