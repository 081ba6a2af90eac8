"""`amity history`: the embedded past."""

from __future__ import annotations

import click


@click.command(short_help="Run the embedded past (chDB behind ClickHouse's HTTP interface).")
def command() -> None:
    """Run the embedded past: chDB behind ClickHouse's HTTP interface, on the address that the past's URL names.

    Only one such process may use a data folder. `amity serve` starts it where AMITY_PAST_URL isn't set.
    """
    import asyncio
    import os

    os.environ["TZ"] = "UTC"

    from amity.config.serving.journal import set_up
    from amity.engines.addresses import addresses
    from amity.engines.past.server import serve
    from amity.kernel.settings import settings

    set_up(settings().log_level)
    asyncio.run(serve(folder=settings().home / "past", url=addresses().past))
