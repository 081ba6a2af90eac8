"""A log, both stores and a real `amity worker`, each a process of its own, in a temporary folder; and how long a backlog takes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

from bench.mix import Mix


@contextmanager
def engines() -> Iterator[None]:
    from tests import plugin

    plugin.pytest_sessionstart(SimpleNamespace(config=SimpleNamespace(option=SimpleNamespace(collectonly=False))))
    try:
        make_database()
        yield
        from django.db import connections

        connections.close_all()
        connections["default"].close_pool()
    finally:
        plugin.pytest_unconfigure()


def make_database() -> None:
    import psycopg

    from amity.engines.addresses import addresses

    with psycopg.connect(addresses().present.rpartition("/")[0] + "/postgres", autocommit=True) as admin:
        admin.execute("CREATE DATABASE amity")
    from amity.config.cli.setup import django_ready

    django_ready()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    from amity.engines.past.migrate import migrate_past

    migrate_past()


class Bench:
    """One workspace with three sources, its story, and the worker that works it."""

    def __init__(self, *, people: int, whole: bool = False) -> None:
        from amity.engines.addresses import addresses
        from amity.kernel.clock import DAY, now_ms
        from amity.rooms.collection.models import Source
        from amity.rooms.trust.models import Workspace
        from tests import plugin

        self.workspace = Workspace.objects.create(slug="bench", name="Bench").pk
        kinds = (("Web", "website"), ("App", "mobile"), ("Back office", "server"))
        sources = tuple(Source.objects.create(workspace_id=self.workspace, name=n, kind=k).pk for n, k in kinds)
        self.mix = Mix(self.workspace, sources, now_ms() - DAY, people=people, whole=whole)
        self.url = addresses().log
        self.loop = asyncio.new_event_loop()
        self.log = self.loop.run_until_complete(self._log())
        self.number = 0
        self.pids = {name: process.pid for name, process in zip(("PostgreSQL", "log", "history"), plugin._running, strict=True)}  # noqa: SLF001
        self.worker = subprocess.Popen(
            [sys.executable, "-m", "amity.config.cli", "worker", "--health-port", str(plugin.free_port())],
            stdout=(plugin.HOME / "worker.log").open("ab"), stderr=subprocess.STDOUT,
        )  # fmt: skip
        self.pids["worker"] = self.worker.pid

    async def _log(self):
        from amity.engines.log.client import Log

        log = await Log.connect(self.url, name="bench")
        await log.prepare(max_bytes=1_500_000_000, max_days=1)
        return log

    def close(self) -> None:
        self.worker.terminate()
        self.worker.wait(20)
        self.loop.run_until_complete(self.log.close())
        self.loop.close()

    def append(self, bodies: list[bytes], *, every: float = 0.0) -> list[tuple[int, float]]:
        """Append envelopes, several in flight, or one `every` s; return each one's sequence and when it was asked for."""
        return self.loop.run_until_complete(self._append(bodies, every))

    async def _append(self, bodies: list[bytes], every: float) -> list[tuple[int, float]]:
        room = asyncio.Semaphore(8)
        began = time.monotonic()

        async def one(body: bytes, number: int) -> tuple[int, float]:
            if every:
                await asyncio.sleep(began + number * every - time.monotonic())
            async with room:
                asked = time.monotonic()
                return await self.log.append(body, message_id=f"bench-{self.number}-{number}", wait=30), asked

        self.number += 1
        return await asyncio.gather(*(one(body, n) for n, body in enumerate(bodies)))

    def drain(self, bodies: list[bytes]) -> tuple[float, float, dict[str, float]]:
        """Append a backlog; return seconds until the present has it, until both stores have it, and CPU seconds by process."""
        before, began = self.cpu(), time.perf_counter()
        last = max(seq for seq, _ in self.append(bodies))
        committed = 0.0
        while True:
            seq, waiting = self.standing()
            if seq >= last and not committed:
                committed = time.perf_counter() - began
            if seq >= last and waiting is None:
                break
            time.sleep(0.005)
        took = time.perf_counter() - began
        return committed, took, {name: spent - before[name] for name, spent in self.cpu().items()}

    def standing(self) -> tuple[int, int | None]:
        """Return how far the present has come in the log, and the first sequence that the past does not have yet."""
        from amity.engines.present.bulk import run

        [[seq]] = run("SELECT coalesce(min(seq), 0) FROM present_position")
        waiting = run("SELECT token FROM present_past_batch WHERE \"table\" = 'interactions_raw' ORDER BY id LIMIT 1")
        return seq, int(waiting[0][0].split(":")[1].partition("-")[0]) if waiting else None

    def cpu(self) -> dict[str, float]:
        return {name: _seconds(pid) for name, pid in self.pids.items()}


def _seconds(pid: int) -> float:
    """CPU seconds of a process and its children, past ones included."""
    total = 0.0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(stat.parent.name) == pid:
            total += sum(map(int, fields[11:15]))
        elif int(fields[1]) == pid:
            total += sum(map(int, fields[11:13]))
    return total / os.sysconf("SC_CLK_TCK")
