"""`amity trait`: list computed traits, show one with customers' values, work one out again."""

from __future__ import annotations

import click


@click.group(short_help="List and show computed traits.")
def command() -> None:
    """Computed traits are values worked out of what customers do."""


_WORKSPACE = click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")


@command.command("list")
@_WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_command(*, workspace: str | None, as_json: bool) -> None:
    """List the computed traits by name, with how many customers have a value."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.rooms.customers.queries.computed.lists import list_traits

    found = list_traits(workspace_id=chosen_workspace(workspace).id)
    if as_json:
        print_json([{"id": one.pk, "name": one.name, "size": one.size, "computed": one.computed_at is not None} for one in found])
        return
    for one in found:
        click.echo(f"{one.pk:>6}  {one.size if one.computed_at else 'waiting':>10}  {_plain(one.name)}")


@command.command()
@click.argument("trait_id", type=click.IntRange(1, 2**53))
@_WORKSPACE
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0, 100_000), help="How many customers' values.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(*, trait_id: int, workspace: str | None, limit: int, as_json: bool) -> None:
    """Show what a computed trait is, how many have a value, and whose is which."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.rooms.customers.queries.audiences.known import value_of
    from amity.rooms.customers.queries.audiences.lists import names_of
    from amity.rooms.customers.queries.computed.lists import accessible_trait, values_page
    from amity.rooms.customers.rules.computed.sentences import outline, value_text

    where = chosen_workspace(workspace)
    one = accessible_trait(workspace_id=where.id, trait_id=trait_id)
    rows = values_page(one.pk, limit=limit)
    if as_json:
        values = {str(who): value for who, value, _ in rows}
        print_json({"id": one.pk, "name": one.name, "size": one.size, "definition": one.definition, "values": values})
        return
    click.echo(f"{_plain(one.name)}  {one.size:,} customers" + (f"\n  not worked out: {one.trouble}" if one.trouble else ""))
    for depth, words in outline(value_of(one.definition).value, names_of(where.id)):
        click.echo(f"  {'  ' * depth}{_plain(words)}")
    for who, value, _ in rows:
        click.echo(f"{who}  {_plain(value_text(value))}")


@command.command()
@click.argument("trait_id", type=click.IntRange(1, 2**53))
@_WORKSPACE
def recompute(*, trait_id: int, workspace: str | None) -> None:
    """Work it out for everybody again, now, and say how many values changed."""
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.kernel.errors import Invalid
    from amity.rooms.customers.actions.audiences.refresh import recompute_trait
    from amity.rooms.customers.queries.computed.lists import accessible_trait

    one = accessible_trait(workspace_id=chosen_workspace(workspace).id, trait_id=trait_id)
    if one.archived_at is not None:
        raise Invalid("An archived trait isn't worked out any more.")
    changed = recompute_trait(one.pk)
    one.refresh_from_db()
    click.echo(f"{one.size:,} with a value; {changed:,} changed.")


def _plain(text: str) -> str:
    """Return people's text so that nothing in it can steer the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
