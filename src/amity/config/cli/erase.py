"""`amity erase`: a customer, everywhere."""

from __future__ import annotations

import sys
from time import monotonic, sleep
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from uuid import UUID

    from amity.rooms.trust.contracts import ErasureInfo


@click.command(short_help="Erase a customer everywhere.")
@click.argument("kind")
@click.argument("value")
@click.option("--reason", required=True, help="Why; stays with the receipt, so it must not name the person.")
@click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")
@click.option("--yes", is_flag=True, help="Don't ask whether you are sure.")
@click.option("--wait", default=600, show_default=True, type=click.IntRange(0), help="Seconds to wait for its end.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object; asks nothing.")
def command(  # noqa: PLR0913  one for each option
    *, kind: str, value: str, reason: str, workspace: str | None, yes: bool, wait: int, as_json: bool
) -> None:
    """Erase the customer that VALUE identifies (KIND: email, user_id, customer_id, any kind of identifier), for good.

    They are kept out at once, and erased in every store by the worker. This can't be undone.
    """
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.rooms.trust import api as trust
    from amity.rooms.trust.contracts import COMMAND_LINE

    where = chosen_workspace(workspace)
    if not (yes or as_json):
        _confirm(trust.look_at(COMMAND_LINE, kind=kind, value=value, workspace_id=where.id), where.name)
    made = trust.begin_erasure(COMMAND_LINE, kind=kind, value=value, reason=reason, workspace_id=where.id)
    found = _wait_for_end(where.id, made, seconds=wait, quiet=as_json)
    if as_json:
        print_json(_json(found))
    elif found.finished_at:
        click.echo(f"Erased {found.erased:,} records. Receipt: amity erasure receipt {made}")
    else:
        click.echo(f"It goes on: {found.trouble or found.state_name}. See: amity erasure list")


def _confirm(held: Any, workspace: str) -> None:
    for store, number in held.stores:
        if number:
            click.echo(f"{number:>12,}  {store.title}")
    click.echo(
        f"{held.records:>12,}  records in {workspace}, of {held.identifiers} identifiers and {held.customers} ids of a customer"
    )
    click.confirm("They will be gone for good. Erase them?", abort=True)


def _wait_for_end(workspace_id: int, erasure: UUID, *, seconds: int, quiet: bool) -> ErasureInfo:
    from amity.rooms.trust import api as trust

    told, until = "", monotonic() + seconds
    while True:
        found = trust.get_erasure(workspace_id=workspace_id, erasure_id=erasure)
        said = found.trouble or found.state_name
        if said != told and not quiet:
            click.echo(said, file=sys.stderr)
        told = said
        if found.finished_at or monotonic() >= until:
            return found
        sleep(0.3)


def _json(found: ErasureInfo) -> dict[str, Any]:
    from dataclasses import asdict

    return {**asdict(found), "erased": found.erased}
