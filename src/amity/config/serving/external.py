"""Waits for engines that run elsewhere: they are not ours to start."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from urllib.parse import urlsplit

from amity.config.serving.plan import Plan
from amity.config.serving.terminal import Terminal
from amity.engines.asking import EngineHealth
from amity.kernel.errors import AmityError


async def await_external(plan: Plan, terminal: Terminal) -> None:
    """Wait until every engine that is given by its address answers; says what each waits for.

    Raises AmityError where one is too old.
    """
    from amity.engines.asking import ask_past, ask_present

    async def present(url: str) -> str:
        return _usable((await ask_present(url))[0])

    async def past(url: str) -> str:
        return _usable(await ask_past(url))

    given = {
        "log": ("NATS", plan.addresses.log, _log),
        "present": ("PostgreSQL", plan.addresses.present, present),
        "past": ("ClickHouse", plan.addresses.past, past),
    }
    waiting = [_await(terminal, *one) for name, one in given.items() if name not in plan.embedded]
    await asyncio.gather(*waiting)


async def _await(terminal: Terminal, kind: str, url: str, ask: Callable[[str], Awaitable[str]]) -> None:
    said = ["no answer yet"]
    at = ", ".join(urlsplit(one).netloc.rpartition("@")[2] for one in url.split(","))
    async with terminal.step(f"{kind} at {at}", detail=lambda: said[0]):
        while error := await ask(url):
            said[0] = error
            await asyncio.sleep(0.5)


def _usable(engine: EngineHealth) -> str:
    """Return what an engine lacks now. Raises AmityError where waiting won't help."""
    if engine.too_old:
        raise AmityError(f"{engine.kind} is version {engine.version}; Amity needs {engine.too_old} or newer: update that server.")
    return engine.error


async def _log(url: str) -> str:
    from amity.engines.log.client import Log
    from amity.kernel.errors import NotRunning

    try:
        log = await Log.connect(url, name="serve", wait=3)
    except NotRunning as error:
        return error.message
    await log.close()
    return ""
