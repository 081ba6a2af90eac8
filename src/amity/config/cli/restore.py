"""`amity restore`: a backup into an empty data folder."""

from __future__ import annotations

from pathlib import Path

import click

from amity.config.cli.replay import Instant


@click.command(short_help="Restore a backup into an empty data folder.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--passphrase-file", metavar="PATH", type=click.Path(path_type=Path), help="The passphrase is its first line.")
@click.option(
    "--log", metavar="FOLDER_OR_URL", help="A log that outlived the rest: an old data folder, or the address of a NATS server."
)
@click.option("--until", type=Instant(), help="Leave out what that log stored from this instant on (ISO 8601, UTC).")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about what was restored.")
def command(file: Path, passphrase_file: Path | None, log: str | None, until: int | None, *, as_json: bool) -> None:
    """Restore what amity backup wrote to FILE into the data folder AMITY_HOME, which has to be empty.

    The file is checked before anything is touched; rows and audit chain are compared afterwards. Interrupted, the same command
    begins again. With --log, what was collected after the backup follows from a log that is still there. Then: amity serve.
    """
    import asyncio
    import sys

    from amity.config.backup.passphrase import to_open
    from amity.config.backup.restoring import Asked, restore
    from amity.config.cli.setup import print_json
    from amity.config.serving.terminal import Terminal
    from amity.engines.archive.reading import opened_header
    from amity.kernel.settings import settings

    if until is not None and log is None:
        raise click.UsageError("--until needs --log: the backup itself holds nothing of later than its own instant.")
    chosen, file = settings(), file.absolute()
    header = opened_header(file)
    passphrase = to_open(chosen, file=passphrase_file, locked=header.key is not None)
    asked = Asked(file=file, passphrase=passphrase, log=log, until=until)
    loaded = asyncio.run(restore(chosen, asked, Terminal(sys.stderr)))
    if as_json:
        print_json(loaded)
        return
    followed = loaded["log"]["followed"]
    click.echo(
        f"Restored to {chosen.home}: {loaded['past']:,} rows of the past, {loaded['present']:,} of the present, log to entry {loaded['log']['last']}."
    )
    if followed:
        click.echo(f"{followed:,} entries of the log followed the backup; the worker works them when Amity starts.")
    click.echo(f"The audit chain holds; its head is {loaded['about']['audit']}. Start Amity with: amity serve")
