"""Runs `prepare` as a child and shows its steps."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from asyncio.subprocess import PIPE
from typing import Self

import msgspec

from amity.config.serving.following import follow
from amity.config.serving.plan import Plan
from amity.config.serving.terminal import Terminal
from amity.engines.supervisor.leash import before_exec


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """What `prepare` found: a link that signs the first owner in (empty once there is one), whether the demo is to be loaded."""

    sign_in: str = ""
    demo: bool = False


class Preparing:
    """The child that prepares. It is started early, loads its code while the engines start, and begins when told `go`."""

    def __init__(self, plan: Plan, terminal: Terminal, *, with_demo: bool) -> None:
        self.plan, self.terminal = plan, terminal
        options = [] if with_demo else ["--no-demo"]
        options += ["--create-database"] if "present" in plan.embedded else []
        self.command = [sys.executable, "-m", "amity.config.serving.prepare", *options]
        self.log = plan.settings.logs / "prepare.log"

    async def __aenter__(self) -> Self:
        env = {**os.environ, **self.plan.env}
        with self.log.open("ab") as errors:
            self.process = await asyncio.create_subprocess_exec(
                *self.command, env=env, stdin=PIPE, stdout=PIPE, stderr=errors, preexec_fn=before_exec(sign=signal.SIGTERM)
            )
        return self

    async def __aexit__(self, *_: object) -> None:
        if self.process.returncode is None:
            self.process.terminate()
            await self.process.wait()

    async def go(self) -> Prepared:
        """Bring log, present and past up to this code. Raises AmityError with what went wrong."""
        await _prepare_log(self.plan)
        assert self.process.stdin is not None  # noqa: S101
        self.process.stdin.write(b"go\n")
        self.process.stdin.close()
        found = await follow(self.process, self.terminal, "Schemas", done="Schemas up to date", log=self.log)
        return msgspec.convert(found, Prepared)


async def _prepare_log(plan: Plan) -> None:
    from amity.engines.log.client import Log

    chosen = plan.settings
    log = await Log.connect(plan.addresses.log, name="serve")
    try:
        await log.prepare(max_bytes=chosen.log_max_bytes, max_days=chosen.log_max_days, replicas=chosen.log_replicas)
    finally:
        await log.close()
