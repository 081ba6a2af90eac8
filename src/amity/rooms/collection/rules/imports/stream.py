"""From a file's rows to encoded interactions, in order; the same file and map give the same each time."""

from __future__ import annotations

from collections.abc import Iterator

from amity.facts.interaction import Interaction
from amity.rooms.collection.rules.imports.files.table import Table
from amity.rooms.collection.rules.imports.lines import Joiner
from amity.rooms.collection.rules.imports.looking import Look
from amity.rooms.collection.rules.imports.making import Maker, Whose
from amity.rooms.collection.rules.imports.refusal import Refused, Unfit

_SHOWN = 500


class Stream:
    """Reads a file once. `rows` counts what was read, `left_out` what the map leaves out, `split` orders in several parts."""

    def __init__(self, look: Look, whose: Whose) -> None:
        mapping = look.mapping
        self.table: Table = look.open()
        self._maker = Maker(mapping, look.columns, look.looks, whose, decimal=look.decimal, varying=look.varying)
        self._joiner = Joiner(self._maker, mapping.lines) if mapping.lines is not None else None
        self.rows = 0
        self.left_out = 0

    @property
    def split(self) -> int:
        """How many interactions had so many lines that they became several."""
        return self._joiner.split if self._joiner else 0

    def __iter__(self) -> Iterator[Interaction | Refused]:
        one_by_one = self._maker.make
        for placed in self.table.rows():
            self.rows += 1
            if isinstance(placed, Refused):
                yield placed
                continue
            at, row = placed
            try:
                if self._joiner is not None:
                    yield from self._finished(self._joiner.add(at, row), row)
                    continue
                made = one_by_one(at, row)
            except Unfit as unfit:
                yield _refused(at, unfit, row)
                continue
            if made is None:
                self.left_out += 1
            else:
                yield made
        if self._joiner is not None:
            yield from self._finished(self._joiner.rest(), {})

    def _finished(
        self, done: Iterator[tuple[int, Interaction | Unfit]], row: dict[str, object]
    ) -> Iterator[Interaction | Refused]:
        for at, made in done:
            yield _refused(at, made, row) if isinstance(made, Unfit) else made


def _refused(at: int, unfit: Unfit, row: dict[str, object]) -> Refused:
    text = ", ".join(f"{name}: {cell}" for name, cell in row.items() if cell not in (None, ""))
    return Refused(at, unfit.reason, unfit.detail, text[:_SHOWN].encode("utf-8", "replace").decode().replace("\x00", "\ufffd"))
