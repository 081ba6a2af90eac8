"""`amity export`: interactions or customers as a file."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from amity.rooms.customers.actions.export import Export

_Command = TypeVar("_Command", bound=Callable[..., Any])


@click.group(short_help="Write interactions or customers to a file.")
def command() -> None:
    """Write FILE as its name says: .parquet, .csv, .jsonl, .xes or .jsonocel, all but the first also with .gz.

    FILE appears whole or not at all, and only its owner may read it; one of that name is replaced. `-` writes to standard
    output and needs --format. Every export is in the audit log with its filters and the number of rows.
    """


def _shared(function: _Command) -> _Command:
    for option in (
        click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first."),
        click.option("--channel", "channels", multiple=True, help="Only this channel; may be repeated."),
        click.option("--to", "until", metavar="ISO", help="Before this instant, such as 2026-12-01 or 2026-11-01T12:00+01:00."),
        click.option("--from", "since", metavar="ISO", help="From this instant on; without a zone it is UTC."),
        click.option(
            "--format", "form", type=click.Choice(["parquet", "csv", "jsonl", "xes", "jsonocel"]), help="Needed for `-`."
        ),
        click.option(
            "--purpose", default="", help="What the file is for, such as analytics; whoever doesn't allow it is left out."
        ),
    ):
        function = option(function)
    return click.argument("file", metavar="FILE|-")(function)


@command.command()
@_shared
@click.option("--source", "sources", multiple=True, metavar="ID_OR_NAME", help="Only from this source; may be repeated.")
@click.option("--event", "names", multiple=True, metavar="NAME", help="Only events of this name; may be repeated.")
@click.option("--type", "types", multiple=True, help="Only track, identify, page, screen, group or alias; may be repeated.")
@click.option("--case", default="", metavar="PROPERTY", help="In XES, a trace for each value of it, such as order_id.")
@click.option("--customer", metavar="ID_OR_EMAIL", help="Only this customer's; any identifier will do.")
def interactions(*, file: str, form: str | None, workspace: str | None, purpose: str, **given: Any) -> None:
    """Write interactions of customers who allow a purpose to FILE, oldest first; as XES by customer (or --case) and then by time."""
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.config.cli.writing import write
    from amity.kernel.errors import NotFound
    from amity.rooms.customers.api import find_customer_by_identifier
    from amity.rooms.customers.queries.export import count_interactions
    from amity.rooms.customers.rules.choices.purposes import named
    from amity.rooms.customers.rules.export.wanted import InteractionsWanted, case_of

    where = chosen_workspace(workspace)
    sought = given["customer"]
    customer = None if sought is None else find_customer_by_identifier(workspace_id=where.id, text=sought)
    if sought is not None and customer is None:
        raise NotFound(f"{where.name} has no customer with the identifier {sought!r}.")
    wanted = InteractionsWanted(
        purpose=named(purpose, how="--purpose "),
        customer_id=None if customer is None else customer.id,
        sources=tuple(_source(where.id, one) for one in given["sources"]),
        names=given["names"],
        channels=given["channels"],
        types=given["types"],
        since=_instant("--from", given["since"]),
        until=_instant("--to", given["until"]),
        case=case_of(given["case"]),
    )
    total = count_interactions(workspace_id=where.id, wanted=wanted)
    _told(write(file=file, form=form, workspace_id=where.id, wanted=wanted, total=total))


@command.command()
@_shared
@click.option("--search", default="", metavar="TEXT", help="Only those whom the search in the console finds.")
@click.option("--trait", "traits", multiple=True, metavar="NAME=VALUE", help="Only with this trait; may be repeated.")
def customers(*, file: str, form: str | None, workspace: str | None, purpose: str, **given: Any) -> None:
    """Write customers who allow a purpose to FILE, in the order in which they came. --from and --to frame when they were last seen."""
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.config.cli.writing import write
    from amity.rooms.customers.rules.choices.purposes import named
    from amity.rooms.customers.rules.export.wanted import CustomersWanted

    where = chosen_workspace(workspace)
    wanted = CustomersWanted(
        purpose=named(purpose, how="--purpose "),
        text=given["search"].strip(),
        traits=tuple(_trait(one) for one in given["traits"]),
        channels=given["channels"],
        since=_instant("--from", given["since"]),
        until=_instant("--to", given["until"]),
    )
    _told(write(file=file, form=form, workspace_id=where.id, wanted=wanted))


@command.command()
@click.argument("audience", metavar="NAME|ID")
@click.argument("file", metavar="FILE|-")
@click.option("--purpose", required=True, help="What the file is for, such as marketing_email; who doesn't allow it is left out.")
@click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")
@click.option("--format", "form", type=click.Choice(["parquet", "csv", "jsonl"]), help="Needed for `-`.")
def audience(*, audience: str, file: str, purpose: str, workspace: str | None, form: str | None) -> None:
    """Write the members of an audience who allow a purpose now to FILE, and say how many were left out."""
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.config.cli.writing import write
    from amity.kernel.errors import NotFound
    from amity.rooms.customers.queries.audiences.lists import list_audiences
    from amity.rooms.customers.queries.export import count_members
    from amity.rooms.customers.rules.export.wanted import AudienceWanted

    where = chosen_workspace(workspace)
    found = [one for one in list_audiences(workspace_id=where.id) if audience in {one.name, str(one.pk)}]
    if len(found) != 1:
        raise NotFound(f"{len(found) or 'No'} audiences are called {audience!r}. See: amity audience list")
    wanted = AudienceWanted(audience_id=found[0].pk, purpose=purpose)
    allowed, _ = count_members(workspace_id=where.id, wanted=wanted)
    _told(write(file=file, form=form, workspace_id=where.id, wanted=wanted, total=allowed))


def _told(done: Export) -> None:
    whose = "their customers" if done.subject == "interactions" else "they"
    click.echo(f"{done.withheld:,} left out, because {whose} don't allow {done.wanted.purpose}.", err=True)


def _instant(option: str, text: str | None) -> int | None:
    from amity.kernel.clock import to_ms

    if text is None:
        return None
    try:
        read = datetime.fromisoformat(text)
        return to_ms(read if read.tzinfo else read.replace(tzinfo=UTC))
    except (ValueError, OverflowError):
        raise click.BadParameter(
            f"{text!r} is no instant; write 2026-11-27 or 2026-11-27T10:00+01:00.", param_hint=option
        ) from None


def _trait(text: str) -> tuple[str, str]:
    name, sign, value = text.partition("=")
    if not sign or not name:
        raise click.BadParameter(f"{text!r} is not NAME=VALUE, such as plan=pro.", param_hint="--trait")
    return name, value


def _source(workspace_id: int, text: str) -> int:
    from amity.rooms.collection.api import list_sources

    found = [one.id for one in list_sources(workspace_id=workspace_id) if text in {str(one.id), one.name}]
    if len(found) != 1:
        raise click.BadParameter(
            f"{len(found) or 'No'} sources are called {text!r}. See: amity source list", param_hint="--source"
        )
    return found[0]
