"""`backup.json` in the data folder: when the last backup of it was made, for the doctor."""

from __future__ import annotations

from pathlib import Path

import msgspec

from amity.engines.supervisor.records import write_private
from amity.kernel.settings import Settings

_NAME = "backup.json"


class LastBackup(msgspec.Struct, frozen=True, kw_only=True):
    """The instant that it is of (ms since 1970), the file and its size in bytes."""

    instant: int
    file: str
    bytes: int


def note_backup(chosen: Settings, *, instant: int, file: Path, size: int) -> None:
    """Write down that a backup was made."""
    write_private(chosen.home / _NAME, msgspec.json.encode(LastBackup(instant=instant, file=str(file), bytes=size)))


def last_backup(chosen: Settings) -> LastBackup | None:
    """Return the last backup that was made of this folder, if any was."""
    try:
        return msgspec.json.decode((chosen.home / _NAME).read_bytes(), type=LastBackup)
    except (OSError, msgspec.MsgspecError):
        return None
