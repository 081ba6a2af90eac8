"""`amity destination`: where audiences are sent, and how that stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from amity.rooms.trust.contracts import Access


@click.group(short_help="Send audiences to other systems.")
def command() -> None:
    """A destination is told who is in an audience: by signed webhooks, as a file in a folder, or in a bucket."""


_WORKSPACE = click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")
_ID = click.argument("destination_id", type=click.IntRange(1, 2**53))


@command.command("list")
@_WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_command(*, workspace: str | None, as_json: bool) -> None:
    """List destinations with their state, customers, and messages that wait or were given up."""
    access = _access(workspace)
    from amity.config.cli.setup import print_json
    from amity.rooms.customers.actions.sync.connectors.known import CONNECTORS
    from amity.rooms.customers.queries.sync.lists import list_destinations, standings

    found = list_destinations(workspace_id=access.workspace_id)
    stand = standings([one.pk for one in found])
    rows = [
        {
            "id": one.pk, "name": one.name, "kind": one.kind, "to": CONNECTORS[one.kind].words(one.config), "state": one.state,
            "customers": stand[one.pk].members, "waiting": stand[one.pk].waiting, "dead": stand[one.pk].dead, "trouble": one.trouble,
        }
        for one in found
    ]  # fmt: skip
    if as_json:
        print_json(rows)
        return
    for row in rows:
        click.echo(
            f"{row['id']:>6}  {row['state']:<8} {row['customers']:>9,} there  {row['waiting']:>6,} waiting  {row['dead']:>5,} given up  {_plain(str(row['name']))}"
        )
        if row["trouble"]:
            click.echo(f"        {_plain(str(row['trouble']))}")


@command.command()
@click.argument("kind")
@click.argument("name")
@click.option("--set", "given", multiple=True, metavar="NAME=VALUE", help="A setting of the kind, such as url=https://…")
@click.option(
    "--secret", "secrets", multiple=True, metavar="NAME", help="A secret setting; it is asked for, or read from standard input."
)
@_WORKSPACE
def create(*, kind: str, name: str, given: tuple[str, ...], secrets: tuple[str, ...], workspace: str | None) -> None:
    """Make a destination of KIND (webhook, folder, s3), called NAME. Of a webhook the signing secret is printed."""
    access = _access(workspace)
    from amity.rooms.customers.actions.sync.destinations import create_destination, signing_secret

    settings = dict(_pair(one) for one in given)
    settings |= {one: click.prompt(one, hide_input=True, err=True) for one in secrets}
    made = create_destination(access, kind=kind, name=name, given=settings)
    click.echo(f"{made.pk}", err=False)
    if kind == "webhook":
        click.echo(signing_secret(access, destination_id=made.pk))


@command.command()
@_ID
@click.argument("audience_id", type=click.IntRange(1, 2**53))
@click.option("--purpose", required=True, help="What it is for; who doesn't allow it isn't sent.")
@click.option(
    "--identifier", "identifiers", multiple=True, help="A kind of identifier that is told, such as email; may be repeated."
)
@click.option("--trait", "traits", multiple=True, help="A trait that is told; may be repeated.")
@_WORKSPACE
def subscribe(  # noqa: PLR0913  one argument for each option
    *,
    destination_id: int,
    audience_id: int,
    purpose: str,
    identifiers: tuple[str, ...],
    traits: tuple[str, ...],
    workspace: str | None,
) -> None:
    """Send an audience to a destination: everybody who allows the purpose first, then whoever changes."""
    access = _access(workspace)
    from amity.rooms.customers.actions.sync.subscriptions import subscribe as act

    made = act(
        access, destination_id=destination_id, audience_id=audience_id, purpose=purpose, identifiers=identifiers, traits=traits
    )  # fmt: skip
    click.echo(f"{made.pk}")


@command.command("test")
@_ID
@_WORKSPACE
def test_command(*, destination_id: int, workspace: str | None) -> None:
    """Send a message that only says that messages arrive. Exit code 1 where it doesn't."""
    access = _access(workspace)
    from amity.rooms.customers.actions.sync.destinations import try_destination

    receipt = try_destination(access, destination_id=destination_id)
    click.echo("It arrived." if receipt.outcome == "taken" else f"It did not arrive. {receipt.said}")
    if receipt.outcome != "taken":
        raise SystemExit(1)


@command.command()
@_ID
@_WORKSPACE
def pause(*, destination_id: int, workspace: str | None) -> None:
    """Send nothing until it is resumed; what changes waits."""
    access = _access(workspace)
    from amity.rooms.customers.actions.sync.destinations import pause_destination

    pause_destination(access, destination_id=destination_id)
    click.echo("Paused.")


@command.command()
@_ID
@_WORKSPACE
def resume(*, destination_id: int, workspace: str | None) -> None:
    """Send again, also where it was closed."""
    access = _access(workspace)
    from amity.rooms.customers.actions.sync.destinations import resume_destination

    resume_destination(access, destination_id=destination_id)
    click.echo("It goes on.")


@command.command()
@_ID
@_WORKSPACE
def rotate(*, destination_id: int, workspace: str | None) -> None:
    """Make a new signing secret and print it; for a day messages are signed with the former one as well."""
    access = _access(workspace)
    from amity.rooms.customers.actions.sync.destinations import rotate_secret

    click.echo(rotate_secret(access, destination_id=destination_id))


@command.command()
@_ID
@_WORKSPACE
def replay(*, destination_id: int, workspace: str | None) -> None:
    """Send messages that were given up again."""
    access = _access(workspace)
    from amity.rooms.customers.actions.sync.destinations import replay_dead

    click.echo(f"{replay_dead(access, destination_id=destination_id):,} messages are sent again.")


def _access(workspace: str | None) -> Access:
    """Return the operator's access to a workspace."""
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.rooms.trust.api import ROLES
    from amity.rooms.trust.contracts import COMMAND_LINE, Access

    return Access(workspace=chosen_workspace(workspace), actor=COMMAND_LINE, role="owner", permissions=ROLES["owner"])


def _pair(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE, such as url=https://hooks.example.com/in.", param_hint="--set")
    return name, value


def _plain(text: str) -> str:
    """Return people's text so that nothing in it can steer the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
