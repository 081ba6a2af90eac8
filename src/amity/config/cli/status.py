"""`amity status`: how everything stands, for a person or a machine."""

from __future__ import annotations

import sys

import click


@click.command(short_help="Show each engine and role, and how far the pipeline is behind.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(*, as_json: bool) -> None:
    """Show each engine and role, and how far the pipeline is behind. Exit code 1 unless everything is well."""
    import asyncio
    from dataclasses import asdict

    from amity.config.serving.shown import show_health
    from amity.engines.health import get_health

    health = asyncio.run(get_health())
    if as_json:
        import json

        click.echo(json.dumps(asdict(health), indent=2))
    else:
        show_health(health)
    sys.exit(health.verdict != "ok")
