"""Reads an archive from its beginning to its end, and believes nothing that its seals and counts don't confirm."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import msgspec

from amity.engines.archive.layout import (
    DATA,
    DIGEST,
    ENTRY,
    FORMAT,
    HEAD,
    LENGTH,
    LONGEST_FRAME,
    LONGEST_HEADER,
    MAGIC,
    MANIFEST,
    PART,
    PART_END,
    Damaged,
    Header,
    Locked,
    Manifest,
    PartCount,
    PartEnd,
    PartHead,
    Unit,
    digest,
)
from amity.engines.archive.sealing import seal_of
from amity.engines.past.zstd import ZstdError, decompress
from amity.kernel.errors import AmityError


class Part:
    """A part that is being read. Read all of `chunks` before the next part."""

    def __init__(self, reader: Reader, head: PartHead) -> None:
        self.kind, self.name, self.unit = head.kind, head.name, head.unit
        self._reader = reader
        self.rows = self.bytes = 0
        self.done = False

    def chunks(self) -> Iterator[tuple[bytes, int]]:
        """Yield the part's chunks with their rows. Raises Damaged."""
        while True:
            kind, body = self._reader.frame()
            if kind != DATA:
                break
            chunk = decompress(body)
            rows = count_rows(chunk, self.unit)
            self.rows += rows
            self.bytes += len(chunk)
            yield chunk, rows
        if kind != PART_END or msgspec.json.decode(body, type=PartEnd) != PartEnd(rows=self.rows, bytes=self.bytes):
            raise Damaged(f"its part {self.kind}/{self.name} is not whole")
        self.done = True

    def whole(self) -> bytes:
        """Return all of a small part."""
        return b"".join(chunk for chunk, _ in self.chunks())


class Reader:
    """An archive that is being read. `manifest` is known after the last part."""

    def __init__(self, file: BinaryIO, *, passphrase: str | None = None) -> None:
        self._file, self._number = file, 0
        self.header, self._digest = read_header(file)
        self._seal = seal_of(self.header.key, passphrase)
        self.manifest: Manifest | None = None

    def parts(self) -> Iterator[Part]:
        """Yield the parts in order. Raises Damaged."""
        seen: list[PartCount] = []
        while True:
            kind, body = self.frame()
            if kind == MANIFEST:
                break
            if kind != PART:
                raise Damaged("its frames are in disorder")
            part = Part(self, msgspec.json.decode(body, type=PartHead))
            yield part
            if not part.done:
                for _ in part.chunks():
                    pass
            seen.append(PartCount(kind=part.kind, name=part.name, rows=part.rows, bytes=part.bytes))
        manifest = msgspec.json.decode(body, type=Manifest)
        if manifest.parts != tuple(seen):
            raise Damaged("its parts are not those of its manifest")
        if self._file.read(1):
            raise Damaged("something was added behind its end")
        self.manifest = manifest

    def frame(self) -> tuple[int, bytes]:
        """Return the next frame's kind and body."""
        head = _exactly(self._file, HEAD.size)
        length, kind, number = HEAD.unpack(head)
        if number != self._number or not 0 < length <= LONGEST_FRAME or not PART <= kind <= MANIFEST:
            raise Damaged(f"its frame {self._number} was changed or damaged")
        body = self._seal.open(number, _exactly(self._file, length), self._digest + head)
        self._number += 1
        return kind, body


@contextmanager
def opened(path: Path, *, passphrase: str | None) -> Iterator[Reader]:
    """Open an archive. What is found wrong on the way is said of `path`, as Damaged, Locked or AmityError."""
    with _said_of(path), path.open("rb") as file:
        yield Reader(file, passphrase=passphrase)


@contextmanager
def _said_of(path: Path) -> Iterator[None]:
    try:
        yield
    except (Damaged, ZstdError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        said = error.message if isinstance(error, Damaged) else "it holds what no Amity wrote"
        raise Damaged(f"{path} is no whole backup: {said}. Use another one.") from error
    except Locked as error:
        raise Locked(f"{path} {error.message}.") from error
    except (FileNotFoundError, IsADirectoryError, PermissionError) as error:
        if error.filename != str(path):
            raise
        raise AmityError(f"{path} can't be read: {error.strerror}.") from error


def check_whole(path: Path, passphrase: str | None) -> Manifest:
    """Read a backup from its beginning to its end and return its manifest. Raises AmityError where it isn't whole."""
    with opened(path, passphrase=passphrase) as reader:
        for part in reader.parts():
            for _ in part.chunks():
                pass
        assert reader.manifest is not None  # noqa: S101
        return reader.manifest


def read_header(file: BinaryIO) -> tuple[Header, bytes]:
    """Read the header and its digest. Raises Damaged, AmityError for a format of the future."""
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        raise Damaged("it doesn't begin as a backup of Amity's does")
    raw = _exactly(file, LENGTH.size)
    [length] = LENGTH.unpack(raw)
    if length > LONGEST_HEADER:
        raise Damaged("its header was changed or damaged")
    body = _exactly(file, length)
    made = digest(magic + raw + body)
    if _exactly(file, DIGEST) != made:
        raise Damaged("its header was changed or damaged")
    found = msgspec.json.decode(body, type=dict[str, object])
    if found.get("format") != FORMAT:
        raise AmityError(
            f"This backup was made by Amity {found.get('amity')}, in a form that this one doesn't know: use that one."
        )
    return msgspec.convert(found, Header), made


def count_rows(chunk: bytes, unit: Unit) -> int:
    """Return how many rows a chunk holds. Raises Damaged where they don't fill it."""
    if unit == "lines":
        if not chunk.endswith(b"\n"):
            raise Damaged("a row of it is not whole")
        return chunk.count(b"\n")
    if unit == "whole":
        return 1
    at = rows = 0
    while at < len(chunk):
        at += ENTRY.size + ENTRY.unpack_from(chunk, at)[2] if at + ENTRY.size <= len(chunk) else ENTRY.size
        rows += 1
    if at != len(chunk):
        raise Damaged("an entry of it is not whole")
    return rows


def _exactly(file: BinaryIO, size: int) -> bytes:
    found = file.read(size)
    if len(found) != size:
        raise Damaged("its end is missing")
    return found


def opened_header(path: Path) -> Header:
    """Return the header of an archive, which needs no passphrase. Raises Damaged or AmityError, said of `path`."""
    with _said_of(path), path.open("rb") as file:
        return read_header(file)[0]
