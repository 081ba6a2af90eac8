"""Shows the steps of a child that tells them as JSON lines: `{"begin": text, "then": text}`, `{"at": text}`, `{"end": true}`, `{"error": text}`."""

from __future__ import annotations

from asyncio.subprocess import Process
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import msgspec

from amity.config.serving.terminal import Terminal
from amity.kernel.errors import AmityError


async def follow(process: Process, terminal: Terminal, whole: str, *, done: str, log: Path) -> dict[str, Any]:
    """Show what the child tells until it ends; return whatever else it told.

    Raises AmityError with the error that it told; with the name of its log where it ended without one.
    """
    assert process.stdout is not None  # noqa: S101
    found: dict[str, Any] = {}
    at = [""]
    async with AsyncExitStack() as all_of_it:
        await all_of_it.enter_async_context(terminal.step(whole, done=done))
        step = AsyncExitStack()
        all_of_it.push_async_exit(step)
        async for line in process.stdout:
            told = msgspec.json.decode(line, type=dict[str, Any])
            if "error" in told:
                raise AmityError(str(told["error"]))
            if "begin" in told:
                at[0] = ""
                await step.enter_async_context(terminal.step(str(told["begin"]), done=str(told["then"]), detail=lambda: at[0]))
            elif "at" in told:
                at[0] = str(told["at"])
            elif "end" in told:
                await step.aclose()
            else:
                found |= told
        if await process.wait():
            raise AmityError(f"{whole} failed; {log} tells why.")
    return found
