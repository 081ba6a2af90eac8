"""One supervisor to a data folder: a file lock that the kernel lets go when its holder dies, however it dies."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path

from amity.kernel.errors import AmityError


class Lock:
    """Hold it with `with Lock(path):`. Raises AmityError that names the process which holds it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __enter__(self) -> None:
        self.fd = os.open(self.path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            pid = os.read(self.fd, 32).decode("ascii", "replace").strip() or "unknown"
            os.close(self.fd)
            raise AmityError(
                f"Amity already runs on {self.path.parent.parent} (process {pid}). "
                "Stop that one first, or choose another data folder with AMITY_HOME."
            ) from None
        os.ftruncate(self.fd, 0)
        os.write(self.fd, str(os.getpid()).encode())

    def __exit__(self, *_: object) -> None:
        os.ftruncate(self.fd, 0)
        os.close(self.fd)


def holder(path: Path) -> int | None:
    """Return the process id of who holds the lock at `path`, None if nobody does."""
    try:
        fd = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(fd, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except OSError:
        text = os.read(fd, 32).decode("ascii", "replace")
        return int(text) if text.isdigit() else -1
    finally:
        os.close(fd)
    return None
