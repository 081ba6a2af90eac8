"""`amity worker`: one worker of the pipeline."""

from __future__ import annotations

import click


@click.command(short_help="Run one worker of the pipeline.")
@click.option("--index", type=click.IntRange(min=0), default=0, show_default=True, help="Which worker of the set this is.")
@click.option("--of", type=click.IntRange(min=1), default=1, show_default=True, help="How many workers the set has.")
@click.option("--health-port", type=click.IntRange(1, 65_535), default=8010, show_default=True, help="Port of its health checks.")
def command(*, index: int, of: int, health_port: int) -> None:
    """Run one worker: it works its shard of the customers from the log into the present and the past.

    Start as many as --of says, each with its own --index. A set of another size takes over where the last one stood.
    """
    import asyncio

    from amity.config.cli.setup import django_ready
    from amity.config.serving.journal import set_up
    from amity.kernel.settings import settings

    if index >= of:
        raise click.BadParameter(f"A set of {of} has the indexes 0 to {of - 1}.", param_hint="--index")
    set_up(settings().log_level)
    django_ready()
    from amity.workers.worker import serve

    asyncio.run(serve(index=index, of=of, health_port=health_port))
