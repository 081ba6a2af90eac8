"""`amity workspace`: create and list workspaces."""

from __future__ import annotations

import click


@click.group()
def command() -> None:
    """Create and list workspaces."""


@command.command()
@click.argument("name")
@click.option("--slug", default="", help="Its part of addresses; made from the name unless given.")
@click.option("--owner", default="", help="E-mail of its owner; the first owner of this installation unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def create(name: str, slug: str, owner: str, *, as_json: bool) -> None:
    """Create a workspace called NAME."""
    from amity.config.cli.setup import django_ready, print_json

    django_ready()
    from amity.kernel.errors import NotFound
    from amity.kernel.settings import settings
    from amity.rooms.trust.actions.workspaces import create_workspace
    from amity.rooms.trust.queries.people import find_person, first_owner

    holder = find_person(owner) if owner else first_owner()
    if owner and holder is None:
        raise NotFound(f"Nobody here has the e-mail {owner}. Create them with: amity person create {owner}")
    made = create_workspace(by=None, name=name, slug=slug, owner=holder)
    url = f"{settings().public_console}/w/{made.slug}/"
    if as_json:
        print_json({"id": made.id, "slug": made.slug, "name": made.name, "url": url})
    else:
        click.echo(f"Created workspace {made.slug}: {url}")


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_command(*, as_json: bool) -> None:
    """List the workspaces, oldest first."""
    from amity.config.cli.setup import django_ready, print_json

    django_ready()
    from amity.rooms.trust.api import list_workspaces

    found = list_workspaces()
    if as_json:
        print_json([{"id": w.id, "slug": w.slug, "name": w.name, "is_demo": w.is_demo} for w in found])
        return
    for w in found:
        click.echo(f"{w.slug:<40}  {w.name}{'  (example)' if w.is_demo else ''}")
