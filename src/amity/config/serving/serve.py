"""The whole of `amity serve`: lock, engines, schemas, roles, then watching until someone says stop."""

from __future__ import annotations

import asyncio
import os
import resource
import signal
from importlib.metadata import version

import msgspec

from amity.config.serving import plan as plans
from amity.config.serving.demo import go_on, is_unfinished, load_demo
from amity.config.serving.folder import take_folder
from amity.config.serving.preparing import Prepared, Preparing
from amity.config.serving.starting import start, start_engines
from amity.config.serving.terminal import Terminal
from amity.config.serving.watch import Watch
from amity.engines.addresses import endpoints_file
from amity.engines.supervisor.leftovers import end_leftovers
from amity.engines.supervisor.lock import Lock
from amity.engines.supervisor.ports import is_free
from amity.engines.supervisor.records import write_holder, write_private
from amity.engines.supervisor.supervisor import Supervisor
from amity.kernel.errors import AmityError
from amity.kernel.settings import Settings

_OPEN_FILES = 65_536


async def serve(chosen: Settings, *, with_demo: bool) -> int:
    """Run Amity until it is told to stop; return the exit code."""
    make_folders(chosen)
    with Lock(chosen.run / "supervisor.lock"):
        take_folder(chosen)
        ended = await asyncio.to_thread(make_way, chosen)
        _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        most = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        terminal = Terminal()
        if ended:
            terminal.warn(f"Ended what an earlier start left behind: {', '.join(ended)}")
        return await _Serving(chosen, terminal, with_demo=with_demo).run()


def make_folders(chosen: Settings) -> None:
    """Make the data folder and what is in it, for its owner only."""
    for folder in (chosen.home, chosen.run, chosen.logs, chosen.secrets, chosen.home / "cache"):
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        folder.chmod(0o700)


def make_way(chosen: Settings) -> list[str]:
    """End what an earlier start left behind and return its names; only then can a taken port be a stranger's.

    Raises AmityError where something doesn't end, or where someone else listens on our ports.
    """
    ended = end_leftovers(chosen.run, present=plans.present_data(chosen))
    refuse_taken_ports(chosen)
    return ended


def refuse_taken_ports(chosen: Settings) -> None:
    """Raise AmityError, naming the setting, if someone else listens where console or edge should."""
    for port, setting, what in (
        (chosen.console_port, "AMITY_CONSOLE_PORT", "console"),
        (chosen.edge_port, "AMITY_EDGE_PORT", "edge"),
    ):
        if not is_free(port, chosen.bind):
            raise AmityError(
                f"Port {port}, meant for the {what}, can't be used on {chosen.bind}: another program listens there, or it isn't "
                f"allowed. Stop that program, or choose another port, for example {setting}={port + 100}."
            )


class _Serving:
    def __init__(self, chosen: Settings, terminal: Terminal, *, with_demo: bool) -> None:
        self.settings, self.terminal, self.with_demo = chosen, terminal, with_demo
        self.watch = Watch(terminal, chosen.logs)
        self.supervisor = Supervisor(run=chosen.run, logs=chosen.logs, tell=self.watch.tell)
        self.asked = asyncio.Event()

    async def run(self) -> int:
        """Work until asked to stop, or until starting fails; then stop everything."""
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(sign, self._asked_to_stop)
        work, asked = asyncio.create_task(self._start_and_watch()), asyncio.create_task(self.asked.wait())
        try:
            await asyncio.wait([work, asked], return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                work.result()
            return 0
        finally:
            work.cancel()
            asked.cancel()
            await asyncio.gather(work, asked, return_exceptions=True)
            await self._stop()

    async def _start_and_watch(self) -> None:
        plan = plans.make_plan(self.settings)
        write_holder(self.settings.run, version=version("amity"), ports=plan.ports)
        async with Preparing(plan, self.terminal, with_demo=self.with_demo) as preparing:
            await start_engines(plan, self.supervisor, self.terminal)
            prepared = await preparing.go()
        write_private(endpoints_file(self.settings), msgspec.json.encode(plan.addresses))
        await start(plans.roles(plan), self.supervisor, self.terminal)
        self._greet(prepared)
        self.watch.begin()
        if self.with_demo and (prepared.demo or is_unfinished(self.settings)):
            await load_demo(plan, self.terminal)
        if self.with_demo:
            await go_on(plan, self.terminal)
        await asyncio.Event().wait()

    def _greet(self, prepared: Prepared) -> None:
        say, strong = self.terminal.line, self.terminal.strong
        say(f"\n  Console  {strong(self.settings.public_console)}\n  Edge     {strong(self.settings.public_edge)}")
        if prepared.sign_in:
            say(f"\n  Open this once, within a day, to become the owner:\n  {strong(prepared.sign_in)}")
        else:
            say("  A one-time sign-in link: amity person link EMAIL")
        say("\n  Ctrl-C stops Amity.\n")

    def _asked_to_stop(self) -> None:
        if self.asked.is_set():
            self.supervisor.kill()
            endpoints_file(self.settings).unlink(missing_ok=True)
            os._exit(130)
        self.asked.set()

    async def _stop(self) -> None:
        self.watch.end()
        endpoints_file(self.settings).unlink(missing_ok=True)
        async with self.terminal.step("Stopping", done="Stopped"):
            await self.supervisor.stop()
