"""`amity log`: what the log lost, and going on without it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from amity.engines.present.models import LogDamage
    from amity.workers.gap import Missing

_NOTHING = "No reader has stopped at a gap of the log."


@click.group()
def command() -> None:
    """Show what the log lost, and go on without it."""


@command.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def gaps(*, as_json: bool) -> None:
    """Show the gaps at which readers stand, and what was decided about earlier ones."""
    from amity.config.cli.setup import django_ready, print_json

    django_ready()
    from amity.engines.present.models import LogDamage

    missing, rows = _measured(), list(LogDamage.objects.order_by("-id")[:100])
    if as_json:
        print_json({"open": [_as_dict(one) for one in missing], "earlier": [_row_as_dict(one) for one in rows]})
        return
    for one in missing:
        _show(one)
    if not missing:
        click.echo(_NOTHING)
    for row in rows:
        click.echo(_told(row))


@command.command("pass-gap")
@click.option("--reason", required=True, help="Why it is right to go on without them; it is kept, and stands in the audit log.")
@click.option("--by", default="", metavar="WHO", help="Who decides; without it the user name on this machine.")
@click.option("--yes", is_flag=True, help="Don't ask.")
def pass_gap(reason: str, by: str, *, yes: bool) -> None:
    """Let readers that have stopped at a gap of the log go on behind it. What is missing stays lost.

    A running worker goes on within a few seconds. Should the log's data come back instead (from a replica or a backup), it
    does so by itself, and nothing is lost: then this command is not needed.
    """
    from getpass import getuser

    from amity.config.cli.setup import django_ready

    django_ready()
    from amity.kernel.errors import AmityError
    from amity.workers.gap import accept

    missing = _measured()
    if not missing:
        raise AmityError(_NOTHING)
    for one in missing:
        _show(one)
    if not yes:
        click.confirm("Go on without them?", abort=True)
    done = accept(missing, by=by or getuser(), reason=reason)
    for one in done:
        click.echo(f"{one.standing.reader} goes on behind entry {one.on_after:,}.")
    if len(done) < len(missing):
        raise AmityError("A reader has moved meanwhile: look again with amity log gaps.")


def _measured() -> list[Missing]:
    import asyncio

    from amity.workers.gap import passed_ranges
    from amity.workers.position import halted

    standings, passed = halted(), passed_ranges()

    async def measure_all() -> list[Missing]:
        from nats.errors import Error as NatsError

        from amity.engines.addresses import addresses
        from amity.engines.log.client import Log
        from amity.kernel.errors import NotRunning
        from amity.workers.gap import measure, probe

        log = await Log.connect(addresses().log, name="gap")
        try:
            found = [(one, await probe(log, one, passed)) for one in standings]
            return [await measure(log, one, gap) for one, gap in found if gap is not None]
        except (NatsError, OSError, TimeoutError) as error:
            raise NotRunning(f"The log does not answer: {error}.") from error
        finally:
            await log.close()

    return asyncio.run(measure_all()) if standings else []


def _show(one: Missing) -> None:
    click.echo(f"{one.standing.reader} stands at entry {one.standing.seq:,}: {one.said}")
    if not one.entries:
        click.echo(
            f"  Nothing is known to be missing; reading would go on behind entry {one.on_after:,} of the log as it is now."
        )
        return
    click.echo(f"  Missing: entries {one.first:,} to {one.last:,}, {one.entries:,} in all.")
    about = "can't be estimated" if one.interactions is None else f"about {one.interactions:,}, by the entries on either side"
    click.echo(f"  Interactions in them: {about}.")
    click.echo(f"  Collected after {_instant(one.before_at)} and before {_instant(one.after_at)}.")


def _told(row: LogDamage) -> str:
    when = f"{row.created_at:%Y-%m-%d %H:%M:%S} UTC"
    if row.outcome == row.RESCUED:
        return f"{when}: {_which(row)}: damaged in one replica and read from another."
    about = "" if row.interactions is None else f", about {row.interactions:,} interactions"
    return f"{when}: {row.decided_by} passed {_which(row)}{about}: {row.reason}"


def _which(row: LogDamage) -> str:
    if row.last_seq < row.first_seq:
        return "another log in its place"
    return f"entries {row.first_seq:,} to {row.last_seq:,}" if row.last_seq > row.first_seq else f"entry {row.first_seq:,}"


def _instant(value: object) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S} UTC" if value else "an unknown time"


def _as_dict(one: Missing) -> dict[str, object]:
    return {
        "reader": one.standing.reader, "position": one.standing.seq, "said": one.said, "first": one.first, "last": one.last,
        "entries": one.entries, "interactions": one.interactions, "on_after": one.on_after, "before_at": one.before_at,
        "after_at": one.after_at,
    }  # fmt: skip


def _row_as_dict(row: LogDamage) -> dict[str, object]:
    return {
        "outcome": row.outcome, "first": row.first_seq, "last": row.last_seq, "said": row.said, "interactions": row.interactions,
        "decided_by": row.decided_by, "reason": row.reason, "at": row.created_at,
    }  # fmt: skip
