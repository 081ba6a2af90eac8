"""What `amity doctor` asks: the machine first, then whatever runs."""

from __future__ import annotations

from amity.engines.diagnosis.finding import Finding
from amity.engines.diagnosis.machine import look_at_machine
from amity.engines.diagnosis.running import look_at_running
from amity.engines.health import get_health
from amity.kernel.settings import Settings, settings


async def diagnose(chosen: Settings | None = None) -> list[Finding]:
    """Look at everything that can be looked at. Raises nothing: what is wrong is a finding."""
    chosen = chosen or settings()
    health = await get_health(chosen)
    return [*look_at_machine(chosen, health), *look_at_running(chosen, health)]
