"""Write into the audit log that everything was taken out: a backup is the largest of exports."""

from __future__ import annotations

from amity.config.backup.making import Made
from amity.config.secrets import CONSOLE_KEY
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

    from amity.rooms.trust.api import record
    from amity.rooms.trust.contracts import COMMAND_LINE

    about = made.manifest.about
    after = {"file": str(made.path), "bytes": made.bytes, "encrypted": encrypted, "audit_head": about["audit"]}
    try:
        record(COMMAND_LINE, action="backup.made", target=f"backup:{about['id']}", after=after)
    except (DatabaseError, AmityError) as error:
        return f"The backup is made, but could not be written into the audit log: {error}"
    return ""
