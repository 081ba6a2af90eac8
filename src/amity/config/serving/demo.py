"""Loads the demo company, as a child, after the first start: Amity can be used meanwhile."""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import DEVNULL, PIPE

from amity.config.serving.plan import Plan
from amity.config.serving.terminal import Terminal
from amity.engines.supervisor.leash import before_exec


async def load_demo(plan: Plan, terminal: Terminal) -> None:
    """Run `amity demo` and show its last line while it works. A failure is told, and changes nothing else."""
    said = [""]
    with (plan.settings.logs / "demo.log").open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "amity.config.cli", "demo",
            env={**os.environ, **plan.env}, stdin=DEVNULL, stdout=PIPE, stderr=errors, preexec_fn=before_exec(),
        )  # fmt: skip
    try:
        async with terminal.step("Loading the demo company", done="The demo company's loading has ended", detail=lambda: said[0]):
            assert process.stdout is not None  # noqa: S101
            async for line in process.stdout:
                said[0] = line.decode("utf-8", "replace").strip() or said[0]
            failed = await process.wait() != 0
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    if failed:
        terminal.warn(f"The demo company could not be loaded; {errors.name} tells why. To try again: amity demo")
