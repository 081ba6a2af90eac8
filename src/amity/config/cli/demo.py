"""`amity demo`: Linden, the invented company, and the truth about it."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from amity.engines.log.bulk import Progress
    from amity.rooms.collection.contracts import SourceView

CUSTOMERS, SEED = 20_000, 1
_SIZE = click.option(
    "--customers", type=click.IntRange(1, 100_000), default=None, help=f"How many customers; {CUSTOMERS:,} unless told."
)
_SEED = click.option("--seed", type=int, default=None, help=f"Another number tells another story; {SEED} unless told.")


@click.group(invoke_without_command=True, short_help="Load the demo company; write down the truth about it.")
@_SIZE
@_SEED
@click.option("--wait", is_flag=True, help="Return only when all of it can be seen.")
@click.pass_context
def command(context: click.Context, *, customers: int | None, seed: int | None, wait: bool) -> None:
    """Load a year of Linden, an invented bank and shop, into the workspace `linden`: some 53 interactions a customer.

    Stop it at any time and start it again: nothing is stored twice.
    """
    if context.invoked_subcommand is None:
        _load(customers=customers or CUSTOMERS, seed=SEED if seed is None else seed, wait=wait)


def _load(*, customers: int, seed: int, wait: bool) -> None:
    from amity.config.cli.placing import await_placed
    from amity.config.cli.setup import django_ready

    django_ready()
    from amity.config.linden.furnish import furnish
    from amity.demo.company import found
    from amity.demo.loading import load
    from amity.demo.record import Story, remember_lives, remember_story
    from amity.engines.addresses import addresses
    from amity.kernel.clock import to_ms
    from amity.kernel.settings import settings

    sources = make_sources()
    story = Story(customers=customers, seed=seed, end=to_ms(min(source.created_at for source in sources)))
    folder = settings().home / "cache"
    company = found(customers=customers, seed=seed, end=story.end)
    shown = _Shown(company.calendar.start, story.end)
    try:
        loaded = load(
            company, log_url=addresses().log, workspace=sources[0].workspace_id, sources=[one.id for one in sources], told=shown
        )
    except KeyboardInterrupt:
        click.echo("\nStopped. Run amity demo again to load the rest; nothing will be stored twice.", err=True)
        raise SystemExit(130) from None
    shown.done()
    remember_story(folder, story)
    remember_lives(folder, company, story)
    click.echo(f"{loaded.interactions:,} interactions of {customers:,} customers are in the log.")
    if wait:
        await_placed(loaded.seq, present=addresses().present, told=shown.placing)
        shown.done()
    made = furnish()
    if made:
        click.echo(f"{made} audiences, personas, metrics, funnels, journeys and the like were made for Linden.")
    click.echo(f"See them at {settings().public_console}/w/linden/")


@command.command(short_help="Write the truth about the demo company as JSON.")
@click.argument("file", type=click.Path(dir_okay=False, allow_dash=True), default="-")
@_SIZE
@_SEED
@click.option("--end", help="When the story ends, in ISO form; unless told, when it was loaded here.")
def truth(*, file: str, customers: int | None, seed: int | None, end: str | None) -> None:
    """Write what is true of Linden to FILE (or standard output): equations, coefficients, customers, identities, comments.

    It is the truth of the story that was loaded here last; of another one where size, seed and end say so.
    """
    import msgspec

    from amity.demo.company import found
    from amity.demo.ledger import Ledger
    from amity.demo.record import recall_story
    from amity.kernel.errors import Invalid, NotFound
    from amity.kernel.settings import settings

    story = recall_story(settings().home / "cache")
    try:
        until = int(datetime.fromisoformat(end).astimezone(UTC).timestamp() * 1000) if end else story.end if story else None
    except ValueError:
        raise Invalid(f"--end {end} is no time in ISO form, such as 2026-11-27T12:00:00+00:00.") from None
    if until is None:
        raise NotFound("No demo company was loaded into this data folder. Run amity demo first, or say --end.")
    customers = customers or (story.customers if story else CUSTOMERS)
    seed = seed if seed is not None else story.seed if story else SEED
    ledger = Ledger(found(customers=customers, seed=seed, end=until))
    ledger.write()
    with click.open_file(file, "wb") as out:
        out.write(msgspec.json.encode(ledger.document()) + b"\n")


@command.command(short_help="Go on telling, as it happens.")
def live() -> None:
    """Go on with the lives of the customers that were loaded here, through the edge, until stopped; `amity serve` does so by itself.

    It ends by itself where the workspace is gone or one of its sources is disabled.
    """
    import asyncio
    import os

    from amity.config.serving.plan import reachable
    from amity.demo.record import recall_story
    from amity.demo.trickle import trickle
    from amity.kernel.errors import NotFound
    from amity.kernel.settings import settings

    chosen = settings()
    folder = chosen.home / "cache"
    story = recall_story(folder)
    if story is None:
        raise NotFound("No demo company was loaded into this data folder, so there is none to go on with. Run amity demo first.")
    os.nice(10)
    edge = f"http://{reachable(chosen.bind)}:{chosen.edge_port}"
    try:
        asyncio.run(trickle(folder=folder, story=story, edge=edge, keys=_keys))
    except LookupError as error:
        raise NotFound(str(error)) from error
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    click.echo("The demo company's sources are gone or disabled: nothing more is sent.")


def _keys() -> list[str] | None:
    import json
    import subprocess

    asking = [sys.executable, "-m", "amity.config.serving.demo_keys"]
    keys: list[str] | None = json.loads(subprocess.run(asking, check=True, stdout=subprocess.PIPE).stdout)
    return keys


def make_sources() -> list[SourceView]:
    """Return the demo's sources, made where they are missing; in the order of `SOURCES`. The story ends when they were made."""
    from amity.demo.company import SOURCES
    from amity.kernel.errors import Invalid
    from amity.rooms.collection.api import create_source, list_sources
    from amity.rooms.trust.api import ensure_workspace, get_workspace
    from amity.rooms.trust.contracts import COMMAND_LINE

    ensure_workspace(slug="linden", name="Linden", is_demo=True)
    where = get_workspace("linden")
    if not where.is_demo:
        raise Invalid("The workspace linden is a real one here, so the demo isn't loaded into it.")
    there = {source.name: source for source in list_sources(workspace_id=where.id)}
    for _, name, kind in SOURCES:
        if name not in there:
            there[name] = create_source(workspace_id=where.id, name=name, kind=kind, actor=COMMAND_LINE)
    return [there[name] for _, name, _ in SOURCES]


class _Shown:
    """One line that grows where a person looks, and a line every tenth elsewhere. Hears of progress from another thread."""

    def __init__(self, start: int, end: int) -> None:
        self._start, self._end, self._tenth, self._trouble = start, end, 0, ""
        self._live = sys.stderr.isatty()

    def __call__(self, progress: Progress) -> None:
        share = min(max(((progress.mark or self._start) - self._start) / (self._end - self._start), 0.0), 1.0)
        line = f"Loading Linden's year: {progress.interactions:,} interactions, {share:.0%}"
        if progress.trouble and progress.trouble != self._trouble:
            click.echo(f"{line}. Waiting: {progress.trouble}", err=True)
        elif self._live:
            click.echo(f"\r{line} ", err=True, nl=False)
        elif int(share * 10) > self._tenth:
            self._tenth = int(share * 10)
            click.echo(line, err=True)
        self._trouble = progress.trouble

    def placing(self, share: float) -> None:
        """Show how far the workers are."""
        begin = "\r" if self._live else ""
        click.echo(f"{begin}Placing them: {share:.0%} ", err=True, nl=not self._live)

    def done(self) -> None:
        """End the line."""
        if self._live:
            click.echo("", err=True)
