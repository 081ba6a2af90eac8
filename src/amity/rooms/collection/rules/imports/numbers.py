"""Numbers as people write them: decimal point or comma, groups of thousands, a currency's sign."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_JUNK = re.compile(r"[\s\u00a0\u202f'’€$£¥]")
_POINT = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:,\d{3})+)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?")
_COMMA = re.compile(r"[+-]?(?:\d+|\d{1,3}(?:\.\d{3})+)(?:,\d+)?")
_ONLY_COMMA = re.compile(r"[+-]?(?:\d+,\d{1,2}|\d+,\d{4,}|\d{1,3}(?:\.\d{3})+(?:,\d+)?|0,\d+)")
_ONLY_POINT = re.compile(r"[+-]?(?:\d+\.\d{1,2}|\d+\.\d{4,}|\d{1,3}(?:,\d{3})+(?:\.\d+)?|0\.\d+)")
_CODE = re.compile(r"[+-]?0\d+|\d{16,}|\+\d+")  # leading zeros, card numbers, telephones: no quantities
LONGEST = 40
_BEGINS = frozenset("0123456789-+")


def find_decimal(cells: Iterable[str]) -> str:
    """Return `,` where more cells can only be read with a decimal comma than with a point, else `.`."""
    commas = points = 0
    for cell in cells:
        text = _JUNK.sub("", cell)
        if _ONLY_COMMA.fullmatch(text):
            commas += 1
        elif _ONLY_POINT.fullmatch(text):
            points += 1
    return "," if commas > points else "."


def is_number(cell: str, *, decimal: str) -> bool:
    """Whether a cell is a quantity; codes with leading zeros, telephone numbers and very long ones are not."""
    text = _JUNK.sub("", cell)
    if len(text) > LONGEST or _CODE.fullmatch(text):
        return False
    return bool((_COMMA if decimal == "," else _POINT).fullmatch(text))


def number_reader(*, decimal: str) -> Callable[[str], int | float]:
    """Return a function that reads a number. It raises ValueError for what is none."""

    def read_plain(cell: str) -> int | float:
        if cell[-1:].isdecimal() and cell[:1] in _BEGINS and "_" not in cell and len(cell) <= LONGEST:  # as most are written
            try:
                return float(cell) if "." in cell else int(cell)
            except ValueError:
                pass
        text = _JUNK.sub("", cell)
        if len(text) > LONGEST or not _POINT.fullmatch(text):
            raise ValueError(cell)
        return _whole_or_not(text.replace(",", ""))

    def read_comma(cell: str) -> int | float:
        text = _JUNK.sub("", cell)
        if len(text) > LONGEST or not _COMMA.fullmatch(text):
            raise ValueError(cell)
        return _whole_or_not(text.replace(".", "").replace(",", "."))

    return read_comma if decimal == "," else read_plain


def _whole_or_not(text: str) -> int | float:
    return float(text) if "." in text or "e" in text.lower() else int(text)
