"""`amity replay`: work interactions of a time span again."""

from __future__ import annotations

from datetime import UTC, datetime

import click


class Instant(click.ParamType[int]):
    """A date or time of ISO 8601; without an offset it is UTC."""

    name = "time"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return milliseconds since 1970."""
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is no time; write it like 2026-11-22 or 2026-11-22T08:30:00+01:00.", param, ctx)
        return round((found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() * 1000)


@click.command(short_help="Work interactions of a time span again.")
@click.option("--from", "since", type=Instant(), required=True, help="When it begins, by when Amity stored them (ISO 8601, UTC).")
@click.option("--to", "until", type=Instant(), required=True, help="When it ends; this instant is not part of it.")
@click.option("--workspace", metavar="SLUG", help="Only this workspace's; without it everyone's.")
@click.option("--mute", is_flag=True, help="Nobody outside is to notice: no messages, no facts, no live feed.")
def command(*, since: int, until: int, workspace: str | None, mute: bool) -> None:
    """Work the interactions that were stored in a time span again, after a rule or a step has changed.

    What they did to customers is worked out anew, and their rows in the past are replaced; nothing is doubled. If it is
    interrupted, the same command goes on where it stopped.
    """
    import asyncio

    from amity.config.cli.setup import django_ready

    if until <= since:
        raise click.BadParameter("It has to lie after --from.", param_hint="--to")
    django_ready()
    from amity.engines.addresses import addresses
    from amity.engines.log.client import Log
    from amity.engines.present.models import Replay
    from amity.rooms.trust import api as trust
    from amity.workers.replay import Asked, replay

    where = trust.get_workspace(workspace).id if workspace else None
    asked = Asked(since=since, until=until, workspace=where, muted=mute, by="command line")

    def progress(record: Replay) -> None:
        share = (record.seq - record.first_seq + 1) / (record.last_seq - record.first_seq + 1)
        click.echo(f"\r{share:6.1%}  {record.interactions:,} interactions", nl=False, err=True)

    async def run() -> Replay:
        log = await Log.connect(addresses().log, name="replay")
        try:
            return await replay(log, asked, progress=progress, note=lambda text: click.echo(text, err=True))
        finally:
            await log.close()

    record = asyncio.run(run())
    click.echo(err=True)
    click.echo(
        f"Replay {record.pk}: {record.interactions:,} interactions worked again (sequences {record.first_seq}-{record.last_seq})."
    )
    click.echo("Sessions of the customers concerned are put in order by the worker within a few minutes.")
