"""Write a file of interactions or customers, in bytes as they come. Both ends of it are in the audit log."""

from __future__ import annotations

import zlib
from collections.abc import Generator, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from django.http import HttpRequest

from amity.kernel.errors import Invalid
from amity.rooms.customers.queries.export import customers, interactions, members
from amity.rooms.customers.rules.export.columns import CUSTOMERS, INTERACTIONS, MEMBERS, Block, Column
from amity.rooms.customers.rules.export.wanted import (
    FORMATS,
    OF_STEPS,
    AudienceWanted,
    CustomersWanted,
    Format,
    InteractionsWanted,
    Wanted,
    Writer,
    told,
)
from amity.rooms.customers.rules.export.xes import Xes
from amity.rooms.trust.api import record
from amity.rooms.trust.contracts import Access, Actor

_GZIP = 31  # zlib's window bits for a gzip file
_COLUMNS: dict[type[Wanted], Sequence[Column]] = {
    InteractionsWanted: INTERACTIONS,
    CustomersWanted: CUSTOMERS,
    AudienceWanted: MEMBERS,
}


@dataclass(kw_only=True)
class Export:
    """One file to be made. `rows` and `complete` tell how far it is. Raises Invalid where such a file can't be."""

    who: Access | Actor
    workspace_id: int
    wanted: Wanted
    form: Format
    gzipped: bool = False
    request: HttpRequest | None = None
    target: str = ""
    rows: int = field(default=0, init=False)
    withheld: int = field(default=0, init=False)  # rows left out, because whose they are doesn't allow the purpose
    complete: bool = field(default=False, init=False)

    def __post_init__(self) -> None:
        if self.form in OF_STEPS and not isinstance(self.wanted, InteractionsWanted):
            raise Invalid(f"{self.form.upper()} holds interactions; customers can be had as parquet, csv or jsonl.")
        if self.form != "xes" and isinstance(self.wanted, InteractionsWanted) and self.wanted.case:
            raise Invalid("Only XES has cases; other forms hold every interaction with its properties.")

    @property
    def subject(self) -> str:
        """What the file holds: `customers` or `interactions`."""
        return "interactions" if isinstance(self.wanted, InteractionsWanted) else "customers"

    @property
    def media_type(self) -> str:
        """The file's media type."""
        return "application/gzip" if self.gzipped else FORMATS[self.form].media_type

    def pieces(self) -> Generator[bytes]:
        """Yield the file's bytes. That it began is recorded before its first byte, and how it ended however it ends.

        Nothing is told apart later: who got half a file got half of the data. Raises NotRunning, NotFound.
        """
        self._note("export.began", {"format": self.form, "filters": told(self.wanted)})
        try:
            with closing(self._blocks()) as blocks:
                plain = self._written(blocks)
                yield from _gzip(plain) if self.gzipped else plain
            self.complete = True
        finally:
            ended: dict[str, object] = {
                "format": self.form,
                "rows": self.rows,
                "withheld": self.withheld,
                "complete": self.complete,
            }
            self._note("export.ended", ended)

    def _written(self, blocks: Iterator[Block]) -> Iterator[bytes]:
        columns = _COLUMNS[type(self.wanted)]
        case = self.wanted.case if isinstance(self.wanted, InteractionsWanted) else ""
        writer: Writer = Xes(columns, case=case) if case else FORMATS[self.form](columns)
        first = next(blocks, None)  # before any byte goes out: what fails at once is told as a failure
        yield writer.begin()
        for block in () if first is None else chain([first], blocks):
            yield writer.add(block)
            self.rows += len(block[0])
        yield writer.end({"amity.purpose": self.wanted.purpose, "amity.withheld": str(self.withheld)})

    def _blocks(self) -> Generator[Block]:
        where: dict[str, Any] = {"workspace_id": self.workspace_id, "withheld": self._withhold}
        if isinstance(self.wanted, CustomersWanted):
            return customers(wanted=self.wanted, **where)
        if isinstance(self.wanted, AudienceWanted):
            return members(wanted=self.wanted, **where)
        return interactions(wanted=self.wanted, by_customer=self.form == "xes", **where)

    def _withhold(self, number: int) -> None:
        self.withheld += number

    def _note(self, action: str, after: dict[str, object]) -> None:
        record(
            self.who,
            action=action,
            target=f"{self.subject}:{self.target}" if self.target else self.subject,
            after=after,
            request=self.request,
            workspace_id=self.workspace_id,
        )


def _gzip(pieces: Iterator[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(6, wbits=_GZIP)
    for piece in pieces:
        yield packer.compress(piece)
    yield packer.flush()
