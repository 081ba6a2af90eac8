"""JSON Lines: an object a line; and a JSON file that is one array of objects."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

import msgspec

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.imports.files.json_pieces import elements
from amity.rooms.collection.rules.imports.files.table import LINE_MOST, Measured, Placed
from amity.rooms.collection.rules.imports.refusal import Refused

_decode = msgspec.json.Decoder().decode
_TROUBLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
_SHOWN = 500


class JsonLines:
    """A file of objects. Its columns are the names that its first objects use; later ones may use more."""

    typed = True

    def __init__(self, stream: BinaryIO, measured: Measured, *, array: bool, sample: list[dict[str, Any]] | None = None) -> None:
        self._stream, self._array = stream, array
        self.share = measured.share
        self.unit = "element" if array else "line"
        self.columns = _names(sample or [])

    def learn(self, sample: list[dict[str, Any]]) -> None:
        """Name the columns by some objects."""
        self.columns = _names(sample)

    def rows(self) -> Iterator[Placed | Refused]:
        """Yield each object with the number of its line, or of its place in the array."""
        at = 0
        try:
            for at, text in enumerate(self._texts(), 1):
                if text and (text := text.strip()):
                    yield self._row(at, text)
        except Invalid as error:
            yield Refused(at + 1, "unreadable", error.message)

    def _texts(self) -> Iterator[bytes]:
        if self._array:
            yield from (text for _, text in elements(self._stream, wanted=frozenset({b""})))
            return
        while line := self._stream.readline(LINE_MOST):
            whole = line
            while line and not line.endswith(b"\n") and len(line) == LINE_MOST:  # the rest of what is too long is passed over
                line = self._stream.readline(LINE_MOST)
            yield whole.removeprefix(b"\xef\xbb\xbf")

    def _row(self, at: int, text: bytes) -> Placed | Refused:
        try:
            row = _decode(text)
        except _TROUBLE as error:
            return Refused(at, "unreadable", f"It is no JSON: {error}.", text[:_SHOWN].decode("utf-8", "replace"))
        if not isinstance(row, dict):
            return Refused(at, "unreadable", "It is no object.", text[:_SHOWN].decode("utf-8", "replace"))
        return at, row


def _names(sample: list[dict[str, Any]]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for row in sample:
        for name, value in row.items():
            names[name] = None
            if isinstance(value, dict):
                names.update({f"{name}.{inner}": None for inner in value})
    return tuple(names)
