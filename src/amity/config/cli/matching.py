"""`amity matching`: have customers compared, list who may be the same, say why, decide."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any
from uuid import UUID

import click

if TYPE_CHECKING:
    from amity.rooms.customers.models import MatchRun
    from amity.rooms.trust.contracts import Access, WorkspaceInfo


@click.group(short_help="Find customers who may be the same person.")
def command() -> None:
    """Compare customers, and decide who is the same person."""


_WORKSPACE = click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")
_REASON = click.option("--reason", default="", help="Why; it stands in the audit log, of a join in the ledger too.")
_ID = click.argument("match_id", type=click.IntRange(1, 2**53))


@command.command()
@_WORKSPACE
@click.option("--no-wait", is_flag=True, help="Ask for it and return at once.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def run(*, workspace: str | None, no_wait: bool, as_json: bool) -> None:
    """Let the worker compare everybody, and wait until it has. Ctrl-C stops the run."""
    where, access = _ready(workspace)
    from amity.config.cli.setup import print_json
    from amity.kernel.errors import Invalid
    from amity.rooms.customers import api as customers

    asked = customers.ask_matching(access)
    try:
        while not no_wait and not asked.finished_at:
            time.sleep(0.5)
            before = asked.doing
            asked.refresh_from_db()
            if asked.doing != before and asked.doing:
                click.echo(f"{asked.share:4.0%}  {asked.doing}", err=True)
    except KeyboardInterrupt:
        customers.stop_matching(access, run_id=asked.pk)
        raise
    if asked.state == "failed":
        raise Invalid(asked.trouble)
    if as_json:
        print_json({"workspace": where.slug, **_told(asked)})
    elif no_wait:
        click.echo(f"Asked for, as run {asked.pk}. A worker does it.")
    else:
        click.echo(
            f"{asked.records:,} customers, {asked.pairs:,} pairs compared, {asked.found:,} from {asked.probability:.1%} on, "
            f"{asked.proposed:,} of them undecided."
        )


@command.command("list")
@_WORKSPACE
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 10_000), help="How many.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON array.")
def list_command(*, workspace: str | None, limit: int, as_json: bool) -> None:
    """List who may be the same, heaviest first."""
    where, _ = _ready(workspace)
    from amity.config.cli.setup import print_json
    from amity.rooms.customers.queries.audiences.lists import lines_by_id
    from amity.rooms.customers.queries.matching.pairs import list_proposals
    from amity.rooms.customers.rules.matching.model import probability_of
    from amity.rooms.customers.rules.matching.waterfall import percent

    found = list_proposals(workspace_id=where.id)[:limit]
    if as_json:
        print_json(
            [
                {"id": one.id, "first": one.first, "second": one.second, "weight": one.weight, "probability": probability_of(one.weight)}
                for one in found
            ]
        )  # fmt: skip
        return
    lines = lines_by_id(where.id, [who for one in found for who in (one.first, one.second)])
    for one in found:
        names = " and ".join(_plain(lines[who].name) for who in (one.first, one.second))
        click.echo(f"{one.id:>8}  {percent(probability_of(one.weight)):>10}  {names}")


@command.command()
@_ID
@_WORKSPACE
def show(*, match_id: int, workspace: str | None) -> None:
    """Show why two may be the same: what each comparison adds to the match weight."""
    where, _ = _ready(workspace)
    from amity.rooms.customers.queries.matching.pairs import find_proposal
    from amity.rooms.customers.rules.matching.waterfall import steps_of

    row, one = find_proposal(workspace_id=where.id, pair_id=match_id)
    click.echo(f"{one.first}\n{one.second}")
    for step in steps_of(prior=row.prior, parts=row.parts):
        click.echo(f"{step.weight:+6.1f}  {step.title}: {step.level}")
    click.echo(f"{row.weight:+6.1f}  together, {row.probability:.2%}")


@command.command()
@_ID
@click.option("--also", multiple=True, type=click.UUID, metavar="CUSTOMER_ID", help="Another of their group who is the same.")
@_REASON
@_WORKSPACE
def accept(*, match_id: int, also: tuple[UUID, ...], reason: str, workspace: str | None) -> None:
    """Join the two of a proposal."""
    _, access = _ready(workspace)
    from amity.rooms.customers import api as customers

    click.echo(customers.accept_match(access, pair_id=match_id, reason=reason, also=also))


@command.command()
@_ID
@_REASON
@_WORKSPACE
def reject(*, match_id: int, reason: str, workspace: str | None) -> None:
    """Leave the two as they are, until what is known of one of them changes."""
    _, access = _ready(workspace)
    from amity.rooms.customers import api as customers

    customers.reject_match(access, pair_id=match_id, reason=reason)


@command.command()
@_ID
@_REASON
@_WORKSPACE
def block(*, match_id: int, reason: str, workspace: str | None) -> None:
    """Keep the two apart from now on, whatever evidence comes."""
    _, access = _ready(workspace)
    from amity.rooms.customers import api as customers

    customers.block_match(access, pair_id=match_id, reason=reason)


def _ready(workspace: str | None) -> tuple[WorkspaceInfo, Access]:
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.rooms.trust.contracts import COMMAND_LINE, Access

    where = chosen_workspace(workspace)
    permissions = frozenset({"customers.read", "identity.write"})
    return where, Access(workspace=where, actor=COMMAND_LINE, role="owner", permissions=permissions)


def _told(run: MatchRun) -> dict[str, Any]:
    return {name: getattr(run, name) for name in ("id", "state", "records", "pairs", "found", "proposed", "probability")}


def _plain(text: str) -> str:
    """Return people's text so that nothing in it can steer the terminal."""
    return "".join(c if c.isprintable() else "\ufffd" for c in text)
