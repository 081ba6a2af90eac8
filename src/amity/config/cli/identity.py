"""`amity identity`: show the identity rules, draft them from a file, try them over history, apply them."""

from __future__ import annotations

import json
import time
from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from amity.rooms.customers.models import IdentityRun
    from amity.rooms.trust.contracts import Access, WorkspaceInfo


@click.group(short_help="Show identity rules, try others over history, apply them.")
def command() -> None:
    """Identity rules say which identifiers make interactions one customer's."""


_WORKSPACE = click.option("--workspace", metavar="SLUG", help="Which workspace; without it the one that was made first.")
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@command.command()
@_WORKSPACE
@click.option("--draft", is_flag=True, help="The draft instead of what is in force.")
def rules(*, workspace: str | None, draft: bool) -> None:
    """Print the rules that differ from the defaults as JSON, as `try` reads them."""
    where, _ = _ready(workspace)
    from amity.rooms.customers.queries.ruleset.kept import get_draft, rules_in_force
    from amity.rooms.customers.rules.ruleset import plain

    found = get_draft(where.id).rules if draft else rules_in_force(where.id)
    click.echo(json.dumps(plain(found), indent=2, ensure_ascii=False))


@command.command("try")
@click.argument("file", type=click.File(encoding="utf-8"), required=False)
@_WORKSPACE
@_JSON
def try_rules(*, file: IO[str] | None, workspace: str | None, as_json: bool) -> None:
    """Make the draft what FILE says (JSON; `-` for standard input), try it over history, and say what would change. Ctrl-C stops it."""
    where, access = _ready(workspace)
    from amity.kernel.errors import Invalid
    from amity.rooms.customers import api as customers
    from amity.rooms.customers.actions.ruleset.drafts import draft_all
    from amity.rooms.customers.rules.ruleset import rules_given

    if file is not None:
        try:
            given = json.load(file)
        except ValueError as error:
            raise Invalid(f"{file.name} is no JSON: {error}") from error
        draft_all(access, rules=rules_given(given))
    _end(where, access, customers.ask_trial(access), as_json=as_json)


@command.command()
@click.option("--note", default="", help="What for; it stands with the version.")
@_WORKSPACE
@_JSON
def apply(*, note: str, workspace: str | None, as_json: bool) -> None:
    """Put the draft in force, let history follow, and wait for it. It needs a dry run of just this draft. Ctrl-C stops it."""
    where, access = _ready(workspace)
    from amity.rooms.customers import api as customers

    _end(where, access, customers.apply_rules(access, note=note), as_json=as_json)


def _end(where: WorkspaceInfo, access: Access, run: IdentityRun, *, as_json: bool) -> None:
    """Wait until a worker has done a run, and say what came of it."""
    from amity.config.cli.setup import print_json
    from amity.rooms.customers import api as customers

    told = ""
    try:
        while run.finished_at is None:
            time.sleep(0.5)
            run.refresh_from_db()
            said = f"{run.phase} {run.done:,} of {run.total:,}"
            if said != told:
                click.echo(said, err=True)
                told = said
    except KeyboardInterrupt:
        customers.stop_run(access, run_id=run.pk)
        raise
    if as_json:
        version = run.version.number if run.version else None
        print_json({"workspace": where.slug, "id": run.pk, "version": version, "stopped": run.stopped, "found": run.found})
        return
    for line in _lines(run):
        click.echo(line)


def _lines(run: IdentityRun) -> list[str]:
    found: dict[str, Any] = run.found
    would = "" if run.version_id else "would "
    lines = [
        f"{'Stopped after ' if run.stopped else ''}{found.get('customers', 0):,} customers looked at.",
        f"{found.get('merges', 0):,} {would}become part of another, {found.get('splits', 0):,} {would}be split." if would
        else f"{found.get('merges', 0):,} became part of another, {found.get('splits', 0):,} were split.",
    ]  # fmt: skip
    for what, words in (("refused", "refused"), ("taken", "newly taken")):
        kinds = [f"{number:,} {name.partition(':')[2]}" for name, number in sorted(found.items()) if name.startswith(f"{what}:")]
        if kinds:
            lines.append(f"Identifiers {words}: {', '.join(kinds)}.")
    return lines


def _ready(workspace: str | None) -> tuple[WorkspaceInfo, Access]:
    from amity.config.cli.setup import chosen_workspace, django_ready

    django_ready()
    from amity.rooms.trust.contracts import COMMAND_LINE, Access

    where = chosen_workspace(workspace)
    return where, Access(
        workspace=where, actor=COMMAND_LINE, role="owner", permissions=frozenset({"customers.read", "identity.write"})
    )
