"""Runs `prepare` as a child and shows its steps."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from contextlib import AsyncExitStack

import msgspec

from amity.config.serving.plan import Plan
from amity.config.serving.terminal import Terminal
from amity.engines.supervisor.leash import before_exec
from amity.kernel.errors import AmityError


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What `prepare` found: a link that signs the first owner in (empty once there is one), whether the demo is to be loaded."""

    sign_in: str = ""
    demo: bool = False


async def prepare(plan: Plan, terminal: Terminal, *, with_demo: bool) -> Prepared:
    """Bring log, present and past up to this code. Raises AmityError with what went wrong."""
    await _prepare_log(plan)
    command = [sys.executable, "-m", "amity.config.serving.prepare"]
    if not with_demo:
        command.append("--no-demo")
    if "present" in plan.embedded:
        command.append("--create-database")
    log = plan.settings.logs / "prepare.log"
    with log.open("ab") as errors:
        process = await asyncio.create_subprocess_exec(
            *command, env={**os.environ, **plan.env}, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
            stderr=errors, preexec_fn=before_exec(sign=signal.SIGTERM),
        )  # fmt: skip
    try:
        found = await _follow(process, terminal)
        code = await process.wait()
    finally:
        if process.returncode is None:
            process.terminate()
            await process.wait()
    if code:
        raise AmityError(f"Preparing the data failed; {log} tells why.")
    return found


async def _follow(process: asyncio.subprocess.Process, terminal: Terminal) -> Prepared:
    """Show what the child tells until it closes its output."""
    assert process.stdout is not None  # noqa: S101
    found: dict[str, object] = {}
    async with AsyncExitStack() as whole:
        await whole.enter_async_context(terminal.step("Schemas", done="Schemas up to date"))
        step = AsyncExitStack()
        async for line in process.stdout:
            told = msgspec.json.decode(line, type=dict[str, object])
            if "error" in told:
                raise AmityError(str(told["error"]))
            if "begin" in told:
                await step.enter_async_context(terminal.step(str(told["begin"]), done=str(told["then"])))
            elif "end" in told:
                await step.aclose()
            else:
                found |= told
        await step.aclose()
    return msgspec.convert(found, Prepared)


async def _prepare_log(plan: Plan) -> None:
    from amity.engines.log.client import Log

    chosen = plan.settings
    log = await Log.connect(plan.addresses.log, name="serve")
    try:
        await log.prepare(max_bytes=chosen.log_max_bytes, max_days=chosen.log_max_days, replicas=chosen.log_replicas)
    finally:
        await log.close()
