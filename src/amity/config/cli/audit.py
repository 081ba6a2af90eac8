"""`amity audit`: verify the chain."""

from __future__ import annotations

import sys

import click


@click.group()
def command() -> None:
    """Verify the audit chain."""


@command.command()
@click.option("--head", default="", help="What an earlier verification printed as head: that row must still be the same.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def verify(head: str, *, as_json: bool) -> None:
    """Read every row and check that it follows from the one before; exit code 1 and the row's number if not."""
    from amity.config.cli.setup import django_ready

    django_ready()
    from amity.config.cli.setup import print_json
    from amity.rooms.trust.queries.audit import verify_chain

    verdict = verify_chain(known_head=head)
    if as_json:
        print_json({"ok": verdict.broken is None, "rows": verdict.rows, "head": verdict.head,
                    "broken": verdict.broken, "reason": verdict.reason})  # fmt: skip
    elif verdict.broken is None:
        click.echo(f"The chain holds: {verdict.rows} rows. Head {verdict.head} — keep it elsewhere to verify against later.")
    else:
        click.echo(
            f"The chain breaks at row {verdict.broken}: {verdict.reason}. The {verdict.rows} rows before it hold.", err=True
        )
    if verdict.broken is not None:
        sys.exit(1)
