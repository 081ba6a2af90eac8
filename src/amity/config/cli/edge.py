"""`amity edge`: the process that collects interactions."""

from __future__ import annotations

import click


@click.command(short_help="Run the process that collects interactions.")
def command() -> None:
    """Run the edge until SIGTERM or Ctrl-C. It needs the log only; `amity serve` starts one."""
    from amity.config.serving.journal import set_up
    from amity.edge.server import run
    from amity.kernel.settings import settings

    set_up(settings().log_level)
    run()
