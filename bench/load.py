"""Sends interactions over many connections as cheaply as Python can, and tells what was acknowledged when.

    python -m bench.load PORT PATH SIZE CONNECTIONS SECONDS FIRST RESULT

All connections stand before the first request. Each sends its next request as soon as it has the answer to the last one. Every request has a number of its own, from FIRST
on, and each event's message id is `<number>-<place in the batch>`, so that afterwards each acknowledged one can be looked for. The file
RESULT gets JSON: `taken` (seconds of each answered request), `acknowledged` (their numbers), `wall`, `cpu`.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import uvloop

KEY = "bench"
NUMBER = 10
HOLE = "#" * NUMBER
AGENT = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36"


def event(number: int) -> dict[str, object]:
    page = f"/products/{number % 300}"
    return {
        "type": "track",
        "messageId": f"{HOLE}-{number}",
        "timestamp": f"2026-11-22T10:{number % 60:02}:{number * 7 % 60:02}.{number * 37 % 1000:03}Z",
        "anonymousId": str(uuid5(NAMESPACE_URL, str(number % 5_000))),
        "event": "Product Viewed",
        "properties": {"product_id": f"p{number % 300}", "price": 12.5, "currency": "EUR", "name": "A thing with a name"},
        "context": {
            "page": {"url": f"https://shop.example{page}", "path": page, "referrer": "https://search.example/"},
            "userAgent": AGENT,
            "library": {"name": "analytics.js", "version": "next-1.84.3"},
        },
    }


def body(size: int, *, single: bool) -> bytes:
    events = [event(number) for number in range(size)]
    around = {"writeKey": KEY, "sentAt": datetime.now(UTC).isoformat(timespec="milliseconds")}
    return json.dumps({**events[0], **around} if single else {"batch": events, **around}, separators=(",", ":")).encode()


def request(path: str, size: int) -> list[bytes]:
    """Return a request in parts, between which its number belongs."""
    made = body(size, single=size == 1)
    head = f"POST {path} HTTP/1.1\r\nhost: b\r\nuser-agent: {AGENT}\r\ncontent-type: application/json\r\ncontent-length: {len(made)}\r\n\r\n"
    return (head.encode() + made).split(HOLE.encode())


class Lane(asyncio.Protocol):
    """One connection."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.buffer = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self) -> None:
        self.number = next(self.run.numbers)
        self.began = time.perf_counter()
        self.transport.write((b"%010d" % self.number).join(self.run.parts))

    def data_received(self, data: bytes) -> None:
        buffer = self.buffer = self.buffer + data
        head, blank, rest = buffer.partition(b"\r\n\r\n")
        if not blank or len(rest) < int(head.lower().partition(b"content-length: ")[2].partition(b"\r")[0]):
            return
        if b" 200 " not in head[:15]:
            self.run.failed(buffer.decode())
            return
        self.buffer = b""
        self.run.taken.append(time.perf_counter() - self.began)
        self.run.acknowledged.append(self.number)
        if time.perf_counter() < self.run.until:
            self.send()
        else:
            self.run.lanes -= 1
            if not self.run.lanes:
                self.run.over.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        self.run.failed(f"The connection broke: {exc}")


class Run:
    def __init__(self, parts: list[bytes], *, first: int, lanes: int) -> None:
        self.parts = parts
        self.numbers = count(first)
        self.lanes = lanes
        self.taken: list[float] = []
        self.acknowledged: list[int] = []
        self.until = 0.0
        self.over: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def failed(self, why: str) -> None:
        if not self.over.done():
            self.over.set_exception(RuntimeError(why))


async def load(port: int, parts: list[bytes], *, first: int, lanes: int, seconds: float) -> dict[str, object]:
    loop = asyncio.get_running_loop()
    run = Run(parts, first=first, lanes=lanes)
    connected = [await loop.create_connection(lambda: Lane(run), "127.0.0.1", port) for _ in range(lanes)]
    began = time.perf_counter()
    run.until = began + seconds
    for _, lane in connected:
        lane.send()
    await run.over
    wall = time.perf_counter() - began
    return {"taken": run.taken, "acknowledged": run.acknowledged, "wall": wall, "cpu": time.process_time()}


if __name__ == "__main__":
    port, path, size, lanes, seconds, first, result = sys.argv[1:]
    given = {"lanes": int(lanes), "seconds": float(seconds), "first": int(first)}
    Path(result).write_text(json.dumps(uvloop.run(load(int(port), request(path, int(size)), **given))))
