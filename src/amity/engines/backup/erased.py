"""`erased.jsonl`: who was erased or let back, as keyed hashes, in a file beside the engines and beside backups.

A restore brings back an earlier instant of the engines, and with it whoever was erased since. This list isn't part of what is
restored, so it tells who that is. Lines are only ever appended; the later one counts, and the same one twice is harmless.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

NAME = "erased.jsonl"


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """At an instant (ms since 1970) identifiers were suppressed, as (kind, hash); with `before` they were let back.

    `mark` is the hash of nothing, by which the key of the hashes is known. Without an erasure nothing was erased.
    """

    at: int
    workspace: int
    mark: str
    hashes: tuple[tuple[str, str], ...]
    erasure: str = ""
    request: str = ""
    of: str = ""
    reason: str = ""
    before: int | None = None


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(Line)


def append(folder: Path, lines: Iterable[Line]) -> None:
    """Write lines to the end of a folder's list; they are on disk when this returns. Only its owner may read it."""
    body = b"".join(_encoder.encode(line) + b"\n" for line in lines)
    fd = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
    with os.fdopen(fd, "r+b") as file:
        size = file.seek(0, os.SEEK_END)
        if size and os.pread(fd, 1, size - 1) != b"\n":  # a line that a crash cut off
            body = b"\n" + body
        file.write(body)
        file.flush()
        os.fsync(fd)


def read(path: Path) -> list[Line]:
    """Return the lines of a list, or of the one in a folder; what a crash cut off is left out. Nothing where there is none."""
    return [line for line in _lines(path) if line is not None]


def unreadable(path: Path) -> int:
    """Return how many lines of a list, or of the one in a folder, can't be read."""
    return sum(line is None for line in _lines(path))


def missing(folder: Path, lines: Iterable[Line]) -> list[Line]:
    """Return those lines that a folder's list doesn't hold."""
    held = set(read(folder))
    return [line for line in dict.fromkeys(lines) if line not in held]


def _lines(path: Path) -> Iterator[Line | None]:
    try:
        text = (path / NAME if path.is_dir() else path).read_bytes()
    except FileNotFoundError:
        return
    for line in text.splitlines():
        try:
            yield _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            yield None


def add(folder: Path, lines: Iterable[Line]) -> int:
    """Append those lines that a folder's list doesn't hold yet, and return how many those were."""
    fresh = missing(folder, lines)
    if fresh:
        append(folder, fresh)
    return len(fresh)
