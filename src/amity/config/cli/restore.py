"""`amity restore`: a backup into an empty data folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from amity.config.cli.replay import Instant

if TYPE_CHECKING:
    from amity.engines.archive.layout import Header, Manifest


@click.command(short_help="Restore a backup into an empty data folder.")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--passphrase-file", metavar="PATH", type=click.Path(path_type=Path), help="The passphrase is its first line.")
@click.option(
    "--log", metavar="FOLDER_OR_URL", help="A log that outlived the rest: an old data folder, or the address of a NATS server."
)
@click.option("--until", type=Instant(), help="Leave out what that log stored from this instant on (ISO 8601, UTC).")
@click.option(
    "--erased",
    metavar="PATH",
    type=click.Path(path_type=Path),
    help="Who was erased since: an old data folder, or a copy of its erased.jsonl.",
)
@click.option("--check", is_flag=True, help="Only read FILE to its end and say what it holds; nothing is restored.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about what was restored.")
def command(  # noqa: PLR0913  one for each option
    file: Path,
    passphrase_file: Path | None,
    log: str | None,
    until: int | None,
    erased: Path | None,
    *,
    check: bool,
    as_json: bool,
) -> None:
    """Restore what amity backup wrote to FILE into the data folder AMITY_HOME, which has to be empty.

    The file is checked before anything is touched; rows and audit chain are compared afterwards. Interrupted, the same command
    begins again. With --log, what was collected after the backup follows from a log that is still there. Then: amity serve.

    Customers who were erased after the backup was made are erased again at that start: a list beside FILE, in the folder of --log
    or named with --erased tells who they are.
    """
    import asyncio
    import sys

    from amity.config.backup.passphrase import to_open
    from amity.config.backup.restoring import Asked, restore
    from amity.config.cli.setup import print_json
    from amity.config.serving.terminal import Terminal
    from amity.engines.archive.reading import check_whole, opened_header
    from amity.kernel.settings import settings

    if until is not None and log is None:
        raise click.UsageError("--until needs --log: the backup itself holds nothing of later than its own instant.")
    chosen, file = settings(), file.absolute()
    header = opened_header(file)
    passphrase = to_open(chosen, file=passphrase_file, locked=header.key is not None)
    if check:
        _show(file, header, check_whole(file, passphrase), as_json=as_json)
        return
    asked = Asked(file=file, passphrase=passphrase, log=log, until=until, erased=erased)
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


def _show(file: Path, header: Header, manifest: Manifest, *, as_json: bool) -> None:
    from amity.config.cli.setup import print_json
    from amity.kernel.clock import from_ms

    encrypted = header.key is not None
    if as_json:
        rows = {f"{one.kind}/{one.name}": one.rows for one in manifest.parts}
        print_json({"file": file, "amity": header.amity, "encrypted": encrypted, **manifest.about, "rows": rows})
        return
    instant = from_ms(manifest.about["instant"])
    click.echo(
        f"{file} is whole: of {instant:%Y-%m-%d %H:%M:%S} UTC, by Amity {header.amity}, {'' if encrypted else 'not '}encrypted; "
        f"{manifest.rows('past'):,} rows of the past, {manifest.rows('present'):,} of the present. Audit head {manifest.about['audit']}."
    )
