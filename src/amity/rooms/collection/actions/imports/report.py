"""The report of rejected rows: a CSV file that grows as they are found, and counts by reason."""

from __future__ import annotations

import csv
from collections import Counter
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from amity.kernel.cells import safe_cell
from amity.rooms.collection.rules.imports.refusal import Refused

MOST = 1_000_000
"""Rows that a report lists; all are counted."""


class Report:
    """Writes rejected rows to `path` (place, reason, detail, beginning of the row). Without any, there is no file."""

    def __init__(self, path: Path, *, unit: str) -> None:
        self.path, self.unit = path, unit
        self.reasons: Counter[str] = Counter()
        self.count = 0
        self._file: TextIO | None = None

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._file is not None:
            self._file.close()

    def add(self, one: Refused) -> None:
        """Note a row that was left out."""
        self.reasons[one.reason] += 1
        self.count += 1
        if self.count > MOST:
            return
        if self._file is None:
            self._file = self.path.open("w", encoding="utf-8", newline="")
            self.path.chmod(0o600)
            self._rows = csv.writer(self._file)
            self._rows.writerow([self.unit, "reason", "detail", "text"])
        self._rows.writerow([one.line, one.reason, safe_cell(one.detail), safe_cell(one.text)])

    def flush(self) -> None:
        """Let readers see what was written."""
        if self._file is not None and not self._file.closed:
            self._file.flush()
