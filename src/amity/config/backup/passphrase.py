"""Where a passphrase comes from: a file, the environment, or a person who types it. Never the command line, which others see."""

from __future__ import annotations

import sys
from pathlib import Path

from amity.kernel.errors import AmityError, Invalid
from amity.kernel.settings import Settings

_SHORTEST = 8


def to_encrypt(chosen: Settings, *, file: Path | None, wanted: bool) -> str | None:
    """Return the passphrase of a new backup, None for one that is not encrypted. `wanted`: ask where none is given."""
    found = _given(chosen, file)
    if found is None and wanted:
        found = _typed(twice=True)
    if found is not None and len(found) < _SHORTEST:
        raise Invalid(f"A passphrase has at least {_SHORTEST} characters; a sentence is better.")
    return found


def to_open(chosen: Settings, *, file: Path | None, locked: bool) -> str | None:
    """Return the passphrase of a backup that is `locked`; None where it isn't, or where nobody can be asked."""
    if not locked:
        return None
    found = _given(chosen, file)
    return _typed(twice=False) if found is None and sys.stdin.isatty() else found


def _given(chosen: Settings, file: Path | None) -> str | None:
    if file is None:
        return chosen.backup_passphrase or None
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise AmityError(f"The passphrase can't be read from {file}: {error}.") from error
    if not lines or not lines[0]:
        raise Invalid(f"The first line of {file}, which should be the passphrase, is empty.")
    return lines[0]


def _typed(*, twice: bool) -> str:
    import click

    if not sys.stdin.isatty():
        raise Invalid("Nobody is here to type a passphrase: give it with --passphrase-file FILE or in AMITY_BACKUP_PASSPHRASE.")
    return str(click.prompt("Passphrase", hide_input=True, confirmation_prompt=twice, err=True))
