"""What hostile connections cost everybody else: the 99th percentile of ordinary requests, with and without them.

    python -m bench.hostile [--rounds 5] [--seconds 6] [--idle 10000] [--rate 60]

Starts a log and an edge on free ports. An ordinary client sends single events at a steady rate over up to 64 connections, and each turn's
latencies are kept apart. In every other turn a second process attacks: idle sockets and half-sent heads (together `--idle`), 200 bodies
of which half arrives, 40 that arrive a byte at a time, gzip bombs, bodies of contradicting lengths, and garbage, each opened again as
soon as it is closed. Everything shares the machine: compare the two within one run.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gzip
import json
import resource
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import ExitStack

import httpx
import psutil

from amity.engines.supervisor.leash import before_exec
from bench.edge import Bench, wait_until_ready
from bench.load import KEY

EVENT = json.dumps({"type": "track", "event": "Order Completed", "userId": "u", "writeKey": KEY}).encode()
HEAD = b"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n"
BOMB = gzip.compress(b"0" * 50_000_000, 9)
LANES = 64
ONE_SHOT = {
    "bomb": HEAD.replace(b"Host: x", b"Host: x\r\nConnection: close") % len(BOMB) + BOMB,
    "two lengths": b"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "both lengths": b"POST /v1/track HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nGET /",
    "garbage": b"\x00\xff" * 2_000,
    "large head": b"GET / HTTP/1.1\r\nX: " + b"a" * 500_000,
}


async def ordinary(url: str, *, seconds: float, rate: float) -> list[float]:
    """Send single events at `rate` a second and return each one's seconds, from the moment at which it was due."""
    taken: list[float] = []
    async with httpx.AsyncClient(base_url=url, timeout=30, limits=httpx.Limits(max_connections=LANES)) as http:

        async def one(due: float) -> None:
            answer = await http.post("/v1/track", content=EVENT)
            answer.raise_for_status()
            taken.append(time.perf_counter() - due)

        await asyncio.gather(*(http.post("/v1/track", content=EVENT) for _ in range(LANES)))  # connections are open then
        began, sending = time.perf_counter(), []
        for number in range(int(seconds * rate)):
            due = began + number / rate
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            sending.append(asyncio.create_task(one(due)))
        await asyncio.gather(*sending)
    return taken


async def attack(host: str, port: int, idle: int) -> None:
    """Attack until SIGTERM; says `ready` once all idle sockets are open, and at the end what came of each kind."""
    seen: dict[str, int] = {}
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)

    @contextlib.asynccontextmanager
    async def opened(kind: str) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
        reader, writer = await asyncio.open_connection(host, port)
        seen[kind] = seen.get(kind, 0) + 1
        try:
            yield reader, writer
        finally:
            writer.close()

    async def forever(kind: str, first: bytes, *, bytewise: bool = False, pause: float = 0.0) -> None:
        while not stop.is_set():
            with contextlib.suppress(OSError):
                async with opened(kind) as (reader, writer):
                    writer.write(first)
                    for at in range(len(EVENT) if bytewise else 0):
                        writer.write(EVENT[at : at + 1])
                        await asyncio.sleep(0.5)
                    while await reader.read(65_536):
                        pass
            await asyncio.sleep(pause)

    halves = [forever("half body", HEAD % len(EVENT) + EVENT[:-9]) for _ in range(200)]
    slow = [forever("byte by byte", HEAD % len(EVENT), bytewise=True) for _ in range(40)]
    shots = [forever(kind, data, pause=0.5) for kind, data in ONE_SHOT.items()]
    running = [asyncio.create_task(one) for one in [*halves, *slow, *shots]]
    for number in range(idle):
        kind, first = ("half head", b"POST /v1/batch HTT") if number % 2 else ("silent", b"")
        running.append(asyncio.create_task(forever(kind, first)))
        if number % 100 == 99:
            await asyncio.sleep(0.01)
    while seen.get("half head", 0) + seen.get("silent", 0) < idle:  # noqa: ASYNC110  each counts for itself
        await asyncio.sleep(0.05)
    print("ready", flush=True)
    await stop.wait()
    for one in running:
        one.cancel()
    await asyncio.gather(*running, return_exceptions=True)
    print(json.dumps(seen), flush=True)


def attacking(port: int, idle: int) -> subprocess.Popen[str]:
    """Start the attack in a process of its own and return once it is at full strength."""
    command = [sys.executable, "-m", "bench.hostile", "--attack", str(port), "--idle", str(idle)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, preexec_fn=before_exec())
    if process.stdout is None or process.stdout.readline() != "ready\n":
        raise RuntimeError("The attack did not get to its strength.")
    return process


def p(latencies: list[float], share: float) -> float:
    """Return a percentile in ms."""
    return sorted(latencies)[min(len(latencies) - 1, int(len(latencies) * share))] * 1000


def main() -> None:
    """Take turns, then print the table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=6)
    parser.add_argument("--idle", type=int, default=10_000)
    parser.add_argument("--rate", type=float, default=60)
    parser.add_argument("--attack", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    if chosen.attack:
        asyncio.run(attack("127.0.0.1", chosen.attack, min(chosen.idle, hard - 1_000)))
        return
    with ExitStack() as stack:
        bench = Bench(stack, argparse.Namespace(only={"edge"}))
        bench.start()
        wait_until_ready(bench.ports["edge"])
        measure(bench, chosen)


def measure(bench: Bench, chosen: argparse.Namespace) -> None:
    """Alternate turns of peace and of attack."""
    port, edge = bench.ports["edge"], psutil.Process(bench.children["edge"].pid)

    def turn(name: str) -> None:
        before = sum(edge.cpu_times()[:2])
        turns[name].append(asyncio.run(ordinary(url, seconds=chosen.seconds, rate=chosen.rate)))
        cpu[name] += sum(edge.cpu_times()[:2]) - before

    url = f"http://127.0.0.1:{port}"
    asyncio.run(ordinary(url, seconds=2, rate=chosen.rate))
    turns: dict[str, list[list[float]]] = {"peace": [], "attack": []}
    cpu = dict.fromkeys(turns, 0.0)
    seen: dict[str, int] = {}
    for _ in range(chosen.rounds):
        turn("peace")
        process = attacking(port, chosen.idle)
        turn("attack")
        process.send_signal(signal.SIGTERM)
        for kind, count in json.loads(process.communicate(timeout=60)[0]).items():
            seen[kind] = seen.get(kind, 0) + count
    print("| | requests | p50 | p99 | median p99 of a turn | CPU of the edge a turn |\n|---|---|---|---|---|---|")
    for name, each in turns.items():
        every = [one for turn in each for one in turn]
        middle = statistics.median(p(turn, 0.99) for turn in each)
        print(
            f"| {name} | {len(every):,} | {p(every, 0.5):.1f} ms | {p(every, 0.99):.1f} ms | {middle:.1f} ms | {cpu[name] / len(each):.2f} s |"
        )
    ratio = [p(hit, 0.99) / p(calm, 0.99) for calm, hit in zip(turns["peace"], turns["attack"], strict=True)]
    print(f"p99 under attack against peace: {statistics.median(ratio):.2f} × ({', '.join(f'{one:.2f}' for one in ratio)})")
    print("connections:", ", ".join(f"{count:,} {kind}" for kind, count in sorted(seen.items())))


if __name__ == "__main__":
    main()
