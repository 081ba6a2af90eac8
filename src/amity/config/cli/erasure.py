"""`amity erasure`: erasures that were asked for, their receipts, and letting somebody back."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from uuid import UUID

import click

_WORKSPACE = click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")


@click.group(short_help="List erasures, get and verify receipts, let somebody back.")
def command() -> None:
    """Erasures are customers who were erased everywhere: amity erase asks for one."""


@command.command(name="list")
@_WORKSPACE
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 1_000))
def listing(*, workspace: str | None, limit: int) -> None:
    """List erasures, newest first."""
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.rooms.trust.queries.erasures import list_erasures

    found, total = list_erasures(workspace_id=chosen_workspace(workspace).id, limit=limit)
    for one in found:
        click.echo(f"{one.id}  {one.asked_at:%Y-%m-%d %H:%M}  {one.of}  {one.trouble or one.state_name}  {one.erased:,} records")
    if total > len(found):
        click.echo(f"and {total - len(found):,} older ones")


@command.command()
@click.argument("erasure", type=click.UUID)
@_WORKSPACE
def receipt(*, erasure: UUID, workspace: str | None) -> None:
    """Print the signed receipt of ERASURE as JSON."""
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.kernel.errors import NotFound
    from amity.rooms.trust import api as trust

    found = trust.get_erasure(workspace_id=chosen_workspace(workspace).id, erasure_id=erasure).receipt
    if found is None:
        raise NotFound("This erasure still goes on: its receipt is made at the end.")
    click.echo(json.dumps(found, indent=2, ensure_ascii=False))


@command.command()
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--key", default="", help="The public key to trust, in base64; without it this installation's own.")
def verify(*, file: Path, key: str) -> None:
    """Say whether the receipt in FILE was signed by this installation and not changed since; exit code 1 if not.

    With --key nothing has to run here: whoever was given the public key can verify.
    """
    from amity.kernel.errors import Invalid
    from amity.rooms.trust.rules.erasure.receipt import is_genuine, public_key

    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (ValueError, OSError) as error:
        raise Invalid(f"{file} holds no JSON: {error}") from error
    if not key:
        from amity.config.secrets import CONSOLE_KEY, secret_key
        from amity.kernel.settings import settings

        if not (settings().secrets / CONSOLE_KEY).exists():
            raise Invalid(f"{settings().home} holds no console key to verify with; give the public key with --key.")
        key = public_key(secret_key(settings()))
    if not isinstance(found, dict) or not is_genuine(found, trusted=key):
        click.echo("Not genuine: it was changed, or signed by somebody else.", err=True)
        sys.exit(1)
    click.echo(f"Genuine: {found['of']} erased, {found['erased']:,} records, done {found['finished_at']}. Public key {key}")


@command.command()
def key() -> None:
    """Print the public key that receipts of this installation are verified with."""
    from amity.config.secrets import secret_key
    from amity.kernel.settings import settings
    from amity.rooms.trust.rules.erasure.receipt import public_key

    click.echo(public_key(secret_key(settings())))


@command.command(name="let-back")
@click.argument("kind")
@click.argument("value")
@click.option("--reason", required=True, help="Why they are taken on again: a new consent, say.")
@_WORKSPACE
def back(*, kind: str, value: str, reason: str, workspace: str | None) -> None:
    """Take what happens from now on of the person whom VALUE names again. What was erased stays erased."""
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.rooms.trust import api as trust
    from amity.rooms.trust.contracts import COMMAND_LINE

    where = chosen_workspace(workspace)
    number = trust.let_back(COMMAND_LINE, kind=kind, value=value, reason=reason, workspace_id=where.id)
    click.echo(f"{number} identifiers are taken again from now on.")
