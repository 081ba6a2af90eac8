"""Small disks of a test's own, which it may fill: real mounts, so a test that wants one skips where none can be made."""

from __future__ import annotations

import contextlib
import os
import subprocess
from pathlib import Path

import pytest


class Volume:
    """A disk of `megabytes` mounted at `path`. What it holds in memory goes with it."""

    def __init__(self, path: Path, megabytes: int) -> None:
        path.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=700", "amity-test", str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            pytest.skip(f"No disk can be mounted here to be filled: {done.stderr.strip()}")
        self.path, self._filler = path, path / "filler"

    @property
    def free(self) -> int:
        """Bytes that can still be written."""
        found = os.statvfs(self.path)
        return found.f_bavail * found.f_frsize

    def fill(self, *, leave: int = 0) -> None:
        """Take all space but `leave` bytes."""
        with self._filler.open("ab") as filler:
            while (more := self.free - leave) > 0:
                with contextlib.suppress(OSError):  # others write meanwhile
                    os.posix_fallocate(filler.fileno(), filler.tell(), more)
                filler.seek(0, os.SEEK_END)

    def empty(self) -> None:
        """Give the space back that `fill` took."""
        self._filler.unlink()

    def unmount(self) -> None:
        """Let it go, even where a process still has a file open on it."""
        subprocess.run(["umount", "--lazy", str(self.path)], check=True)
