"""The demo's sender: order, patience, plain errors. The edge is a small one of the test's own."""

from __future__ import annotations

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from amity.demo.company import found, tell
from amity.demo.pen import Entry
from amity.demo.sender import Sender
from amity.demo.wire import message_id
from amity.kernel.errors import AmityError

KEYS = ("web-key", "app-key", "server-key")


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


def some(customers: int) -> list[Entry]:
    return list(tell(found(customers=customers, seed=1, end=1_795_300_000_000)))


async def send(entries: list[Entry], url: str) -> None:
    async with Sender(edge=url, keys=KEYS, seed=1) as sender:
        await sender.send(entries)


async def test_all_of_it_arrives_once_and_in_order() -> None:
    entries = some(40)
    async with edge() as (one, url):
        await send(entries, url)
    arrived = [message for _, body in one.bodies for message in json.loads(body)["batch"]]
    assert [m["messageId"] for m in arrived] == [message_id(1, entry) for entry in entries]
    assert {auth for auth, _ in one.bodies} == {"Basic " + b64encode(f"{key}:".encode()).decode() for key in KEYS}
    assert all(len(body) < 500_000 and json.loads(body)["sentAt"] for _, body in one.bodies)


async def test_it_waits_where_the_edge_asks_for_it() -> None:
    async with edge(b"503 Service Unavailable|", b"429 Too Many Requests|retry-after: 0\r\n", b"401 Unauthorized|") as (one, url):
        await send(some(1)[:1], url)
    assert len(one.bodies) == 1


async def test_a_refusal_is_told_at_once() -> None:
    async with edge(b"400 Bad Request|") as (_, url):
        with pytest.raises(AmityError, match="400"):
            await send(some(1)[:1], url)
