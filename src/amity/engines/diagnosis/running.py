"""What the doctor finds about ports, engines, processes, readers and clocks."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from amity.engines.addresses import addresses
from amity.engines.asking import EngineHealth
from amity.engines.diagnosis.finding import Finding
from amity.engines.health import Health
from amity.engines.supervisor.ports import is_free
from amity.kernel.errors import NotRunning
from amity.kernel.settings import Settings


def look_at_running(chosen: Settings, health: Health) -> Iterator[Finding]:
    """Whether what should answer answers, and what should be free is free."""
    yield from _ports(chosen, running=health.supervisor is not None)
    yield from _running(chosen, health)
    yield from _clock(chosen, health)


def _ports(chosen: Settings, *, running: bool) -> Iterator[Finding]:
    for port, name, what in (
        (chosen.console_port, "AMITY_CONSOLE_PORT", "console"),
        (chosen.edge_port, "AMITY_EDGE_PORT", "edge"),
    ):
        about = f"Port {port}"
        if running and _answers(chosen, port):
            yield Finding(about=about, state="ok", text=f"the {what} answers")
        elif running:
            yield Finding(
                about=about, state="broken", text=f"the {what} does not answer", mend=f"See {chosen.logs / (what + '.log')}"
            )
        elif is_free(port, chosen.bind):
            yield Finding(about=about, state="ok", text=f"free for the {what}")
        else:
            yield Finding(about=about, state="broken", text=f"taken by another program; the {what} needs it",
                          mend=f"Stop that program, or choose another port with {name}.")  # fmt: skip


def _running(chosen: Settings, health: Health) -> Iterator[Finding]:
    try:
        addresses()
    except NotRunning as error:
        yield Finding(about="Engines", state="ok", text=error.message)
        return
    start = "Start Amity: amity serve" if health.supervisor is None else f"See the files in {chosen.logs}"
    for engine in health.engines:
        yield _engine(engine, mend=start)
    for process in health.processes:
        if process.state != "ready" and health.supervisor is not None:
            yield Finding(about=process.title, state="broken", text=f"{process.state} {process.detail}".strip(),
                          mend=f"See {chosen.logs / (process.name + '.log')}")  # fmt: skip
    for reader in health.pipeline.readers if health.pipeline else ():
        if reader.halted:
            yield Finding(
                about=reader.reader,
                state="broken",
                text=reader.halted,
                mend="Decide as the text says; until then nothing new is worked.",
            )
    if health.pipeline and health.pipeline.seconds_behind > 60:
        yield Finding(about="Pipeline", state="warning", text=f"{health.pipeline.seconds_behind:.0f} s behind",
                      mend="If this grows: more workers (AMITY_WORKERS), or a faster disk.")  # fmt: skip


def _engine(engine: EngineHealth, *, mend: str) -> Finding:
    about = f"{engine.kind} ({engine.name})"
    if engine.error:
        return Finding(about=about, state="broken", text=engine.error, mend=mend)
    if engine.too_old:
        return Finding(
            about=about,
            state="broken",
            text=f"version {engine.version}",
            mend=f"Amity needs {engine.too_old} or newer: update the server.",
        )
    return Finding(about=about, state="ok", text=f"version {engine.version}, answers in {engine.latency_ms or 0:.0f} ms")


def _clock(chosen: Settings, health: Health) -> Iterator[Finding]:
    skews = [abs(one.clock_skew) for one in health.engines if one.clock_skew is not None]
    code = max(Path(__file__).stat().st_mtime, 0)
    if time.time() < code - 86_400:
        yield Finding(
            about="Clock",
            state="broken",
            text=f"it shows {time.strftime('%Y-%m-%d')}, before this Amity was installed",
            mend="Set the clock.",
        )
    elif max(skews, default=0) > 2:
        yield Finding(
            about="Clock",
            state="broken",
            text=f"{max(skews):.1f} s away from the database's",
            mend="Let both machines follow a time server.",
        )
    elif (drift := _disk_clock(chosen.home)) > 2:
        yield Finding(
            about="Clock",
            state="warning",
            text=f"{drift:.1f} s away from the data folder's disk",
            mend="Let both machines follow a time server.",
        )
    else:
        yield Finding(about="Clock", state="ok", text=time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()))


def _answers(chosen: Settings, port: int) -> bool:
    host = "127.0.0.1" if chosen.bind in {"0.0.0.0", "::", ""} else chosen.bind  # noqa: S104
    try:
        with socket.create_connection((host, port), timeout=2):
            return True
    except OSError:
        return False


def _disk_clock(home: Path) -> float:
    if not home.exists():
        return 0.0
    try:
        with tempfile.NamedTemporaryFile(dir=home) as f:
            return abs(os.fstat(f.fileno()).st_mtime - time.time())
    except OSError:
        return 0.0
