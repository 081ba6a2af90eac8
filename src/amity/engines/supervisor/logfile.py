"""A child's log file: takes whatever it writes, starts a new file at a size, keeps a few old ones."""

from __future__ import annotations

import os
from pathlib import Path

LIMIT = 16 * 1024 * 1024
KEPT = 4


class LogFile:
    """Append bytes; lines are never cut in two between files. `log`, then `log.1` (newest old one) to `log.4`."""

    def __init__(self, path: Path, *, limit: int = LIMIT, kept: int = KEPT) -> None:
        self.path, self.limit, self.kept = path, limit, kept
        self.lost = 0
        self._fd, self._size = -1, 0
        self._open()

    def write(self, data: bytes) -> None:
        """Write all of `data`. Where the disk refuses, what is lost is counted and told of once it accepts again."""
        if self._size + len(data) > self.limit and (cut := data.rfind(b"\n") + 1):
            self._put(data[:cut])
            self._rotate()
            data = data[cut:]
        self._put(data)

    def close(self) -> None:
        """Close it; once is enough, twice is harmless."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def _open(self) -> None:
        self._fd = os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._size = os.fstat(self._fd).st_size

    def _put(self, data: bytes) -> None:
        if self.lost:
            data = f"[{self.lost} bytes of output were lost: the disk refused them]\n".encode() + data
        while data:
            try:
                written = os.write(self._fd, data)
            except OSError:
                self.lost += len(data)
                return
            self._size += written
            data = data[written:]
        self.lost = 0

    def _rotate(self) -> None:
        try:
            for n in range(self.kept - 1, 0, -1):
                if (old := self._old(n)).exists():
                    old.replace(self._old(n + 1))
            self.path.replace(self._old(1))
            full = self._fd
            self._open()
        except OSError:  # without a new file the old one goes on
            return
        os.close(full)

    def _old(self, n: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{n}")
