"""`amity person`: create people, list them, and make one-time sign-in links."""

from __future__ import annotations

import click


@click.group()
def command() -> None:
    """Create people and one-time sign-in links."""


@command.command()
@click.argument("email")
@click.option("--name", default="", help="What the person is called; they can choose when they first sign in.")
@click.option(
    "--role", default="viewer", show_default=True, help="owner, admin, analyst, marketer, agent, privacy_officer, viewer."
)
@click.option("--workspace", default=None, metavar="SLUG", help="The workspace; the default one unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def create(email: str, name: str, role: str, workspace: str | None, *, as_json: bool) -> None:
    """Create a person and print a link with which they sign in, once, and choose a password."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.rooms.trust.actions.links import make_sign_in_link
    from amity.rooms.trust.actions.people import create_person

    info = chosen_workspace(workspace)
    person = create_person(email=email, name=name, role=role, workspace_id=info.id)
    link = make_sign_in_link(email=person.email)
    if as_json:
        print_json({"id": person.pk, "email": person.email, "role": role, "workspace": info.slug, "link": link})
    else:
        click.echo(f"{person.email} is {role} of {info.name}. This link signs them in once, within a day:\n{link}")


@command.command()
@click.argument("email")
@click.option(
    "--without-second-factor", is_flag=True, help="Also take their authenticator app and passkeys away, for who lost them."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def link(email: str, *, without_second_factor: bool, as_json: bool) -> None:
    """Print a link that signs the person with EMAIL in, once, within a day."""
    from amity.config.cli.setup import django_ready, print_json

    django_ready()
    from amity.rooms.trust.actions.links import make_sign_in_link
    from amity.rooms.trust.actions.people import drop_second_factor
    from amity.rooms.trust.queries.people import find_person

    url = make_sign_in_link(email=email)
    person = find_person(email)
    if without_second_factor and person is not None:
        drop_second_factor(person=person)
    if as_json:
        print_json({"link": url})
    else:
        click.echo(url)


@command.command("list")
@click.option("--workspace", default=None, metavar="SLUG", help="The workspace; the default one unless given.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_command(workspace: str | None, *, as_json: bool) -> None:
    """List the people of a workspace."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.rooms.trust.queries.people import list_members

    members = list_members(chosen_workspace(workspace).id)
    if as_json:
        print_json([{"id": m.person_id, "email": m.person.email, "name": m.person.name, "role": m.role} for m in members])
        return
    for m in members:
        click.echo(f"{m.person.email:<40}  {m.role:<16}  {m.person.name}")
