"""Restores a backup into an empty data folder: starts the engines that it needs, lets a child load them, stops them again."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import sys
from asyncio.subprocess import PIPE
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from amity.config.backup.surviving import Surviving, surviving
from amity.config.secrets import CONSOLE_KEY
from amity.config.serving import folder
from amity.config.serving import plan as plans
from amity.config.serving.following import follow
from amity.config.serving.serve import make_folders
from amity.config.serving.starting import clear_leftovers, start, start_engines
from amity.config.serving.terminal import Terminal
from amity.engines.archive.layout import Manifest
from amity.engines.archive.reading import check_whole
from amity.engines.backup.erased import NAME, add, read
from amity.engines.supervisor.leash import before_exec
from amity.engines.supervisor.lock import Lock
from amity.engines.supervisor.supervisor import Supervisor
from amity.kernel.clock import from_ms
from amity.kernel.errors import AmityError
from amity.kernel.settings import Settings

_ENGINES = ("present", "log", "past")


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What to restore: a file, its passphrase, of which log what followed, up to when (ms since 1970), who was erased since."""

    file: Path
    passphrase: str | None
    log: str | None = None
    until: int | None = None
    erased: Path | None = None


async def restore(chosen: Settings, asked: Asked, terminal: Terminal) -> dict[str, Any]:
    """Restore and return what was loaded. Raises AmityError, leaving the folder marked as half restored once it has begun."""
    async with terminal.step("Checking the file", done="File checked: whole"):
        manifest = await asyncio.to_thread(check_whole, asked.file, asked.passphrase)
    _refuse_earlier(asked, manifest)
    source = surviving(asked.log)
    make_folders(chosen)
    with Lock(chosen.run / "supervisor.lock"):
        await clear_leftovers(chosen, terminal)
        if folder.restoring(chosen) is not None:
            terminal.warn("Clearing what a restore that did not end left behind")
            _clear(chosen)
        refuse_used(chosen)
        _take_erased(chosen, asked, manifest, terminal)
        folder.begin_restoring(chosen, file=asked.file, begun=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC")
        loaded = await _run(chosen, asked, manifest, source, terminal)
        folder.end_restoring(chosen)
    return loaded


def _take_erased(chosen: Settings, asked: Asked, manifest: Manifest, terminal: Terminal) -> None:
    """Bring the lists of who was erased to the new folder: the next start erases them again. Warns where there are none."""
    places = [asked.file.parent]
    if asked.erased is not None:
        if not read(asked.erased):
            raise AmityError(f"{asked.erased} holds no list of who was erased ({NAME}).")
        places.append(asked.erased)
    if asked.log is not None and "://" not in asked.log:
        given = Path(asked.log).expanduser().absolute()
        places += [given, given.parent]
    lines = [line for place in places for line in read(place)]
    if lines:
        add(chosen.home, lines)
    if not lines and not read(chosen.home):
        terminal.warn(
            f"No list of who was erased ({NAME}) lies beside {asked.file.name}. Whoever was erased after "
            f"{from_ms(int(manifest.about['instant'])):%Y-%m-%d %H:%M} UTC is back; if there is a list, name it with --erased."
        )


def _refuse_earlier(asked: Asked, manifest: Manifest) -> None:
    until, instant = asked.until, int(manifest.about["instant"])
    if until is not None and until < instant:
        raise AmityError(
            f"The backup is of {from_ms(instant):%Y-%m-%d %H:%M:%S} UTC, later than {from_ms(until):%Y-%m-%d %H:%M:%S}: "
            "what was there before can't be taken back out of it. Use an earlier backup."
        )


def refuse_used(chosen: Settings) -> None:
    """Raise AmityError where the data folder holds anything that a restore would have to overwrite."""
    used = [name for name in _ENGINES if (chosen.home / name).exists() and any((chosen.home / name).iterdir())]
    if (chosen.secrets / CONSOLE_KEY).exists():
        used.append(f"secrets/{CONSOLE_KEY}")
    if used:
        raise AmityError(
            f"{chosen.home} is not empty: it holds {', '.join(used)}. A restore never overwrites: move that folder away, "
            "or name another one in AMITY_HOME."
        )


def _clear(chosen: Settings) -> None:
    """Remove what a restore made. Only what is marked as coming from one is ever removed."""
    for path in (*(chosen.home / name for name in _ENGINES), chosen.secrets):
        if path.is_symlink():
            shutil.rmtree(path.resolve(), ignore_errors=True)
            path.unlink()
        elif path.exists():
            shutil.rmtree(path)
    make_folders(chosen)


async def _run(
    chosen: Settings, asked: Asked, manifest: Manifest, source: Surviving | None, terminal: Terminal
) -> dict[str, Any]:
    supervisor = Supervisor(run=chosen.run, logs=chosen.logs)
    try:
        plan = plans.make_plan(chosen)
        await start_engines(plan, supervisor, terminal)
        if source is not None and source.folder is not None:
            await start([source.child(plan.settings)], supervisor, terminal)
        order = {
            "file": str(asked.file),
            "manifest": manifest,
            "passphrase": asked.passphrase,
            "log": source.url if source else None,
            "until": asked.until,
            "create_database": "present" in plan.embedded,
        }
        return await _load(plan, order, terminal)
    finally:
        async with terminal.step("Stopping the engines", done="Engines stopped"):
            await supervisor.stop()


async def _load(plan: plans.Plan, order: dict[str, Any], terminal: Terminal) -> dict[str, Any]:
    """Let a child of its own load the engines, so that this process stays one that can start others."""
    log = plan.settings.logs / "restore.log"
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "amity.config.backup.loading",
            env={**os.environ, **plan.env}, stdin=PIPE, stdout=PIPE, stderr=errors, preexec_fn=before_exec(sign=signal.SIGTERM),
        )  # fmt: skip
    try:
        assert process.stdin is not None  # noqa: S101
        process.stdin.write(msgspec.json.encode(order) + b"\n")
        process.stdin.close()
        return await follow(process, terminal, "Restoring", done="Restored", log=log)
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
