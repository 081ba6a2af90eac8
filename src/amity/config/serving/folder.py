"""The data folder's stamp: which layout it has, and whether something in it is unfinished."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

import msgspec

from amity.engines.present import server as present_server
from amity.engines.supervisor.records import write_private
from amity.kernel.errors import AmityError
from amity.kernel.settings import Settings

LAYOUT = 1  # of the data folder as a whole; each engine's tables have numbers of their own
_STAMP, _RESTORING = "amity.json", "restoring.json"


class Stamp(msgspec.Struct, frozen=True, kw_only=True):
    """`amity.json`: the layout of the folder, and the newest Amity that used it."""

    layout: int
    amity: str


class Restoring(msgspec.Struct, frozen=True, kw_only=True):
    """`restoring.json`: a restore from `file` has begun and not ended. All that is in the folder came from it."""

    file: str
    begun: str


def take_folder(chosen: Settings) -> None:
    """Make sure that this Amity can use the folder, and stamp it. Raises AmityError, which says what to do, where it can't."""
    refuse_unfinished(chosen)
    refuse_other_layout(chosen)
    refuse_other_postgresql(chosen)
    stamp(chosen)


def refuse_unfinished(chosen: Settings) -> None:
    """Raise AmityError where a restore did not come to its end."""
    found = restoring(chosen)
    if found is not None:
        raise AmityError(
            f"{chosen.home} is half restored: a restore from {found.file} began at {found.begun} and did not end. "
            f"Run it again: amity restore {found.file}"
        )


def refuse_other_layout(chosen: Settings) -> None:
    """Raise AmityError where a newer Amity has arranged the folder anew."""
    try:
        found = msgspec.json.decode((chosen.home / _STAMP).read_bytes(), type=Stamp)
    except FileNotFoundError:  # new, or from before there were stamps: that is layout 1
        return
    except msgspec.MsgspecError as error:
        raise AmityError(f"{chosen.home / _STAMP} can't be read ({error}). Put it back from a backup of the folder.") from error
    if found.layout > LAYOUT:
        raise AmityError(
            f"{chosen.home} was arranged by Amity {found.amity}, and this is {version('amity')}, which doesn't know that layout. "
            "Install that version again, or restore a backup that this one made into another folder."
        )


def refuse_other_postgresql(chosen: Settings) -> None:
    """Raise AmityError where the embedded PostgreSQL's files belong to another major version: it would not start on them."""
    if chosen.present_url:
        return
    try:
        found = (chosen.home / "present" / "PG_VERSION").read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return
    ours = present_server.major_version()
    if found != ours:
        raise AmityError(
            f"The present in {chosen.home} belongs to PostgreSQL {found}, and this Amity brings {ours}. Start the Amity that made it, "
            "run amity backup FILE there, and with this one restore that file into an empty folder: amity restore FILE."
        )


def stamp(chosen: Settings) -> None:
    """Write down that this Amity uses the folder."""
    write_private(chosen.home / _STAMP, msgspec.json.encode(Stamp(layout=LAYOUT, amity=version("amity"))))


def restoring(chosen: Settings) -> Restoring | None:
    """Return the restore that has not ended, if there is one."""
    try:
        return msgspec.json.decode((chosen.home / _RESTORING).read_bytes(), type=Restoring)
    except FileNotFoundError:
        return None


def begin_restoring(chosen: Settings, *, file: Path, begun: str) -> None:
    """Write down, on disk, that a restore begins."""
    write_private(chosen.home / _RESTORING, msgspec.json.encode(Restoring(file=str(file), begun=begun)))
    _sync(chosen.home)


def end_restoring(chosen: Settings) -> None:
    """Write down that the restore came to its end."""
    stamp(chosen)
    (chosen.home / _RESTORING).unlink()
    _sync(chosen.home)


def _sync(folder: Path) -> None:
    fd = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)
