"""`amity demo`: Linden, the invented company."""

from __future__ import annotations

import sys

import click


@click.command(short_help="Send the demo company's interactions.")
@click.option(
    "--customers", type=click.IntRange(1, 100_000), default=3_000, show_default=True, help="How many customers Linden has."
)
@click.option("--seed", type=int, default=1, show_default=True, help="Another number tells another story.")
def command(*, customers: int, seed: int) -> None:
    """Send half a year of Linden, an invented bank and shop: some 35 interactions a customer, through the real edge.

    They go to the demo workspace `linden`. Stop it at any time and start it again: nothing is stored twice.
    """
    from amity.config.cli.setup import django_ready

    django_ready()
    import asyncio

    from amity.demo.company import tell
    from amity.demo.sender import send
    from amity.kernel.settings import settings

    keys, end = _sources()
    shown = _Progress("Inventing customers", customers)
    told = tell(customers=customers, seed=seed, end=end, progress=shown)
    shown.done()
    shown = _Progress("Sending interactions", len(told))
    try:
        asyncio.run(send(told=told, edge=settings().public_edge, keys=keys, progress=shown))
    except KeyboardInterrupt:
        click.echo("\nStopped. Run amity demo again to send the rest; nothing will be stored twice.", err=True)
        raise SystemExit(130) from None
    except BaseExceptionGroup as group:
        raise group.exceptions[0] from None
    shown.done()
    click.echo(f"{len(told):,} interactions of {customers:,} customers sent to the workspace Linden.")
    click.echo(f"See them at {settings().public_console}/w/linden/")


def _sources() -> tuple[dict[str, str], int]:
    """Return the demo sources' write keys, and when the story ends: when they were made, so that a repeat tells the same."""
    from amity.demo.company import SOURCES
    from amity.kernel.clock import to_ms
    from amity.kernel.errors import Invalid
    from amity.rooms.collection.api import create_source, list_sources
    from amity.rooms.trust.api import ensure_workspace, get_workspace
    from amity.rooms.trust.contracts import COMMAND_LINE

    ensure_workspace(slug="linden", name="Linden", is_demo=True)
    where = get_workspace("linden")
    if not where.is_demo:
        raise Invalid("The workspace linden is a real one here, so the demo isn't sent into it.")
    there = {source.name: source for source in list_sources(workspace_id=where.id)}
    for name, kind in SOURCES.values():
        if name not in there:
            there[name] = create_source(workspace_id=where.id, name=name, kind=kind, actor=COMMAND_LINE)
    ours = {role: there[name] for role, (name, _) in SOURCES.items()}
    return {role: source.write_key for role, source in ours.items()}, to_ms(min(source.created_at for source in ours.values()))


class _Progress:
    """One line that grows where a person looks, and a line every tenth elsewhere."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total, self._tenth = what, total, 0
        self._live = sys.stderr.isatty()

    def __call__(self, number: int) -> None:
        tenth = number * 10 // max(self._total, 1)
        if self._live:
            click.echo(f"\r{self._what}: {number:,} of {self._total:,}", err=True, nl=False)
        elif tenth > self._tenth:
            self._tenth = tenth
            click.echo(f"{self._what}: {number:,} of {self._total:,}", err=True)

    def done(self) -> None:
        """End the line."""
        if self._live:
            click.echo("", err=True)
