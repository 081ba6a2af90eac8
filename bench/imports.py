"""How many rows a second an import brings from a CSV file into the log, against reading it and appending it naively.

Run: python -m bench.imports [--rows 200000] [--rounds 5]. It starts a log of its own in a temporary folder and takes turns: the
import (look, map, encode, append in bulk, all of it fsynced), a naive loop (csv.DictReader, json.dumps, one confirmed append a
megabyte), and csv.reader alone. Then the same for a file of twice the size. Prints medians, their spread, CPU and ratios.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from amity.engines.log import server
from amity.engines.log.bulk_thread import BulkThread
from amity.engines.log.client import Log
from amity.engines.supervisor.leash import before_exec
from amity.engines.supervisor.ports import free_ports, is_free
from amity.rooms.collection.rules.imports.looking import look
from amity.rooms.collection.rules.imports.making import Whose, encode
from amity.rooms.collection.rules.imports.mapping import read_mapping
from amity.rooms.collection.rules.imports.refusal import Refused
from amity.rooms.collection.rules.imports.stream import Stream

MAP = "{user_id: customer, event: {column: event}, time: at, value: amount, currency: EUR}"
NOW = 1_790_000_000_000
EVENTS = ("Order Completed", "Product Viewed", "Product Added")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=200_000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        [port] = free_ports(1)
        server.write_config(home / "log.conf", data=home / "log", port=port, password="p", max_bytes=6 * 10**9)
        process = subprocess.Popen(
            [server.binary(), "-c", str(home / "log.conf")], stderr=subprocess.DEVNULL, preexec_fn=before_exec()
        )
        try:
            while is_free(port):
                time.sleep(0.05)
            measure(chosen, home, server.url(port, "p"), process.pid)
        finally:
            process.terminate()
            process.wait(10)


def measure(chosen: argparse.Namespace, home: Path, url: str, log_pid: int) -> None:
    asyncio.run(prepare(url))
    single, double = write(home / "one.csv", chosen.rows), write(home / "two.csv", chosen.rows * 2)
    ways: dict[str, tuple[Callable[[int], None], int]] = {
        "import": (lambda n: bring_in(single, url, n), chosen.rows),
        "naive": (lambda n: asyncio.run(naive(single, url, n)), chosen.rows),
        "csv.reader alone": (lambda _: only_read(single), chosen.rows),
        "import of twice the rows": (lambda n: bring_in(double, url, 1_000 + n), chosen.rows * 2),
    }
    took: dict[str, list[float]] = {name: [] for name in ways}
    logs: list[float] = []
    busy: dict[str, list[float]] = {name: [] for name in ways}
    for n in range(chosen.rounds + 1):  # the first round warms up
        for name, (work, _) in ways.items():
            began, cpu, theirs = time.perf_counter(), time.process_time(), cpu_of(log_pid)
            work(n)
            if n:
                took[name].append(time.perf_counter() - began)
                busy[name].append(time.process_time() - cpu)
                if name == "import":
                    logs.append(cpu_of(log_pid) - theirs)
    print(
        f"{chosen.rows:,} rows of {single.stat().st_size / chosen.rows:.0f} bytes, {chosen.rounds} rounds, load {os.getloadavg()[0]:.1f}"
    )
    for name, (_, rows) in ways.items():
        each = sorted(rows / one for one in took[name])
        cpu = statistics.median(busy[name]) / rows * 1e6
        print(
            f"{name:<26}{statistics.median(each):>12,.0f} rows/s ({each[0]:,.0f} to {each[-1]:,.0f}), {cpu:.1f} µs of CPU a row"
        )
    print(f"{'the log itself':<26}{statistics.median(logs) / chosen.rows * 1e6:.1f} µs of CPU a row")
    ratio = statistics.median(a / b for a, b in zip(took["naive"], took["import"], strict=True))
    twice = statistics.median(b / a for a, b in zip(took["import"], took["import of twice the rows"], strict=True))
    print(f"import against naive: {ratio:.2f} times as fast; twice the rows take {twice:.2f} times as long")
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB", file=sys.stderr)


async def prepare(url: str) -> None:
    log = await Log.connect(url, name="bench")
    await log.prepare(max_bytes=5 * 10**9, max_days=1)
    await log.close()


def write(path: Path, rows: int) -> Path:
    with path.open("w") as out:
        out.write("customer,at,event,amount\n")
        for n in range(rows):
            at = datetime.fromtimestamp(1_700_000_000 + n * 7, UTC)
            out.write(f"c{n % 5_000},{at:%Y-%m-%d %H:%M:%S},{EVENTS[n % 3]},{n % 200}.{n % 90 + 10}\n")
    return path


def bring_in(path: Path, url: str, number: int) -> None:
    whose = Whose(workspace=1, source=number, prefix=f"bench-{number}", received_at=NOW)
    with path.open("rb") as file:
        found = look(file, name=path.name, size=path.stat().st_size, given=read_mapping(MAP))
        with BulkThread(url, name="bench") as bulk:
            for one in Stream(found, whose):
                assert not isinstance(one, Refused)
                bulk.add(encode(one))


async def naive(path: Path, url: str, number: int) -> None:
    log = await Log.connect(url, name="bench")
    parts: list[str] = []
    size = sent = 0

    async def flush() -> None:
        nonlocal size, sent
        body = '{"v":1,"interactions":[' + ",".join(parts) + "]}"
        await log.append(body.encode(), message_id=f"naive-{number}-{sent}")
        parts.clear()
        size, sent = 0, sent + 1

    with path.open(newline="") as file:
        for n, row in enumerate(csv.DictReader(file)):
            at = datetime.fromisoformat(row["at"]).replace(tzinfo=UTC)
            one = {
                "workspace": 1, "source": number, "message_id": f"naive-{number}-{n}", "kind": "track",
                "time": round(at.timestamp() * 1000), "received_at": NOW, "name": row["event"], "user_id": row["customer"],
                "properties": {"revenue": float(row["amount"]), "currency": "EUR"}, "dialect": "import",
            }  # fmt: skip
            text = json.dumps(one)
            parts.append(text)
            size += len(text)
            if size > 1_000_000:
                await flush()
    await flush()
    await log.close()


def only_read(path: Path) -> None:
    with path.open(newline="") as file:
        for _ in csv.reader(file):
            pass


def cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
