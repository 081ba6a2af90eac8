"""Starts engines and other children, and shows what is waited for."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

from amity.config.serving import plan as plans
from amity.config.serving.external import await_external
from amity.config.serving.terminal import Terminal
from amity.engines.present import server as present_server
from amity.engines.supervisor.leftovers import end_leftovers
from amity.engines.supervisor.spec import Child
from amity.engines.supervisor.supervisor import Supervisor
from amity.kernel.settings import Settings


async def clear_leftovers(chosen: Settings, terminal: Terminal) -> None:
    """End what a killed start on the same folder left running."""
    ended = await asyncio.to_thread(end_leftovers, chosen.run, present=plans.present_data(chosen))
    if ended:
        terminal.warn(f"Ended what an earlier start left behind: {', '.join(ended)}")


async def start_engines(plan: plans.Plan, supervisor: Supervisor, terminal: Terminal) -> None:
    """Start the embedded engines and wait until they and the external ones answer."""
    data = plans.present_data(plan.settings)
    if "present" in plan.embedded and not (data / "PG_VERSION").exists():
        async with terminal.step("Making the database", done="Database made"):
            await asyncio.to_thread(present_server.make_cluster, data, plans.password(plan.settings, "present"))
    await asyncio.gather(start(plans.engines(plan), supervisor, terminal), await_external(plan, terminal))


async def start(children: Iterable[Child], supervisor: Supervisor, terminal: Terminal) -> None:
    """Start children and tell when each is ready."""
    children = list(children)
    supervisor.start(children)
    await asyncio.gather(*(_await_ready(child, supervisor, terminal) for child in children))


async def _await_ready(child: Child, supervisor: Supervisor, terminal: Terminal) -> None:
    keeper = supervisor.keepers[child.name]
    async with terminal.step(child.title, detail=lambda: keeper.entry.detail):
        await supervisor.ready(child.name)
