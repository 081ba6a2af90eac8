"""A bit that really flips in a file of an engine, as a disk or a memory module would flip it."""

from __future__ import annotations

from pathlib import Path


def flip_bit(files: list[Path], near: bytes, *, offset: int = 0) -> Path:
    """Flip the lowest bit of the byte `offset` behind where `near` first stands in one of the files; return that file."""
    for path in files:
        body = path.read_bytes()
        at = body.find(near)
        if at >= 0:
            with path.open("r+b") as file:
                file.seek(at + offset)
                file.write(bytes([body[at + offset] ^ 1]))
            return path
    raise AssertionError(f"{near!r} stands in none of {files}")
