"""How fast the edge is: against a plain edge of FastAPI, pydantic and asyncpg, and against writing to the log alone.

    python -m bench.edge [--rounds 5] [--seconds 3] [--batch-lanes 64] [--single-lanes 256] [--naive-store insert] [--only edge]

Starts a log, a PostgreSQL, an edge and two of its plain rivals (`bench/naive_edge.py`; one of them stores nothing) on free ports, and
lets them take turns at the same requests. Each answers 200 when what it took is on disk. At the end the log is killed (SIGKILL),
started again, and every acknowledged event is looked for in it, as in the rival's table. Everything shares the machine: compare ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

import asyncpg
import msgspec
import psutil

from amity.engines.log import server as log_server
from amity.engines.log.client import Log
from amity.engines.present import server as present_server
from amity.engines.supervisor.leash import before_exec
from amity.facts.collection import SNAPSHOT_BUCKET, SourceKey, snapshot_key
from amity.facts.envelope import decode_envelope
from bench.load import KEY

PASSWORD = "bench"
LOG_BYTES = 12 * 10**9
KINDS = {"batches of 100": ("/v1/batch", 100), "single events": ("/v1/t", 1)}
NAIVE = {"naive", "reading"}


class Turn(msgspec.Struct):
    """What one rival did in one turn: events a second, seconds of each request, CPU seconds of its own process and of its engine."""

    rate: float
    p50: float
    p99: float
    cpu: float
    engine: float
    events: int
    load_cpu: float


class Bench:
    """The processes, the addresses and the results."""

    def __init__(self, stack: ExitStack, chosen: argparse.Namespace) -> None:
        self.chosen = chosen
        self.home = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        self.ports = {name: free_port() for name in ("log", "present", "edge", "naive", "reading")}
        self.log_url = log_server.url(self.ports["log"], PASSWORD)
        self.present_url = present_server.url(self.ports["present"], PASSWORD, database="postgres")
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.acknowledged: dict[str, dict[int, int]] = {"edge": {}, "naive": {}}
        self.next_number = 0
        stack.callback(self.stop)

    def start(self) -> None:
        log_server.write_config(
            self.home / "log.conf", data=self.home / "log", port=self.ports["log"], password=PASSWORD, max_bytes=LOG_BYTES
        )
        self.start_log()
        asyncio.run(self.make_key())
        environment = {
            "AMITY_LOG_URL": self.log_url,
            "AMITY_EDGE_PORT": str(self.ports["edge"]),
            "AMITY_LOG_MAX_BYTES": str(LOG_BYTES),
        }
        self.run("edge", [sys.executable, "-m", "amity.edge"], **environment)
        if "naive" in self.chosen.only:
            present_server.make_cluster(self.home / "present", PASSWORD)
            self.run("present", present_server.command(self.home / "present", self.ports["present"]), ordinary=True)
            wait_for(self.ports["present"])
        for name in NAIVE & set(self.chosen.only):
            database = self.present_url if name == "naive" else ""
            environment = {"NAIVE_KEY": KEY, "NAIVE_DATABASE": database, "NAIVE_STORE": self.chosen.naive_store}
            self.run(name, naive_command(self.ports[name]), **environment)
            wait_for(self.ports[name])
        wait_until_ready(self.ports["edge"])

    def start_log(self) -> None:
        self.run("log", [log_server.binary(), "-c", str(self.home / "log.conf")])
        wait_for(self.ports["log"])

    def run(self, name: str, command: list[str], *, ordinary: bool = False, **environment: str) -> None:
        with (self.home / "out.log").open("ab") as out:
            self.children[name] = subprocess.Popen(
                command, env={**os.environ, **environment}, stdout=out, stderr=out, preexec_fn=before_exec(ordinary=ordinary)
            )

    def stop(self) -> None:
        for name, child in reversed(self.children.items()):
            child.send_signal(signal.SIGINT if name == "present" else signal.SIGTERM)
        for child in self.children.values():
            child.wait(30)

    async def make_key(self) -> None:
        log = await Log.connect(self.log_url, name="bench")
        await log.prepare(max_bytes=LOG_BYTES, max_days=1)
        bucket = await log.snapshot(SNAPSHOT_BUCKET)
        source = SourceKey(workspace=1, source=1, name="bench", write_key=KEY, requests_per_second=0)
        await bucket.put(snapshot_key(KEY), msgspec.json.encode(source))
        await log.close()

    def turn(self, rival: str, kind: str, seconds: float) -> Turn:
        """Load one rival for a while."""
        path, size = KINDS[kind]
        lanes = self.chosen.single_lanes if size == 1 else self.chosen.batch_lanes
        engine = {"edge": "log", "naive": "present"}.get(rival, "")
        before = self.cpu(rival), self.cpu(engine)
        result = self.home / "load.json"
        given = [self.ports[rival], path, size, lanes, seconds, self.next_number, result]
        subprocess.run([sys.executable, "-m", "bench.load", *map(str, given)], check=True)
        answer = json.loads(result.read_bytes())
        self.next_number = max(answer["acknowledged"]) + 10 * lanes
        if rival in self.acknowledged:
            self.acknowledged[rival].update(dict.fromkeys(answer["acknowledged"], size))
        events, taken = len(answer["taken"]) * size, answer["taken"]
        return Turn(
            rate=events / answer["wall"],
            p50=statistics.median(taken),
            p99=statistics.quantiles(taken, n=100)[98],
            cpu=self.cpu(rival) - before[0],
            engine=self.cpu(engine) - before[1],
            events=events,
            load_cpu=answer["cpu"],
        )

    def cpu(self, name: str) -> float:
        """CPU seconds of a process and its children."""
        if name not in self.children:
            return 0.0
        process = psutil.Process(self.children[name].pid)
        times = [one.cpu_times() for one in (process, *process.children(recursive=True))]
        return sum(one.user + one.system for one in times)

    def count(self) -> None:
        """Kill the log, start it again, and see that every acknowledged event is there, as in the rival's table."""
        self.children["log"].kill()
        self.children["log"].wait()
        self.start_log()
        found = {"edge": asyncio.run(in_log(self.log_url))}
        if self.acknowledged["naive"]:
            found["naive"] = asyncio.run(in_table(self.present_url))
        for rival, places in found.items():
            acknowledged = self.acknowledged[rival]
            lost = [number for number, size in acknowledged.items() if places.get(number, 0) != size]
            if lost:
                raise SystemExit(f"{rival} lost events of {len(lost)} acknowledged requests, for example {lost[:5]}")
            print(f"{rival}: all {sum(acknowledged.values()):,} acknowledged events are stored")


async def in_log(url: str) -> dict[int, int]:
    """Return how many different events of each request's number the log holds."""
    log = await Log.connect(url, name="bench")
    last = (await log.state()).last_seq
    places: dict[int, int] = {}
    reader = log.read(0)
    async for entries in reader:
        for entry in entries:
            for message_id in ids_in(entry.body):
                number, _, place = message_id.partition("-")
                places[int(number)] = places.get(int(number), 0) | 1 << int(place)
        if entries and entries[-1].seq >= last:
            break
    await reader.aclose()
    await log.close()
    return {number: bits.bit_count() for number, bits in places.items()}


async def in_table(url: str) -> dict[int, int]:
    connection = await asyncpg.connect(url)
    rows = await connection.fetch("SELECT left(message_id, 10)::bigint, count(DISTINCT message_id) FROM interactions GROUP BY 1")
    await connection.close()
    return dict(map(tuple, rows))


def ids_in(body: bytes) -> list[str]:
    return [one.message_id for one in decode_envelope(body).interactions]


async def write_alone(url: str, seconds: float, lanes: int = 8) -> float:
    """Bytes a second of writing messages of 1 MB to the log, each fsynced, `lanes` at a time."""
    log = await Log.connect(url, name="bench")
    body = b'{"v":1,"pad":"' + b"x" * 1_000_000 + b'"}'
    until, written = time.monotonic() + seconds, 0

    async def lane(number: int) -> None:
        nonlocal written
        sent = 0
        while time.monotonic() < until:
            await log.append(body, message_id=f"{os.urandom(8).hex()}{number}-{sent}")
            sent += 1
            written += len(body)

    began = time.monotonic()
    await asyncio.gather(*(lane(number) for number in range(lanes)))
    wall = time.monotonic() - began
    await log.close()
    return written / wall


def naive_command(port: int) -> list[str]:
    where = ["--host", "127.0.0.1", "--port", str(port)]
    return [sys.executable, "-m", "granian", "--interface", "asgi", *where, "--loop", "uvloop", "--no-ws", "bench.naive_edge:app"]


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


def wait_for(port: int) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with socket.socket() as s:
            if s.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit("A process did not start.")


def wait_until_ready(port: int) -> None:
    wait_for(port)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz"):
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("The edge did not become ready.")


def measure(bench: Bench) -> None:
    """Let the rivals take turns, and show what each did and how often the edge does what they do once."""
    chosen = bench.chosen
    results: dict[tuple[str, str], list[Turn]] = {(rival, kind): [] for kind in KINDS for rival in chosen.only}
    alone: list[float] = []
    for number in range(chosen.rounds + 1):  # the first round warms up
        for (rival, kind), turns in results.items():
            turn = bench.turn(rival, kind, chosen.seconds if number else 1.0)
            if number:
                turns.append(turn)
        written = asyncio.run(write_alone(bench.log_url, chosen.seconds if number else 0.5))
        if number:
            alone.append(written)
    print(f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f}, {chosen.rounds} rounds of {chosen.seconds:g} s each")
    for kind in KINDS:
        show(kind, {rival: turns for (rival, which), turns in results.items() if which == kind})
    envelope = asyncio.run(bytes_an_event(bench.log_url))
    rates = [written / envelope for written in alone]
    print(
        f"\nwriting 1 MB messages to the log alone: {spread(rates)} events/s (of {envelope:.0f} bytes, as the edge writes them)"
    )
    batches = [turn.rate for turn in results["edge", "batches of 100"]]
    print(f"the edge's batches reach {spread([mine / his for mine, his in zip(batches, rates, strict=True)], '{:.0%}')} of that")


def show(kind: str, rivals: dict[str, list[Turn]]) -> None:
    print(f"\n{kind}")
    for rival, turns in rivals.items():
        cpu, engine = (statistics.median(getattr(t, part) / t.events * 1e6 for t in turns) for part in ("cpu", "engine"))
        p50, p99 = (statistics.median(getattr(t, part) * 1e3 for t in turns) for part in ("p50", "p99"))
        load_cpu = statistics.median(t.load_cpu / t.events * 1e6 for t in turns)
        print(
            f"  {rival:8} {spread([t.rate for t in turns])} events/s, p50 {p50:.1f} ms, p99 {p99:.1f} ms,"
            f" CPU an event {cpu:.1f} µs, its engine's {engine:.1f} µs, the load's {load_cpu:.1f} µs"
        )
    for rival in NAIVE & set(rivals):
        pairs = list(zip(rivals["edge"], rivals[rival], strict=True))
        rate = spread([mine.rate / his.rate for mine, his in pairs], "{:.1f}")
        cpu = spread([(his.cpu / his.events) / (mine.cpu / mine.events) for mine, his in pairs], "{:.1f}")
        print(f"  edge against {rival}: {rate} × the events a second, {cpu} × the events a CPU second")


def spread(values: list[float], form: str = "{:,.0f}") -> str:
    return f"{form.format(statistics.median(values))} ({form.format(min(values))} to {form.format(max(values))})"


async def bytes_an_event(url: str) -> float:
    log = await Log.connect(url, name="bench")
    reader = log.read(0)
    entries = await anext(reader)
    await reader.aclose()
    await log.close()
    counted = [(len(entry.body), len(ids_in(entry.body))) for entry in entries]
    return sum(size for size, count in counted if count) / sum(count for _, count in counted)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--seconds", type=float, default=3.0)
    options.add_argument("--batch-lanes", type=int, default=64, help="connections that send batches")
    options.add_argument("--single-lanes", type=int, default=256, help="connections that send single events")
    options.add_argument("--naive-store", choices=["copy", "insert"], default="copy", help="see bench/naive_edge.py")
    options.add_argument("--only", nargs="+", default=["edge", "naive", "reading"], help="rivals")
    with ExitStack() as stack:
        bench = Bench(stack, options.parse_args())
        bench.start()
        measure(bench)
        bench.count()


if __name__ == "__main__":
    main()
