"""`amity source`: sources and their write keys."""

from __future__ import annotations

import json
from typing import Any

import click

_workspace = click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON for machines.")


@click.group(short_help="Create and list sources and their write keys.")
def command() -> None:
    """Sources are where interactions come from. Each has a write key that its clients send."""


@command.command()
@click.argument("name")
@click.option("--kind", type=click.Choice(["website", "server", "mobile", "import"]), default="server", show_default=True)
@_workspace
@_json
def create(*, name: str, kind: str, workspace: str | None, as_json: bool) -> None:
    """Create a source called NAME and print its write key."""
    api, actor, where = _ready(workspace)
    source = api.create_source(workspace_id=where.id, name=name, kind=kind, actor=actor)
    _show(source, where, as_json=as_json)


@command.command(name="list")
@_workspace
@_json
def list_(*, workspace: str | None, as_json: bool) -> None:
    """List sources with how they did in the last 24 hours."""
    api, _, where = _ready(workspace)
    healths = api.list_source_health(workspace_id=where.id)
    if as_json:
        click.echo(
            json.dumps(
                [
                    {
                        "id": h.source.id,
                        "name": h.source.name,
                        "kind": h.source.kind,
                        "write_key": h.source.write_key,
                        "state": h.state,
                        "accepted": h.accepted,
                        "rejected": h.rejected,
                        "duplicates": h.duplicates,
                        "last_seen": h.last_seen and h.last_seen.isoformat(),
                    }
                    for h in healths
                ]
            )
        )
        return
    if not healths:
        click.echo("No source yet. Create one with: amity source create NAME")
    for h in healths:
        seen = f"last seen {h.last_seen:%Y-%m-%d %H:%M:%S} UTC" if h.last_seen else "nothing sent yet"
        click.echo(f"{h.source.id:>4}  {h.source.name:<28} {h.source.kind:<8} {h.state:<9} {h.source.write_key:<27} {seen}")


@command.command()
@click.argument("name")
@_workspace
@_json
def rotate(*, name: str, workspace: str | None, as_json: bool) -> None:
    """Give the source NAME (or id) a new write key and revoke the old ones at once."""
    api, actor, where = _ready(workspace)
    found = _find(api, where, name)
    source = api.rotate_write_key(workspace_id=where.id, source_id=found.id, actor=actor)
    _show(source, where, as_json=as_json)


@command.command()
@click.argument("name")
@click.option("--again", is_flag=True, help="Let it send again.")
@_workspace
def disable(*, name: str, again: bool, workspace: str | None) -> None:
    """Turn away what the source NAME (or id) sends from now on."""
    api, actor, where = _ready(workspace)
    found = _find(api, where, name)
    api.set_source_enabled(workspace_id=where.id, source_id=found.id, enabled=again, actor=actor)
    click.echo(f"{found.name} may send again." if again else f"{found.name} is turned away from now on.")


def _ready(workspace: str | None) -> tuple[Any, Any, Any]:
    from amity.config.cli.setup import django_ready

    django_ready()
    from amity.rooms.collection import api
    from amity.rooms.trust import api as trust
    from amity.rooms.trust.contracts import COMMAND_LINE

    return api, COMMAND_LINE, trust.get_workspace(workspace) if workspace else trust.default_workspace()


def _find(api: Any, where: Any, name: str) -> Any:
    from amity.kernel.errors import NotFound

    for source in api.list_sources(workspace_id=where.id):
        if name in {source.name, str(source.id)}:
            return source
    raise NotFound(f"{where.name} has no source {name!r}. See: amity source list")


def _show(source: Any, where: Any, *, as_json: bool) -> None:
    from amity.kernel.settings import settings

    edge = settings().public_edge
    if as_json:
        shown = {"id": source.id, "name": source.name, "write_key": source.write_key, "edge_url": edge, "workspace": where.slug}
        click.echo(json.dumps(shown))
        return
    click.echo(f"{source.name} in {where.name}")
    click.echo(f"Write key: {source.write_key}")
    click.echo("Try it:")
    click.echo(
        f"  curl -u {source.write_key}: -H 'Content-Type: application/json' {edge}/v1/track "
        """-d '{"userId": "ada", "event": "Signed Up", "properties": {"plan": "team"}}'"""
    )
