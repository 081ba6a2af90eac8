"""CSV and TSV: records of cells, quoted or not, over several lines or not, with an eye on the one quote that swallows the rest."""

from __future__ import annotations

import contextlib
import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import BinaryIO

from amity.kernel.cells import plain_cell
from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.imports.files.table import LINE_MOST, Measured, Placed, distinct
from amity.rooms.collection.rules.imports.refusal import Refused

SEPARATORS = (",", ";", "\t", "|")
_SAYS_SEPARATOR = re.compile(r"sep=(.)\s*")
_SHOWN = 500
_PLAIN = {"utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"}


def find_separator(text: str) -> str:
    """Return the character that separates cells in the beginning of a file: that by which its records agree on most columns."""
    said = _SAYS_SEPARATOR.match(text)
    if said:
        return said[1]
    scores: dict[str, tuple[float, int]] = {}
    for one in SEPARATORS:
        widths = _widths(text, one)[:-1] or [1]
        usual = max(set(widths), key=lambda width: (widths.count(width), width))
        scores[one] = (widths.count(usual) / len(widths) if usual > 1 else 0.0, usual)
    best = max(SEPARATORS, key=lambda one: scores[one])
    return best if scores[best][0] else ","


def _widths(text: str, separator: str) -> list[int]:
    """Return how many cells each record of the beginning has, as far as it can be read."""
    widths: list[int] = []
    with contextlib.suppress(csv.Error):
        widths.extend(len(cells) for cells in csv.reader(io.StringIO(text, newline=""), delimiter=separator) if cells)
    return widths


class _Feed:
    """Hands lines to the CSV reader, remembers those of the record at hand, and takes lines back."""

    def __init__(self, text: io.TextIOBase) -> None:
        self._next, self._back = text.readline, deque[str]()
        self.line = 0
        self.record: list[str] = []
        self.odd = False
        self.ended = False

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = self._back.popleft() if self._back else self._next(LINE_MOST)
        if not line:
            self.ended = True
            raise StopIteration
        self.line += 1
        self.record.append(line)
        if "\x00" in line or (not line.isascii() and _halved(line)):
            self.odd = True
        return line

    @property
    def unclosed(self) -> bool:
        """Whether the record goes on to the end of the file in a quote that nothing closes."""
        return self.ended and len(self.record) > 1 and sum(line.count('"') for line in self.record) % 2 == 1

    def take_back(self) -> None:
        """Give all lines of the record but its first to the reader again."""
        self.ended = False
        back = self.record[1:]
        self._back.extendleft(reversed(back))
        self.line -= len(back)


class Delimited:
    """A CSV or TSV file. A record that is wrong costs one line: what its open quote swallowed is read again without it."""

    typed = False
    unit = "line"

    def __init__(
        self, stream: BinaryIO, measured: Measured, *, encoding: str, separator: str, names: tuple[str, ...] | None
    ) -> None:
        errors = "replace" if encoding in _PLAIN else "surrogateescape"
        self._feed = _Feed(io.TextIOWrapper(stream, encoding=encoding, errors=errors, newline=""))
        self._reader = csv.reader(self._feed, delimiter=separator)
        self.share = measured.share
        self.columns = names or distinct(self._header())

    def _header(self) -> list[str]:
        try:
            cells = next((cells for cells in self._reader if cells), [])
            if _SAYS_SEPARATOR.fullmatch("".join(self._feed.record)) and self._feed.line == 1:
                cells = next((cells for cells in self._reader if cells), [])
        except csv.Error as error:
            raise Invalid(f"The first line can't be read as names of columns: {error}.") from error
        if not cells:
            raise Invalid("The file is empty.")
        return _plain(self._feed.record, cells)

    def rows(self) -> Iterator[Placed | Refused]:
        """Yield each record with the number of its first line."""
        feed, reader, columns, width = self._feed, self._reader, self.columns, len(self.columns)
        record = feed.record
        while True:
            record.clear()
            feed.odd = False
            at = feed.line + 1
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield self._refuse(at, "unreadable", f"It can't be read: {error}.")
                continue
            if feed.odd:
                yield self._refuse(at, "bad_text", "It holds bytes that are no text in this encoding, or the character NUL.")
            elif feed.unclosed:
                yield self._refuse(at, "unreadable", "It opens a quote that nothing closes.")
            elif len(cells) == width or (len(cells) > width and not any(cells[width:])):
                yield at, dict(zip(columns, _plain(record, cells), strict=False))
            elif cells:
                yield self._refuse(at, "columns", f"It has {len(cells)} of {width} cells.")

    def _refuse(self, at: int, reason: str, detail: str) -> Refused:
        feed = self._feed
        text = feed.record[0][:_SHOWN].rstrip("\r\n") if feed.record else ""
        if len(feed.record) > 1:
            feed.take_back()
        return Refused(
            at, reason, detail, text.encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\x00", "\ufffd")
        )


def _plain(record: list[str], cells: list[str]) -> list[str]:
    """Return cells without the apostrophe that files of Amity's, and spreadsheets, put before what could be a formula."""
    return list(map(plain_cell, cells)) if any("'" in line for line in record) else cells


def _halved(line: str) -> bool:
    """Whether the text holds what stands for bytes that are none in the file's encoding."""
    try:
        line.encode()
    except UnicodeEncodeError:
        return True
    return "\ufffd" in line
