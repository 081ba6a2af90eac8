"""Cuts a stream of lines into chunks that end where a line ends."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

CHUNK = 8 * 1024 * 1024  # bytes: what is held in memory at once, a few times over


def lines_in_chunks(pieces: Iterable[bytes | bytearray | memoryview], *, size: int = CHUNK) -> Iterator[tuple[bytes, int]]:
    """Yield chunks of at least `size` bytes (the last one may be smaller) with the number of their lines.

    A line that is longer makes a longer chunk. What follows the last newline comes last, as it is.
    """
    held: list[bytes | bytearray | memoryview] = []
    length = 0
    for piece in pieces:
        held.append(piece)
        length += len(piece)
        if length >= size:
            whole = b"".join(held)
            cut = whole.rfind(b"\n") + 1
            held = [whole[cut:]]
            length = len(held[0])
            if cut:
                yield whole[:cut], whole.count(b"\n", 0, cut)
    if rest := b"".join(held):
        yield rest, rest.count(b"\n")
