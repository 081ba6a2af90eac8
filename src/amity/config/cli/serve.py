"""`amity serve`: everything on one machine, until Ctrl-C."""

from __future__ import annotations

import sys

import click


@click.command(short_help="Start everything: engines, edge, worker and console.")
@click.option("--no-demo", is_flag=True, help="Don't load the demo company, nor go on with it.")
def command(*, no_demo: bool) -> None:
    """Start the engines, the edge, the worker and the console, and keep them running until Ctrl-C.

    The first Ctrl-C stops everything cleanly; a second one stops at once.
    """
    import asyncio

    from amity.config.serving.serve import serve
    from amity.kernel.settings import settings

    sys.exit(asyncio.run(serve(settings(), with_demo=not no_demo)))
