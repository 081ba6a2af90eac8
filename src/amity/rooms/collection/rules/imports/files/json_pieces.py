"""Takes a JSON text of any size apart into the elements of its arrays, holding one element at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from amity.kernel.errors import Invalid

# A whole string, a bracket or mark outside strings, or at last the beginning of a string whose end isn't there yet.
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|[\[\]{},:]|"', re.DOTALL)
_READ = 256 * 1024
MOST = 8_000_000
"""Bytes that one element may have."""
_STEP = {b"[": 1, b"{": 1, b"]": -1, b"}": -1}
_SPACE = b" \t\r\n\xef\xbb\xbf"


def elements(stream: BinaryIO, *, wanted: frozenset[bytes]) -> Iterator[tuple[bytes, bytes]]:
    """Yield (name, element) of every array that stands under a `wanted` name of the outermost object, in the file's order.

    Where the outermost value is an array itself its elements come under the name b"". Raises Invalid where brackets don't add up.
    """
    scan = _Scan(wanted)
    while chunk := stream.read(_READ):
        yield from scan.more(chunk)
    if scan.depth or scan.held.strip(_SPACE):
        raise Invalid("The file is no whole JSON: it ends in the middle.")


class _Scan:
    """Where the scan stands: brackets open, the wanted array's depth (0: in none), where the element at hand begins."""

    def __init__(self, wanted: frozenset[bytes]) -> None:
        self._wanted = wanted
        self.held = b""
        self.depth = 0
        self._inside, self._begin, self._at = 0, -1, 0
        self._name = self._last = b""

    def more(self, chunk: bytes) -> Iterator[tuple[bytes, bytes]]:
        """Take more bytes; yield the elements that they complete."""
        self.held += chunk
        if len(self.held) > MOST + _READ:
            raise Invalid(f"The file holds a value of more than {MOST:,} bytes.")
        for match in _TOKEN.finditer(self.held, self._at):
            token = match[0]
            if token == b'"':
                self._at = match.start()
                break
            self._at = match.end()
            if self._inside and self.depth == self._inside and token in {b",", b"]"}:
                piece = self.held[self._begin : match.start()].strip(_SPACE)
                self._begin = self._at
                if piece:
                    yield self._name, piece
            self._step(token)
        self._forget()

    def _step(self, token: bytes) -> None:
        self.depth += _STEP.get(token, 0)
        if self.depth < 0:
            raise Invalid("The file is no JSON: a bracket closes that none opened.")
        if self._inside:
            if self.depth < self._inside:
                self._inside, self._begin = 0, -1
        elif token == b"[":
            if (self.depth == 1 and b"" in self._wanted) or (self.depth == 2 and self._name in self._wanted):
                self._inside, self._begin = self.depth, self._at
        elif self.depth == 1:
            if token == b":":
                self._name = self._last
            elif token[:1] == b'"':
                self._last = token[1:-1]

    def _forget(self) -> None:
        """Let go of what is done with."""
        keep = self._begin if self._begin >= 0 else self._at
        self.held, self._at = self.held[keep:], self._at - keep
        self._begin = 0 if self._begin >= 0 else -1
