"""`amity backup`: everything into one file."""

from __future__ import annotations

from pathlib import Path

import click


@click.command(short_help="Write everything to one file, while Amity runs.")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("--encrypt", is_flag=True, help="Ask for a passphrase and encrypt the file with it.")
@click.option(
    "--passphrase-file", metavar="PATH", type=click.Path(path_type=Path), help="Encrypt; the passphrase is its first line."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object about the file.")
def command(file: Path, passphrase_file: Path | None, *, encrypt: bool, as_json: bool) -> None:
    """Write one instant of log, present and past to FILE, with the secret that sign-ins need, while Amity goes on.

    Where it isn't running, its embedded engines are started for this alone.

    The file is read again before it gets its name. It holds everything about your customers: encrypt it (a passphrase in
    AMITY_BACKUP_PASSPHRASE does so too), or keep it where only you can read. An existing FILE is never replaced.
    """
    import asyncio
    import sys

    from amity.config.backup.auditing import note_made
    from amity.config.backup.idle import back_up_idle, is_idle
    from amity.config.backup.making import back_up
    from amity.config.backup.passphrase import to_encrypt
    from amity.config.cli.setup import print_json
    from amity.config.serving.terminal import Terminal
    from amity.kernel.settings import settings

    chosen = settings()
    passphrase = to_encrypt(chosen, file=passphrase_file, wanted=encrypt)
    terminal = Terminal(sys.stderr)
    if is_idle(chosen):
        arguments = [str(file.absolute()), *(["--json"] if as_json else [])]
        sys.exit(asyncio.run(back_up_idle(chosen, arguments, passphrase=passphrase, terminal=terminal)))
    made = asyncio.run(back_up(chosen, file.absolute(), passphrase=passphrase, terminal=terminal))
    if said := note_made(chosen, made, encrypted=passphrase is not None):
        terminal.warn(said)
    about, manifest = made.manifest.about, made.manifest
    if as_json:
        print_json({
            "file": made.path, "bytes": made.bytes, "seconds": round(made.seconds, 1), "encrypted": passphrase is not None, **about,
            "rows": {f"{one.kind}/{one.name}": one.rows for one in manifest.parts},
        })  # fmt: skip
        return
    click.echo(
        f"{made.path}: {made.bytes / 1000:,.0f} kB in {made.seconds:.1f} s, {'encrypted' if passphrase else 'not encrypted'}."
    )
    click.echo(
        f"Interactions {manifest.rows('past'):,}, rows of the present {manifest.rows('present'):,}, log to {about['log']['last']}."
    )
    click.echo(f"Audit head {about['audit']}: give it to amity audit verify --head after a restore.")
