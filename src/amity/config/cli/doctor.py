"""`amity doctor`: what is wrong with this machine and this data folder, and how to mend it."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Iterator

    from amity.engines.diagnosis.finding import Finding
    from amity.kernel.settings import Settings


@click.command(short_help="Check this machine and this data folder, and say how to mend what is wrong.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array of findings.")
def command(*, as_json: bool) -> None:
    """Check this machine and this data folder, whether Amity runs or not. Exit code 1 if something is broken."""
    import asyncio
    from dataclasses import asdict

    from amity.config.serving.shown import show_findings
    from amity.engines.diagnosis.diagnose import diagnose
    from amity.kernel.settings import settings

    findings = [*asyncio.run(diagnose()), *unlisted_erasures(settings())]
    if as_json:
        import json

        click.echo(json.dumps([asdict(one) for one in findings], indent=2))
    else:
        show_findings(findings)
    sys.exit(any(one.state == "broken" for one in findings))


def unlisted_erasures(chosen: Settings) -> Iterator[Finding]:
    """Tell whom the database keeps out and the list beside the engines doesn't name. Nothing where the database doesn't answer."""
    from amity.config.cli.setup import django_ready
    from amity.config.secrets import CONSOLE_KEY
    from amity.engines.diagnosis.finding import Finding
    from amity.kernel.errors import AmityError

    if not (chosen.secrets / CONSOLE_KEY).exists():  # the hashes' key is made of it, and Django would make another
        return
    try:
        django_ready()
        from django.db import DatabaseError

        from amity.rooms.trust.api import unlisted
    except AmityError:
        return
    try:
        lacking = unlisted(chosen.home)
    except (AmityError, DatabaseError, OSError):
        return
    if lacking:
        yield Finding(about="List of who was erased", state="broken", text=f"{lacking} lines that the database knows are missing from it: a "
                      "restore would bring those people back", mend="amity backup FILE writes them, here and beside the backup.")  # fmt: skip
