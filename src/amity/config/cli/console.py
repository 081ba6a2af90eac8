"""`amity console`: what people see, and the management API."""

from __future__ import annotations

import click


@click.command(short_help="Run the console.")
def command() -> None:
    """Run the console until SIGTERM or Ctrl-C. It needs the present and the past; `amity serve` starts one."""
    import uvloop

    from amity.config.cli.setup import django_ready
    from amity.config.serving.console import run_console
    from amity.config.serving.journal import set_up
    from amity.kernel.settings import settings

    set_up(settings().log_level)
    django_ready()
    uvloop.run(run_console(settings()))
