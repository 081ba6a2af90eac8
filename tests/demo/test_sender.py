"""The demo's sender: order for each customer, patience, plain errors. The edge is a small one of the test's own."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from amity.demo.company import Told, tell
from amity.demo.sender import send
from amity.kernel.errors import AmityError

KEYS = {"web": "web-key", "app": "app-key", "server": "server-key"}


class Edge:
    """Speaks just enough HTTP to be posted to; answers `refusals` first."""

    def __init__(self, refusals: list[bytes]) -> None:
        self.refusals = refusals
        self.bodies: list[tuple[str, bytes]] = []

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while line := await reader.readline():
                assert line.startswith(b"POST /v1/batch ")
                headers: dict[str, str] = {}
                while (header := (await reader.readline()).decode().strip()) != "":
                    name, _, value = header.partition(":")
                    headers[name.lower()] = value.strip()
                body = await reader.readexactly(int(headers["content-length"]))
                answer = self.refusals.pop(0) if self.refusals else b"200 OK"
                if answer == b"200 OK":
                    self.bodies.append((headers["authorization"], body))
                status, _, extra = answer.partition(b"|")
                writer.write(b"HTTP/1.1 " + status + b"\r\n" + extra + b"content-length: 2\r\n\r\n{}")
                await writer.drain()
        finally:
            writer.close()


@asynccontextmanager
async def edge(*refusals: bytes) -> AsyncIterator[tuple[Edge, str]]:
    one = Edge(list(refusals))
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    try:
        yield one, f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


async def test_all_of_it_arrives_once_and_in_each_customers_order() -> None:
    told = tell(customers=150, seed=1, end=1_795_300_000_000)
    seen: list[int] = []
    async with edge() as (one, url):
        await send(told=told, edge=url, keys=KEYS, progress=seen.append)
    arrived = [message for _, body in one.bodies for message in json.loads(body)["batch"]]
    assert sorted(m["messageId"] for m in arrived) == sorted(json.loads(t.body)["messageId"] for t in told)
    for who in {t.customer for t in told}:
        mine = [m["timestamp"] for m in arrived if m["messageId"].split("-")[2] == str(who)]
        assert mine == sorted(mine)
    assert seen[-1] == len(told)
    assert {auth for auth, _ in one.bodies} == {"Basic " + b64encode(f"{key}:".encode()).decode() for key in KEYS.values()}
    assert all(len(body) < 500_000 and json.loads(body)["sentAt"] for _, body in one.bodies)


ONE = [Told(1, 0, "web", b'{"messageId":"linden-1-0-0","timestamp":"2026-01-01T00:00:00Z"}')]


async def test_it_waits_where_the_edge_asks_for_it() -> None:
    async with edge(b"503 Service Unavailable|", b"429 Too Many Requests|retry-after: 0\r\n", b"401 Unauthorized|") as (one, url):
        await send(told=ONE, edge=url, keys=KEYS)
    assert len(one.bodies) == 1


async def test_a_refusal_is_told_at_once() -> None:
    async with edge(b"400 Bad Request|") as (_, url):
        with pytest.raises(ExceptionGroup) as raised:
            await send(told=ONE, edge=url, keys=KEYS)
    assert isinstance(raised.value.exceptions[0], AmityError)
    assert "400" in str(raised.value.exceptions[0])
