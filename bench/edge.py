"""How fast the edge is, against what its parts could do: events a second, latency, and the ratio to decoding alone.

    python bench/edge.py [seconds]

Starts a log and an edge of its own on free ports, sends batches of 100 events and then single events over 64 connections,
and prints for each: events a second, latency, CPU seconds of the edge an event, and how many times longer that is than
decoding the same bytes. The load comes from a second process; both share the machine, so compare ratios, not absolutes.
"""

from __future__ import annotations

import asyncio
import json
import os
import resource
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from uuid import NAMESPACE_URL, uuid5

import msgspec

from amity.edge import segment
from amity.edge.reading import sound
from amity.engines.log import server as log_server
from amity.engines.log.client import Log
from amity.engines.supervisor.leash import before_exec
from amity.facts.collection import SNAPSHOT_BUCKET, SourceKey, snapshot_key

KEY = "bench"
CONNECTIONS = 64


def event(number: int) -> dict[str, object]:
    return {
        "type": "track",
        "messageId": f"ajs-next-1795341600000-{uuid5(NAMESPACE_URL, str(number))}",
        "timestamp": "2026-11-22T10:00:00.000Z",
        "anonymousId": str(uuid5(NAMESPACE_URL, str(number % 5_000))),
        "event": "Product Viewed",
        "properties": {"product_id": f"p{number % 300}", "price": 12.5, "currency": "EUR", "name": "A thing with a name"},
        "context": {
            "page": {"url": "https://shop.example/products/1", "path": "/products/1", "referrer": "https://search.example/"},
            "userAgent": "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36",
            "library": {"name": "analytics.js", "version": "next-1.84.3"},
        },
    }


def bodies(size: int) -> list[bytes]:
    made = []
    for one in range(20):
        events = [event(one * size + number) for number in range(size)]
        made.append(json.dumps({"writeKey": KEY, "batch": events} if size > 1 else {**events[0], "writeKey": KEY}).encode())
    return made


async def lane(port: int, request: list[bytes], until: float, taken: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    number = 0
    while time.monotonic() < until:
        began = time.perf_counter()
        writer.write(request[number % len(request)])
        head = await reader.readuntil(b"\r\n\r\n")
        if b" 200 " not in head[:15]:
            raise RuntimeError(head.decode())
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        await reader.readexactly(length)
        taken.append(time.perf_counter() - began)
        number += 1
    writer.close()
    await writer.wait_closed()


async def load(port: int, path: str, sent: list[bytes], seconds: float) -> list[float]:
    request = [
        f"POST {path} HTTP/1.1\r\nhost: b\r\nuser-agent: Mozilla/5.0\r\ncontent-length: {len(body)}\r\n\r\n".encode() + body
        for body in sent
    ]
    taken: list[float] = []
    until = time.monotonic() + seconds
    await asyncio.gather(*(lane(port, request, until, taken) for _ in range(CONNECTIONS)))
    return taken


def decode_only(sent: list[bytes], *, batch: bool, seconds: float = 1.0) -> tuple[float, float]:
    """CPU seconds a request for the typed decoding alone, and for reading with its checks."""
    decode = msgspec.json.Decoder(list[segment.Item]).decode
    lists = [msgspec.json.encode(msgspec.json.decode(body)["batch"] if batch else [msgspec.json.decode(body)]) for body in sent]
    results = []
    for work, given in ((decode, lists), (lambda body: sound(body) and segment.read(body, batch=batch), sent)):
        began, count = time.process_time(), 0
        while time.process_time() - began < seconds:
            work(given[count % len(given)])
            count += 1
        results.append((time.process_time() - began) / count)
    return results[0], results[1]


async def make_key(url: str) -> None:
    log = await Log.connect(url, name="bench")
    await log.prepare(max_bytes=4_000_000_000, max_days=1)
    bucket = await log.snapshot(SNAPSHOT_BUCKET)
    source = SourceKey(workspace=1, source=1, name="bench", write_key=KEY, requests_per_second=0)
    await bucket.put(snapshot_key(KEY), msgspec.json.encode(source))
    await log.close()


async def wait_ready(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                reader, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.write(b"GET /readyz HTTP/1.1\r\nhost: b\r\nconnection: close\r\n\r\n")
                line = await reader.readline()
                writer.close()
                if b" 200 " in line:
                    return
            except OSError:
                pass
            await asyncio.sleep(0.1)


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    import socket

    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def main() -> None:
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 5.0
    with ExitStack() as stack:
        home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        log_port, edge_port = free_port(), free_port()
        url = log_server.url(log_port, "bench")
        log_server.write_config(home / "nats.conf", data=home / "log", port=log_port, password="bench", max_bytes=5 * 10**9)
        environment = {**os.environ, "AMITY_LOG_URL": url, "AMITY_EDGE_PORT": str(edge_port), "AMITY_LOG_MAX_BYTES": "4000000000"}
        children = [
            subprocess.Popen(
                [log_server.binary(), "-c", str(home / "nats.conf")], stderr=subprocess.DEVNULL, preexec_fn=before_exec()
            ),
        ]
        stack.callback(lambda: [(child.send_signal(signal.SIGTERM), child.wait(15)) for child in reversed(children)])
        time.sleep(0.5)
        asyncio.run(make_key(url))
        edge = subprocess.Popen([sys.executable, "-m", "amity.edge"], env=environment, preexec_fn=before_exec())
        children.append(edge)
        asyncio.run(wait_ready(edge_port))
        print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {CONNECTIONS} connections, {seconds:.0f} s each")
        for label, path, size in (("batches of 100", "/v1/batch", 100), ("single events", "/v1/t", 1)):
            sent = bodies(size)
            decoded, read = decode_only(sent, batch=size > 1)
            asyncio.run(load(edge_port, path, sent, 1.0))
            before = cpu_of(edge.pid)
            began = time.monotonic()
            taken = asyncio.run(load(edge_port, path, sent, seconds))
            wall, cpu = time.monotonic() - began, cpu_of(edge.pid) - before
            events = len(taken) * size
            p50, p99 = statistics.median(taken), statistics.quantiles(taken, n=100)[98]
            print(
                f"{label}: {events / wall:,.0f} events/s, {len(taken) / wall:,.0f} requests/s, p50 {p50 * 1e3:.1f} ms, p99 {p99 * 1e3:.1f} ms; "
                f"edge {cpu / events * 1e6:.1f} µs CPU an event = {cpu / len(taken) / decoded:.1f} × typed decoding "
                f"({decoded / size * 1e6:.2f} µs; with checks {read / size * 1e6:.2f} µs); {events / cpu:,.0f} events per edge CPU second"
            )
        print(f"load generator: {resource.getrusage(resource.RUSAGE_SELF).ru_utime:.1f} s CPU")


if __name__ == "__main__":
    main()
