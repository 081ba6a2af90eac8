"""`amity doctor`: what is wrong with this machine and this data folder, and how to mend it."""

from __future__ import annotations

import sys

import click


@click.command(short_help="Check this machine and this data folder, and say how to mend what is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of findings.")
def command(*, as_json: bool) -> None:
    """Check this machine and this data folder, whether Amity runs or not. Exit code 1 if something is broken."""
    import asyncio
    from dataclasses import asdict

    from amity.config.serving.shown import show_findings
    from amity.engines.diagnosis.diagnose import diagnose

    findings = asyncio.run(diagnose())
    if as_json:
        import json

        click.echo(json.dumps([asdict(one) for one in findings], indent=2))
    else:
        show_findings(findings)
    sys.exit(any(one.state == "broken" for one in findings))
