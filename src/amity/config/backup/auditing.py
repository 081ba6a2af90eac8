"""Write into the audit log that everything was taken out: a backup is the largest of exports."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from amity.config.backup.making import Made
from amity.config.secrets import CONSOLE_KEY
from amity.engines.backup.erased import NAME, add, read
from amity.kernel.errors import AmityError
from amity.kernel.settings import Settings


def note_made(chosen: Settings, made: Made, *, encrypted: bool) -> str:
    """Record a backup that was made; return a sentence where a person should know something about it, else nothing."""
    if not (chosen.secrets / CONSOLE_KEY).exists():  # Django would make one, and the next backup would take that for the real one
        return (
            f"{chosen.home} holds no console key, so neither does the backup: run it where the console runs, or authenticator apps "
            "will not open after a restore. It stands in no audit log either."
        )
    from amity.config.cli.setup import django_ready

    django_ready()
    from django.db import DatabaseError

    from amity.rooms.trust.api import record, write_list
    from amity.rooms.trust.contracts import COMMAND_LINE

    about = made.manifest.about
    after = {"file": str(made.path), "bytes": made.bytes, "encrypted": encrypted, "audit_head": about["audit"]}
    try:
        record(COMMAND_LINE, action="backup.made", target=f"backup:{about['id']}", after=after)
    except (DatabaseError, AmityError) as error:
        return f"The backup is made, but could not be written into the audit log: {error}"
    try:
        _bring_list(chosen, made.path.parent, write_list)
    except (DatabaseError, AmityError, OSError) as error:
        return f"The backup is made, but not the list of who was erased beside it ({NAME}): {error}"
    return ""


def _bring_list(chosen: Settings, folder: Path, write_list: Callable[[Path], int]) -> None:
    """Bring the list of who was erased up to date, and beside the backup: a restore of it will need what comes later."""
    write_list(chosen.home)
    if lines := read(chosen.home):
        add(folder, lines)
