"""`run/processes.json`: what the supervisor keeps running, for status, doctor, the System page, and its own successor."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from typing import Literal

import msgspec

from amity.kernel.clock import now_ms

State = Literal["starting", "ready", "busy", "down", "waiting", "stopping", "stopped"]


class Process(msgspec.Struct, kw_only=True):
    """One child. `since` is when it got its state (ms since 1970); `started` tells two processes of one pid apart."""

    name: str
    title: str
    pid: int | None = None
    started: str = ""
    state: State = "waiting"
    detail: str = ""
    restarts: int = 0
    since: int = 0
    up_since: int | None = None
    last_exit: str = ""


class Holder(msgspec.Struct, kw_only=True, frozen=True):
    """`run/supervisor.json`: the supervisor itself, since when (ms since 1970), with which version, ports by child."""

    pid: int
    started: str
    since: int
    version: str
    ports: dict[str, int]


def write_private(path: Path, body: bytes) -> None:
    """Replace a file at once, so that no reader sees half of it; only its owner may read it."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fd = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "wb") as f:
        f.write(body)
    fresh.replace(path)


def read_processes(run: Path) -> list[Process]:
    """Return the children that a supervisor recorded in folder `run`; none if it recorded none."""
    try:
        return msgspec.json.decode((run / "processes.json").read_bytes(), type=list[Process])
    except (OSError, msgspec.DecodeError):
        return []


def read_holder(run: Path) -> Holder | None:
    """Return who supervises, or did last."""
    try:
        return msgspec.json.decode((run / "supervisor.json").read_bytes(), type=Holder)
    except (OSError, msgspec.DecodeError):
        return None


def write_processes(run: Path, processes: list[Process]) -> None:
    """Replace the record of the children."""
    write_private(run / "processes.json", msgspec.json.encode(processes))


def write_holder(run: Path, *, version: str, ports: dict[str, int]) -> None:
    """Record this process as the supervisor."""
    pid = os.getpid()
    holder = Holder(pid=pid, started=started(pid), since=now_ms(), version=version, ports=ports)
    write_private(run / "supervisor.json", msgspec.json.encode(holder))


def started(pid: int) -> str:
    """Return when the kernel started process `pid`, as text that only it has; empty if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except FileNotFoundError:
        if Path("/proc/self").exists():
            return ""
    except OSError:
        return ""
    else:
        fields = stat.rpartition(")")[2].split()
        return "" if fields[0] in "ZX" else fields[19]
    shown = subprocess.run(["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()
