"""Writes an archive beside its final name, and gives it that name only once it is whole, checked and on disk."""

from __future__ import annotations

import errno
import fcntl
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from amity.engines.archive.layout import (
    DATA,
    DIGEST,
    FORMAT,
    HEAD,
    LENGTH,
    MAGIC,
    MANIFEST,
    PART,
    PART_END,
    Header,
    Manifest,
    PartCount,
    PartEnd,
    PartHead,
    Unit,
    digest,
)
from amity.engines.archive.sealing import new_seal
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError

_LEVEL = 3


class PartWriter:
    """Takes a part's rows in chunks; a chunk ends where a row ends."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self.rows = self.bytes = 0

    def add(self, chunk: bytes, *, rows: int) -> None:
        """Add a chunk that holds so many rows."""
        from amity.engines.past.zstd import compress

        if chunk:
            self._writer.frame(DATA, compress(chunk, level=_LEVEL))
            self.rows += rows
            self.bytes += len(chunk)


class Writer:
    """An archive that is being written. Its methods raise OSError where the disk refuses."""

    def __init__(self, file: BinaryIO, *, passphrase: str | None) -> None:
        self._file, self._number = file, 0
        self._seal, key = new_seal(passphrase)
        self.header = Header(format=FORMAT, id=secrets.token_hex(8), amity=version("amity"), made_at=now_ms(), key=key)
        body = msgspec.json.encode(self.header)
        prefix = MAGIC + LENGTH.pack(len(body)) + body
        self._digest = digest(prefix)
        self._file.write(prefix + self._digest)
        self._parts: list[PartCount] = []

    @contextmanager
    def part(self, kind: str, name: str, *, unit: Unit = "lines") -> Iterator[PartWriter]:
        """Write one part."""
        self.frame(PART, msgspec.json.encode(PartHead(kind=kind, name=name, unit=unit)))
        part = PartWriter(self)
        yield part
        self.frame(PART_END, msgspec.json.encode(PartEnd(rows=part.rows, bytes=part.bytes)))
        self._parts.append(PartCount(kind=kind, name=name, rows=part.rows, bytes=part.bytes))

    def document(self, kind: str, name: str, body: bytes) -> None:
        """Write a part that is one small document."""
        with self.part(kind, name, unit="whole") as part:
            part.add(body, rows=1)

    def finish(self, about: dict[str, Any]) -> Manifest:
        """Write the manifest and return it once everything is on disk."""
        manifest = Manifest(parts=tuple(self._parts), about=about)
        self.frame(MANIFEST, msgspec.json.encode(manifest))
        self._file.flush()
        os.fsync(self._file.fileno())
        with suppress(AttributeError, OSError):  # so that who reads it again reads the disk, where the kernel can forget
            os.posix_fadvise(self._file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
        return manifest

    def frame(self, kind: int, body: bytes) -> None:
        """Write one frame."""
        head = HEAD.pack(len(body) + DIGEST, kind, self._number)
        self._file.write(head + self._seal.close(self._number, body, self._digest + head))
        self._number += 1


@contextmanager
def beside(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """Open a file of our own beside `path`, readable by its owner only; it is gone afterwards unless it was renamed.

    Raises AmityError where `path` exists, where it can't be written, or where the disk is full.
    """
    fresh = path.with_name(path.name + ".part")
    if path.exists():
        raise AmityError(f"{path} exists already. Choose another name, or remove it first.")
    if not path.parent.is_dir():
        raise AmityError(f"The folder {path.parent} does not exist. Make it first.")
    try:
        fd = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise AmityError(f"{fresh} can't be written: {error.strerror}.") from error
    file = os.fdopen(fd, "wb")
    try:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        file.close()
        raise AmityError(f"Another backup is writing {fresh}. Wait for it, or choose another name.") from None
    try:
        os.fchmod(fd, 0o600)
        os.ftruncate(fd, 0)  # what a backup left that was killed
        yield file, fresh
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO}:
            raise AmityError(f"{path} could not be written: {error.strerror}. Nothing is kept of it.") from error
        raise
    finally:
        with suppress(OSError):
            fresh.unlink(missing_ok=True)
        with suppress(OSError):  # what is left to write has no room either
            file.close()


def give_name(fresh: Path, path: Path) -> None:
    """Give a finished file its name, for good: also after a power cut. Never replaces another file."""
    try:
        os.link(fresh, path)
    except FileExistsError:
        raise AmityError(f"{path} exists already. Choose another name, or remove it first.") from None
    except OSError:  # a file system without links
        fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
