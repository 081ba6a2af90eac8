"""`amity key`: the keys that sensitive values are encrypted with, a file for each workspace."""

from __future__ import annotations

import click


@click.group(short_help="List and rotate the keys of sensitive values.")
def command() -> None:
    """Keys that values which a tracking plan calls sensitive are encrypted with. They lie outside every database."""


@command.command("list")
@click.option("--workspace", default=None, metavar="SLUG", help="The workspace; the default one unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_command(workspace: str | None, *, as_json: bool) -> None:
    """Show the numbers of a workspace's keys, and which one seals now. Keys themselves are never shown."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.engines.fieldkeys import keys_of

    held = keys_of(chosen_workspace(workspace).id)
    if as_json:
        print_json({"current": held.current, "keys": sorted(held.keys)})
        return
    for number in sorted(held.keys):
        click.echo(f"{number:>4}  {'seals and opens' if number == held.current else 'opens'}")


@command.command()
@click.option("--workspace", default=None, metavar="SLUG", help="The workspace; the default one unless given.")
def rotate(workspace: str | None) -> None:
    """Make a new key, which seals from now on; earlier ones go on opening what they sealed."""
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.engines import fieldkeys
    from amity.rooms.trust.api import record
    from amity.rooms.trust.contracts import COMMAND_LINE

    info = chosen_workspace(workspace)
    made = fieldkeys.rotate(info.id)
    record(COMMAND_LINE, action="workspace.field_key_rotated", target=f"key:{made.current}", workspace_id=info.id)
    click.echo(f"Key {made.current} seals from now on.")
