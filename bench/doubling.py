"""Whether twice the data takes at most a little more than twice the time, for each job that works through all of it.

Run: python -m bench.doubling [--rows 50000] [--rounds 3]. For N rows and 2 N rows in turn, each time in an Amity of its own: import a
file, wait until the pipeline has worked it, write it out, back it up, restore that, and replay it. Prints medians and their ratio; the
goal is 2.1. Starting a command takes part of each time, so few rows flatter: take more where the machine allows.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import statistics
import tempfile
import time
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tests.flows.running import Amity
from tests.flows.wait import wait_for

GOAL = 2.1


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rows", type=int, default=50_000)
    options.add_argument("--rounds", type=int, default=3)
    chosen = options.parse_args()
    took: dict[str, dict[int, list[float]]] = defaultdict(lambda: defaultdict(list))
    for _ in range(chosen.rounds):
        for rows in (chosen.rows, 2 * chosen.rows):
            with tempfile.TemporaryDirectory(prefix="amity-doubling-") as folder:
                for job, seconds in measure(Path(folder), rows).items():
                    took[job][rows].append(seconds)
    print(f"load {os.getloadavg()[0]:.1f}, {chosen.rounds} rounds")
    print(f"{'':<10} {chosen.rows:>10,} rows {2 * chosen.rows:>10,} rows   ratio")
    for job, times in took.items():
        once, twice = (statistics.median(times[rows]) for rows in (chosen.rows, 2 * chosen.rows))
        print(f"{job:<10} {once:>13.2f} s {twice:>13.2f} s   {twice / once:>5.2f}{'' if twice / once <= GOAL else '  missed'}")


def measure(folder: Path, rows: int) -> dict[str, float]:
    """Seconds of each job with so many rows."""
    table = folder / "rows.csv"
    write_rows(table, rows)
    amity = Amity(folder / "home")
    amity.start()
    try:
        began, from_when = time.perf_counter(), now()
        took = {"import": timed(amity, "import", str(table), "--event", "Product Viewed", "--customer", "customer")}
        wait_for(lambda: counted(amity) == rows, seconds=1_800, every=0.5)
        took["worked"] = time.perf_counter() - began
        took["export"] = timed(amity, "export", "interactions", "--purpose", "necessary", str(folder / "out.jsonl"))
        took["backup"] = timed(amity, "backup", str(folder / "all.amity"))
        took["replay"] = timed(amity, "replay", "--from", from_when, "--to", now())
        wait_for(lambda: settled(amity), seconds=1_800, every=0.5)
    finally:
        amity.stop()
    again = Amity(folder / "again")
    again.home.mkdir()
    took["restore"] = timed(again, "restore", str(folder / "all.amity"))
    return took


def write_rows(table: Path, rows: int) -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with table.open("w", newline="", encoding="utf-8") as file:
        lines = csv.writer(file)
        lines.writerow(["customer", "time", "sku", "price"])
        lines.writerows(
            [f"user-{n * 7919 % (rows // 10)}", (start + timedelta(seconds=n)).isoformat(), f"S{n % 500}", n % 9_000 / 100]
            for n in range(rows)
        )


def timed(amity: Amity, *command: str) -> float:
    began = time.perf_counter()
    amity.cli(*command, timeout=1_800)
    return time.perf_counter() - began


def counted(amity: Amity) -> int:
    return int(json.loads(amity.cli("query", "select count() as n from interactions", "--json"))[0]["n"])


def settled(amity: Amity) -> bool:
    pipeline = json.loads(amity.cli("status", "--json"))["pipeline"]
    return pipeline["pending_batches"] == 0 and pipeline["entries_behind"] == 0


def now() -> str:
    return datetime.now(UTC).isoformat()


if __name__ == "__main__":
    main()
