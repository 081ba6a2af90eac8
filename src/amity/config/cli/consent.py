"""`amity consent link`: make a link into the preference centre."""

from __future__ import annotations

import click


@click.group(short_help="Make a link to a customer's choices.")
def command() -> None:
    """Consent is what customers allow, and for what."""


@command.command()
@click.argument("kind", metavar="KIND")
@click.argument("value", metavar="VALUE")
@click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")
@click.option("--days", type=click.IntRange(1, 1_100), help="How long it lasts; without it as the workspace chose.")
@click.option(
    "--unsubscribes", default="marketing_email", show_default=True, help="What one click ends: a purpose, or topic:KEY."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object, with the headers for an e-mail (RFC 8058).")
def link(  # noqa: PLR0913  one for each option
    *, kind: str, value: str, workspace: str | None, days: int | None, unsubscribes: str, as_json: bool
) -> None:
    """Print a link with which the customer whose KIND is VALUE (`email ines@mail.example`) sees and changes their choices."""
    from amity.config.cli.setup import chosen_workspace, django_ready, print_json

    django_ready()
    from amity.kernel.errors import NotFound
    from amity.rooms.customers.actions.consent.links import make_link
    from amity.rooms.customers.queries.subjects import find_subject
    from amity.rooms.trust.contracts import COMMAND_LINE, Access

    where = chosen_workspace(workspace)
    access = Access(workspace=where, actor=COMMAND_LINE, role="owner", permissions=frozenset({"customers.write"}))
    found = find_subject(workspace_id=where.id, kind=kind, value=value)
    if not found.customer_ids:
        raise NotFound(f"{where.name} has no customer with the {kind} {value!r}.")
    made = make_link(access, customer_id=found.customer_ids[0], days=days, scope=unsubscribes)
    if as_json:
        print_json(
            {
                "customer_id": made.customer_id, "url": made.url, "unsubscribe_url": made.one_click, "ends_at": made.ends_at,
                "headers": made.headers,
            }
        )  # fmt: skip
        return
    click.echo(made.url)
