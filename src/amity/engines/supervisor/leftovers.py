"""Ends what a killed supervisor left behind, before the same data is opened again."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

from amity.engines.supervisor.records import Process, read_processes, started
from amity.kernel.errors import AmityError

_GENTLE, _HARD = 8.0, 8.0


def end_leftovers(run: Path, *, present: Path) -> list[str]:
    """End the recorded children that still run, and everything that still works in PostgreSQL's data folder.

    A process id alone proves nothing, since they are used again: its start time must match, too. Returns the names of what
    was ended. Raises AmityError if something can't be.
    """
    alive = [one for one in read_processes(run) if one.pid and started(one.pid) == one.started != ""]
    for one in alive:
        _signal(one, signal.SIGQUIT if one.name == "postgresql" else signal.SIGTERM)
    if not _gone(alive, _GENTLE):
        for one in alive:
            _signal(one, signal.SIGKILL)
        if not _gone(alive, _HARD):
            stuck = ", ".join(f"{one.name} ({one.pid})" for one in alive)
            raise AmityError(f"These processes of an earlier start don't end: {stuck}. End them, then start again.")
    ended = [one.name for one in alive]
    return ended + _clear_present(present)


def _clear_present(data: Path) -> list[str]:
    """PostgreSQL's processes work in its folder: none may be left. Then a stale postmaster.pid can only mislead."""
    stale = data / "postmaster.pid"
    if not stale.exists():
        return []
    deadline = time.monotonic() + _GENTLE
    found = living_in(data)
    ended = ["postgresql"] if found else []
    while found and time.monotonic() < deadline + _HARD:
        for pid in found:
            _kill(pid, signal.SIGQUIT if time.monotonic() < deadline else signal.SIGKILL)
        time.sleep(0.1)
        found = living_in(data)
    if found:
        raise AmityError(f"Process {found[0]} still uses {data}. End it, then start again.")
    if Path("/proc/self").exists():
        stale.unlink(missing_ok=True)
    return ended


def end_orphans(data: Path) -> None:
    """End at once what a PostgreSQL whose postmaster is no more left in its folder.

    By itself each of them ends as soon as it notices; but one that is stopped, or deep in a computation, doesn't, and while it
    lives no other can start. Raises AmityError if one can't be ended.
    """
    deadline = time.monotonic() + _HARD
    while found := [pid for pid in living_in(data) if _is_postgres(pid)]:
        if time.monotonic() > deadline:
            raise AmityError(f"Process {found[0]} of the PostgreSQL before still uses {data}, and can't be ended")
        for pid in found:
            _kill(pid, signal.SIGKILL)
        time.sleep(0.02)


def _is_postgres(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/exe").readlink().name.split()[0] == "postgres"
    except OSError:
        return False


def living_in(folder: Path) -> list[int]:
    """Return the ids of all processes whose working folder is `folder`."""
    wanted, found = folder.resolve(), []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            if (entry / "cwd").readlink() == wanted and started(int(entry.name)):
                found.append(int(entry.name))
        except OSError:
            continue
    return found


def _gone(processes: list[Process], limit: float) -> bool:
    deadline = time.monotonic() + limit
    while any(one.pid and started(one.pid) == one.started for one in processes):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def _signal(one: Process, sign: signal.Signals) -> None:
    if one.pid:
        _kill(one.pid, sign)


def _kill(pid: int, sign: signal.Signals) -> None:
    try:
        os.kill(pid, sign)
    except ProcessLookupError:
        return
    except PermissionError:
        raise AmityError(f"Process {pid} of an earlier start belongs to another user. End it, then start again.") from None
