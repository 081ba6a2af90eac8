"""Backs up an Amity that isn't running: its engines are started for this alone, and stopped again."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import Sequence

from amity.config.serving import folder
from amity.config.serving import plan as plans
from amity.config.serving.starting import clear_leftovers, start_engines
from amity.config.serving.terminal import Terminal
from amity.engines.addresses import addresses
from amity.engines.supervisor.leash import before_exec
from amity.engines.supervisor.lock import Lock
from amity.engines.supervisor.supervisor import Supervisor
from amity.kernel.errors import NotRunning
from amity.kernel.settings import Settings


def is_idle(chosen: Settings) -> bool:
    """Whether Amity doesn't run on the folder, but could. Raises NotRunning where there is nothing to be started."""
    try:
        addresses()
    except NotRunning:
        if not any((chosen.home / name).exists() for name in ("present", "past", "log")):
            raise
        return True
    return False


async def back_up_idle(chosen: Settings, arguments: Sequence[str], *, passphrase: str | None, terminal: Terminal) -> int:
    """Run `amity backup` with these arguments while the engines are up; return its exit code."""
    with Lock(chosen.run / "supervisor.lock"):
        folder.refuse_unfinished(chosen)
        folder.refuse_other_layout(chosen)
        folder.refuse_other_postgresql(chosen)
        await clear_leftovers(chosen, terminal)
        supervisor = Supervisor(run=chosen.run, logs=chosen.logs)
        try:
            plan = plans.make_plan(chosen)
            await start_engines(plan, supervisor, terminal)
            return await _run(arguments, plan.env | ({"AMITY_BACKUP_PASSPHRASE": passphrase} if passphrase else {}))
        finally:
            async with terminal.step("Stopping the engines", done="Engines stopped"):
                await supervisor.stop()


async def _run(arguments: Sequence[str], env: dict[str, str]) -> int:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "amity.config.cli", "backup", *arguments,
        env={**os.environ, **env}, preexec_fn=before_exec(sign=signal.SIGINT),
    )  # fmt: skip
    try:
        return await process.wait()
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGINT)
            await process.wait()
