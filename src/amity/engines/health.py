"""How everything stands: engines, processes, pipeline, disk. For `amity status`, `amity doctor`, the System page, the frame's foot.

`get_health` for code on an event loop, `health_now` (kept for a few seconds) for everything else.
"""

from __future__ import annotations

import asyncio
import os
import platform
import threading
from dataclasses import dataclass, field, replace
from importlib.metadata import version
from pathlib import Path
from typing import Literal

from amity.engines.addresses import addresses
from amity.engines.asking import EngineHealth, PipelineHealth, Readers, ask_log, ask_past, ask_present
from amity.engines.disks import Disk, look_at_disks
from amity.engines.supervisor.lock import holder
from amity.engines.supervisor.records import Process, read_processes, started
from amity.kernel.clock import now_ms
from amity.kernel.errors import NotRunning
from amity.kernel.settings import Settings, settings

Verdict = Literal["ok", "degraded", "down"]
LATE_SECONDS, MANY_BATCHES = 60.0, 200
_DAMAGED = (
    "{kind} has met damage in its own files: {said} Nothing is skipped because of it. Look at the disk and the memory, and restore the "
    "last backup: amity restore."
)
DAMAGE_SECONDS = 86_400.0  # how long a damaged replica is told of as a problem; the record stays


@dataclass(frozen=True, kw_only=True)
class ProcessHealth:
    """One supervised process. `seconds` since it got its state; `memory` in bytes, None where that can't be told."""

    name: str
    title: str
    state: str
    detail: str
    pid: int | None
    restarts: int
    seconds: float
    memory: int | None


@dataclass(frozen=True, kw_only=True)
class Health:
    """Everything at one instant (`at`: ms since 1970). `problems` are sentences for people; none means all is well."""

    at: int
    verdict: Verdict
    problems: tuple[str, ...]
    supervisor: int | None
    version: str
    python: str
    engines: tuple[EngineHealth, ...]
    processes: tuple[ProcessHealth, ...]
    disks: tuple[Disk, ...]
    pipeline: PipelineHealth | None = field(default=None)

    @property
    def disk(self) -> Disk:
        """The data folder's disk."""
        return self.disks[0]


async def get_health(chosen: Settings | None = None) -> Health:
    """Ask everything at once; takes at most a few seconds, however much is broken. Raises nothing."""
    import httpx  # noqa: F401  loaded here and not while a question waits for its answer
    import psycopg  # noqa: F401

    chosen = chosen or settings()
    processes = tuple(_process(one) for one in read_processes(chosen.run))
    embedded = {one.name for one in processes}
    try:
        urls = addresses()
    except NotRunning as error:
        kinds = (("log", "NATS"), ("present", "PostgreSQL"), ("past", "ClickHouse"))
        engines = tuple(EngineHealth(name=name, kind=kind, error="not running") for name, kind in kinds)
        return replace(_judged(chosen, processes=processes, engines=engines, pipeline=None), problems=(error.message,))
    asked = asyncio.create_task(ask_present(urls.present))
    readers = asyncio.create_task(_readers(asked))  # a task: the log may be gone, and then nobody waits for it
    (present, _), (log, pipeline), past = await asyncio.gather(asked, ask_log(urls.log, readers), ask_past(urls.past))
    pairs = ((log, "nats"), (present, "postgresql"), (past, "history"))
    engines = tuple(replace(engine, embedded=child in embedded) for engine, child in pairs)
    return _judged(chosen, processes=processes, engines=engines, pipeline=pipeline)


async def _readers(asked: asyncio.Task[tuple[EngineHealth, Readers | None]]) -> Readers | None:
    return (await asked)[1]


_known: list[Health] = []
_asking = threading.Lock()


def health_now(*, max_age: float = 5.0) -> Health:
    """Return health that is at most `max_age` seconds old, from a thread without an event loop (an ordinary view).

    While another thread asks, the last known answer is good enough. An engine that answered a moment ago and now doesn't
    is asked once more before anybody is alarmed: on a busy machine one question can be slow.
    """
    if not _asking.acquire(blocking=not _known):
        return _known[0]
    try:
        if not _known or now_ms() - _known[0].at > max_age * 1000:
            fresh = asyncio.run(get_health())
            if fresh.verdict == "down" and not (_known and _known[0].verdict == "down"):
                fresh = asyncio.run(get_health())
            _known[:] = [fresh]
        return _known[0]
    finally:
        _asking.release()


def _judged(
    chosen: Settings, *, processes: tuple[ProcessHealth, ...], engines: tuple[EngineHealth, ...], pipeline: PipelineHealth | None
) -> Health:
    disks = look_at_disks(chosen)
    broken = [one.problem for one in disks if one.full]
    broken += [f"{one.kind} ({one.name}) does not answer: {one.error}" for one in engines if one.error]
    troubled = [f"{one.title} is {one.state}{_detail(one.detail)}" for one in processes if one.state not in {"ready", "stopped"}]
    troubled += [_DAMAGED.format(kind=f"{one.kind} ({one.name})", said=one.damage) for one in engines if one.damage]
    troubled += [
        _DAMAGED.format(kind="PostgreSQL (present)", said=one.detail)
        for one in processes
        if "invalid page in block" in one.detail
    ]
    troubled += _pipeline_problems(pipeline)
    troubled += [one.problem for one in disks if one.problem and not one.full]
    return Health(
        at=now_ms(),
        verdict="down" if broken else "degraded" if troubled else "ok",
        problems=(*broken, *troubled),
        supervisor=holder(chosen.run / "supervisor.lock"),
        version=version("amity"),
        python=platform.python_version(),
        engines=engines,
        processes=processes,
        disks=disks,
        pipeline=pipeline,
    )


def _pipeline_problems(pipeline: PipelineHealth | None) -> list[str]:
    if pipeline is None:
        return []
    found = [f"{one.reader} has stopped: {one.halted}" for one in pipeline.readers if one.halted]
    if pipeline.seconds_behind > LATE_SECONDS:
        found.append(f"The pipeline is {pipeline.seconds_behind:.0f} s behind ({pipeline.entries_behind} entries).")
    rescued = [one for one in pipeline.damages if one.outcome == "rescued" and now_ms() / 1000 - one.at < DAMAGE_SECONDS]
    if rescued:
        found.append(
            f"{rescued[0].which} of the log: damaged in one of its servers, and read from another. Look "
            "at that server's disk and memory, and make its data anew."
        )
    if pipeline.pending_batches > MANY_BATCHES:
        found.append(f"{pipeline.pending_batches} batches wait for the past.")
    elif pipeline.pending_seconds > LATE_SECONDS:
        found.append(f"Rows wait for the past since {pipeline.pending_seconds:.0f} s ({pipeline.pending_batches} batches).")
    return found


def _process(one: Process) -> ProcessHealth:
    alive = one.pid is not None and started(one.pid) == one.started
    return ProcessHealth(
        name=one.name,
        title=one.title,
        state=one.state if alive or one.state in {"waiting", "stopped"} else "stopped",
        detail=one.detail,
        pid=one.pid if alive else None,
        restarts=one.restarts,
        seconds=max(0, now_ms() - one.since) / 1000,
        memory=_memory(one.pid) if alive and one.pid else None,
    )


def _memory(pid: int) -> int | None:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, ValueError, IndexError):
        return None


def _detail(text: str) -> str:
    return f": {text}" if text else ""
