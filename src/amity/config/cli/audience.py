"""`amity audience`: list audiences, show one with its members, look at everybody again, make lists of files."""

from __future__ import annotations

from typing import Any

import click


@click.group(short_help="List and show audiences.")
def command() -> None:
    """Audiences are questions about customers that stay answered."""


_WORKSPACE = click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")


@command.command("list")
@_WORKSPACE
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_command(*, workspace: str | None, as_json: bool) -> None:
    """List the audiences by name, with how many customers are in each."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.rooms.customers.queries.audiences.lists import list_audiences

    found = list_audiences(workspace_id=chosen_workspace(workspace).id)
    if as_json:
        print_json([{"id": one.pk, "name": one.name, "size": one.size, "computed": one.computed_at is not None} for one in found])
        return
    for one in found:
        click.echo(f"{one.pk:>6}  {one.size if one.computed_at else 'counting':>10}  {_plain(one.name)}")


@command.command()
@click.argument("audience_id", type=click.IntRange(1, 2**53))
@_WORKSPACE
@click.option("--limit", default=20, show_default=True, type=click.IntRange(0, 100_000), help="How many of its customers.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def show(*, audience_id: int, workspace: str | None, limit: int, as_json: bool) -> None:
    """Show what an audience means, how large it is, and who is in it."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.rooms.customers.queries.audiences.known import accessible_audience
    from amity.rooms.customers.queries.audiences.lists import member_ids, names_of
    from amity.rooms.customers.queries.audiences.why import conditions_in_words

    where = chosen_workspace(workspace)
    one = accessible_audience(workspace_id=where.id, audience_id=audience_id)
    members = [str(who) for who, _ in member_ids(one.pk, limit=limit)]
    if as_json:
        print_json({"id": one.pk, "name": one.name, "size": one.size, "definition": one.definition, "members": members})
        return
    click.echo(f"{_plain(one.name)}  {one.size:,} customers" + (f"\n  not computed: {one.trouble}" if one.trouble else ""))
    for depth, words in conditions_in_words(one, names_of(where.id)):
        click.echo(f"  {'  ' * depth}{_plain(words)}")
    for who in members:
        click.echo(who)


@command.command()
@click.argument("audience_id", type=click.IntRange(1, 2**53))
@_WORKSPACE
def recompute(*, audience_id: int, workspace: str | None) -> None:
    """Look at everybody again, now, and say who entered and who left."""
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.kernel.errors import Invalid
    from amity.rooms.customers.actions.audiences import refresh
    from amity.rooms.customers.queries.audiences.known import accessible_audience

    one: Any = accessible_audience(workspace_id=chosen_workspace(workspace).id, audience_id=audience_id)
    if one.definition is None or one.archived_at is not None:
        raise Invalid("Only an audience with conditions that isn't archived can be computed.")
    entered, left = refresh.recompute(one.pk)
    one.refresh_from_db()
    click.echo(f"{one.size:,} customers; {entered:,} entered, {left:,} left.")


@command.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False))
@_WORKSPACE
@click.option("--column", help="Which column names the customers; guessed where it isn't given.")
@click.option("--kind", help="Which kind of identifier stands there: email, user_id …, @customer, or any; guessed, too.")
@click.option("--mode", type=click.Choice(["add", "remove", "replace"]), default="add", show_default=True)
@click.option(
    "--report", type=click.Path(dir_okay=False, writable=True), help="Write lines that named nobody to this file, as CSV."
)
def upload(*, name: str, file: str, workspace: str | None, report: str | None, mode: Any, **given: str | None) -> None:
    """Make the list NAME of the customers that FILE names, or change it: add, remove, or replace all of it."""
    from pathlib import Path

    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.rooms.customers.actions.audiences.listing import create_list
    from amity.rooms.customers.actions.audiences.uploads import list_table, opened, told
    from amity.rooms.customers.models import Audience
    from amity.rooms.customers.queries.audiences.naming import guess
    from amity.rooms.customers.rules.audiences.listing import REASONS
    from amity.rooms.trust.contracts import COMMAND_LINE

    where, path = chosen_workspace(workspace), Path(file)
    with opened(path, name=path.name) as table:
        guessed = guess(table, workspace_id=where.id)
        column = given["column"] or guessed.column
        kind = guessed.kind if given["kind"] is None else "" if given["kind"] == "any" else given["kind"]
        click.echo(
            f"Column {_plain(column)}, as {kind or 'any identifier'}; " + "; ".join(f"{w}: {h}" for w, h in table.facts), err=True
        )
        one = Audience.objects.filter(workspace_id=where.id, name=name, archived_at=None).first()
        one = one or create_list(COMMAND_LINE, workspace_id=where.id, name=name)
        done, read = list_table(
            COMMAND_LINE, table, workspace_id=where.id, audience_id=one.pk, column=column, kind=kind, mode=mode
        )  # fmt: skip
    counts, trouble = told(done, read)
    one.refresh_from_db()
    click.echo(f"{one.size:,} customers; {done.entered:,} entered, {done.left:,} left.")
    for reason, said in REASONS.items():
        if counts.get(reason):
            lines = ", ".join(str(line) for line, why in trouble if why == reason)
            click.echo(f"{counts[reason]:,} lines {reason}: {said} Lines {lines[:200]}{' …' if len(lines) > 200 else ''}")
    if report:
        Path(report).write_text("line,reason\n" + "".join(f"{line},{why}\n" for line, why in trouble), encoding="utf-8")


def _plain(text: str) -> str:
    """Return people's text so that nothing in it can steer the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
