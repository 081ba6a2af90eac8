"""Two workers and two edges at once make the same of everything as one of each."""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from amity.engines.supervisor.leash import before_exec
from amity.engines.supervisor.ports import free_ports
from bench.chaos.alike import as_seen
from bench.chaos.clients import Client, Ledger, Source
from bench.chaos.replay import last_sequence, take_log, work_clean
from bench.chaos.state import await_settled, read_state
from bench.chaos.stories import Storyteller
from bench.chaos.target import Target
from bench.chaos.verdict import compare, judge, told
from tests.flows.wait import wait_for

pytestmark = [pytest.mark.timeout(300), pytest.mark.slow]  # a minute; within one process: tests/workers/test_shards.py
REQUESTS = 600
ORDERED = {"shared_device", "alias", "twin", "rival"}


@contextmanager
def second_edge(target: Target) -> Iterator[str]:
    """Run another edge of this Amity on a port of its own."""
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-m", "amity.config.cli", "edge"]
    process = subprocess.Popen(command, env={**target.env, "AMITY_EDGE_PORT": str(port)}, preexec_fn=before_exec())

    def ready() -> bool:
        try:
            return httpx.get(f"{url}/readyz").status_code == 200
        except httpx.TransportError:
            return False

    try:
        wait_for(ready)
        yield url
    finally:
        process.terminate()
        process.wait(20)


def plain(n: int) -> Storyteller:
    """Return stories in which no identifier is shared by so many that limits decide by the order of arrival."""
    one = Storyteller(name=f"c{n}", seed=5, clock=timedelta(hours=n % 3))
    one.stories = [(story, weight) for story, weight in one.stories if story.__name__ not in ORDERED]
    return one


def send(edges: list[str], sources: list[Source], ledger: Ledger, *, stories: Callable[[int], Storyteller]) -> None:
    """Let six clients tell their stories, three to each edge, as fast as they are answered."""
    crowd = [
        Client(
            edge=edges[n % 2],
            source=source,
            stories=stories(n),
            ledger=ledger,
            pause=0.01,
        )
        for n, source in enumerate([*sources, sources[0]])
    ]
    for one in crowd:
        one.start()
    assert ledger.await_requests(REQUESTS, seconds=120)
    for one in crowd:
        one.stopping.set()
    for one in crowd:
        one.join(20)
        assert one.broke == ""


@contextmanager
def two_of_each(folder: Path, *, clean: Target | None = None) -> Iterator[tuple[Target, list[Source], list[str]]]:
    """Run an Amity of two workers and two edges. `clean` becomes a copy of its folder from before the first interaction."""
    tried = Target(folder)
    tried.env["AMITY_WORKERS"] = "2"
    try:
        tried.launch()
        tried.await_ready(seconds=120)
        assert tried.processes().keys() >= {"worker-0", "worker-1"}
        sources = [one for one in tried.furnish() if one.write_key]  # the other one is for facts of its own
        if clean is not None:
            tried.end()
            shutil.copytree(tried.home, clean.home, dirs_exist_ok=True, symlinks=True)
            tried.launch()
            tried.await_ready(seconds=120)
        with second_edge(tried) as other:
            yield tried, sources, [tried.edge, other]
    finally:
        tried.end()


def test_two_of_each_make_the_same_as_one(tmp_path: Path):
    """Customers whose identifiers belong to different workers merge, and end as they would with one; see `bench.chaos.alike`."""
    clean, ledger = Target(tmp_path / "clean"), Ledger()
    try:
        with two_of_each(tmp_path / "tried", clean=clean) as (tried, sources, edges):
            send(edges, sources, ledger, stories=plain)
            clean.launch()
            await_settled(tried, until=last_sequence(tried), seconds=120)
            state = read_state(tried)
            logged = take_log(tried, tmp_path / "envelopes")
        verdict = judge(ledger, logged, state)
        compare(verdict, as_seen(state), as_seen(work_clean(clean, tmp_path / "envelopes")))
    finally:
        clean.end()
    assert verdict.good, told(verdict)
    assert verdict.rows["merges"] > 0


def test_two_of_each_lose_and_double_nothing_whatever_the_order(tmp_path: Path):
    """Also where limits of identity let the order of arrival decide who is who."""
    ledger = Ledger()
    with two_of_each(tmp_path) as (tried, sources, edges):
        send(edges, sources, ledger, stories=lambda n: Storyteller(name=f"c{n}", seed=6))
        await_settled(tried, until=last_sequence(tried), seconds=120)
        verdict = judge(ledger, take_log(tried, tmp_path / "envelopes"), read_state(tried))
    assert verdict.good, told(verdict)
