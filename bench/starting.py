"""How quickly Amity starts and stops, and what it holds at rest. Run: python -m bench.starting [--rounds 3] [--rest 30]

Starts the whole of Amity on a data folder of its own, once to set it up and then again and again. Memory is what `amity serve` and
all its children hold together: PSS, which counts a page that several share once; where the kernel doesn't tell that, RSS.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
import time
from pathlib import Path

import psutil

from tests.flows.running import Amity


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=3, help="starts after the first")
    options.add_argument("--rest", type=float, default=30, help="seconds of rest before memory is read")
    chosen = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="amity-starting-") as folder:
        measure(Amity(Path(folder) / "home"), chosen)


def measure(amity: Amity, chosen: argparse.Namespace) -> None:
    first = timed(amity.start)
    stops, starts = [timed(amity.stop)], []
    for _ in range(chosen.rounds):
        starts.append(timed(amity.start))
        stops.append(timed(amity.stop))
    amity.start()
    try:
        time.sleep(chosen.rest)
        held = memory(amity.process.pid)
    finally:
        amity.stop()
    print(f"load {os.getloadavg()[0]:.1f}")
    print(f"first start  {first:5.1f} s")
    print(f"later starts {statistics.median(starts):5.1f} s ({min(starts):.1f} to {max(starts):.1f}, n = {len(starts)})")
    print(f"stops        {statistics.median(stops):5.1f} s ({min(stops):.1f} to {max(stops):.1f}, n = {len(stops)})")
    print(f"memory after {chosen.rest:.0f} s of rest:")
    for name, size in sorted(held.items(), key=lambda item: -item[1]):
        print(f"  {name:<12} {size / 1e6:7.0f} MB")
    print(f"  {'together':<12} {sum(held.values()) / 1e6:7.0f} MB")


def timed(work) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def memory(pid: int) -> dict[str, int]:
    """Bytes held by a process and all below it, by what they are."""
    top = psutil.Process(pid)
    held: dict[str, int] = {}
    for process in [top, *top.children(recursive=True)]:
        try:
            whole = process.memory_full_info()
            name = role(process)
        except psutil.NoSuchProcess:
            continue
        held[name] = held.get(name, 0) + getattr(whole, "pss", whole.rss)
    return held


def role(process: psutil.Process) -> str:
    line = process.cmdline()
    name = process.name()
    if "postgres" in name or name == "nats-server":
        return name.split(":")[0]
    return next((word for word in ("serve", "edge", "worker", "console", "history") if word in line), name)


if __name__ == "__main__":
    main()
