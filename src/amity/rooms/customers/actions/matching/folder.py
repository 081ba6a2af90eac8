"""The folder that a run works in: what customers are compared by stands there for as long as that takes, and no longer."""

from __future__ import annotations

import fcntl
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import mkdtemp
from typing import BinaryIO

from amity.kernel.settings import settings

_HELD = "held"


@contextmanager
def working_folder() -> Iterator[Path]:
    """Make a folder that only its owner can read, and delete it afterwards; also those that a crash left."""
    home = settings().matching
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    sweep(home)
    folder = Path(mkdtemp(dir=home))
    try:
        with (folder / _HELD).open("wb") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            (folder / "scratch").mkdir()
            yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def sweep(home: Path) -> int:
    """Delete folders that nobody works in any more, and return how many: a lock ends with the process that held it."""
    gone = 0
    for folder in home.iterdir():
        try:
            with (folder / _HELD).open("rb") as held:
                if not _is_free(held):
                    continue
        except OSError:  # being made at this moment, or none of ours
            continue
        shutil.rmtree(folder, ignore_errors=True)
        gone += 1
    return gone


def _is_free(held: BinaryIO) -> bool:
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
