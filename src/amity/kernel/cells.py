"""Cells of a CSV file that a spreadsheet must not take for formulas."""

from __future__ import annotations

import re
from typing import Any

# OWASP's list of beginnings, with the full-width forms that some spreadsheets take for the same. Apostrophes before them
# count too, so that the one which is put in front can be told from one that was there.
_FORMULA = re.compile(r"[' ]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")


def safe_cell(value: Any) -> str:
    """Return a cell's text; one that a spreadsheet would run as a formula gets an apostrophe in front."""
    text = "" if value is None else str(value)
    return f"'{text}" if _FORMULA.match(text) else text


def plain_cell(text: str) -> str:
    """Return the text from which `safe_cell` made this cell."""
    return text[1:] if text.startswith("'") and _FORMULA.match(text, 1) else text
