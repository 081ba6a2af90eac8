"""Loads the demo company, as a child, after the first start, and has another child go on with it: Amity can be used meanwhile."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE, STDOUT, Process
from pathlib import Path

from amity.config.serving.plan import Plan
from amity.config.serving.terminal import Terminal
from amity.demo.record import recall_story
from amity.engines.supervisor.leash import before_exec
from amity.kernel.errors import AmityError
from amity.kernel.settings import Settings

_AGAIN = 60.0  # seconds between two attempts to go on


def is_unfinished(chosen: Settings) -> bool:
    """Whether loading the demo began and did not come to its end; it can be done again without doubling anything."""
    return _mark(chosen).exists()


async def load_demo(plan: Plan, terminal: Terminal) -> None:
    """Run `amity demo` and show its last line while it works. A failure is told, and changes nothing else."""
    mark, log, said = _mark(plan.settings), plan.settings.logs / "demo.log", [""]
    mark.touch()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "amity.config.cli", "demo", "--wait",
        env={**os.environ, **plan.env}, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, preexec_fn=before_exec(),
    )  # fmt: skip
    try:
        async with terminal.step("Loading the demo company", done="Demo company loaded", detail=lambda: said[0]):
            await _follow(process, log, said)
    except AmityError:
        terminal.warn(f"The demo company could not be loaded; {log} tells why. To try again: amity demo")
    else:
        mark.unlink()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()


async def go_on(plan: Plan, terminal: Terminal) -> None:
    """Keep `amity demo live` running until it ends by itself, or we are cancelled; a failure is told once, and it is tried again."""
    told = False
    while recall_story(plan.settings.home / "cache") is not None:
        with (plan.settings.logs / "demo.log").open("ab") as log:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "amity.config.cli", "demo", "live",
                env={**os.environ, **plan.env}, stdin=DEVNULL, stdout=log, stderr=log, preexec_fn=before_exec(),
            )  # fmt: skip
        try:
            if not await process.wait():
                return
        finally:
            if process.returncode is None:
                process.terminate()
                await process.wait()
        if not told:
            terminal.warn(
                f"The demo company's live interactions stopped; {plan.settings.logs / 'demo.log'} tells why. Trying again."
            )
            told = True
        await asyncio.sleep(_AGAIN)


async def _follow(process: Process, log: Path, said: list[str]) -> None:
    assert process.stdout is not None  # noqa: S101
    with log.open("ab", buffering=0) as kept:
        async for line in process.stdout:
            kept.write(line)
            said[0] = line.decode("utf-8", "replace").strip() or said[0]
    if await process.wait():
        raise AmityError(said[0])


def _mark(chosen: Settings) -> Path:
    return chosen.home / "cache" / "demo-unfinished"
