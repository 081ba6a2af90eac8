"""What a notebook asked for, as a frame of the library that is at hand: Arrow always, pandas and Polars where installed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import httpx

from amity.kernel.errors import AmityError, Invalid, NotRunning
from amity.notebook.answers import raise_for

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]
    import polars as pl
    import pyarrow as pa  # type: ignore[import-untyped]

_IN_MEMORY = 64 * 1024 * 1024  # larger downloads wait in a temporary file


class Download:
    """Rows that come as Parquet when they are asked for, anew each time. Its file is never whole in memory, its frame is.

    `withheld`: how many rows were left out of the last one, because whose they are didn't allow the purpose; None before there was one.
    """

    def __init__(self, http: httpx.Client, path: str, asked: Mapping[str, Any]) -> None:
        self._http, self._path, self._asked = http, path, asked
        self.withheld: int | None = None

    def arrow(self) -> pa.Table:
        """Return a pyarrow Table: UTC timestamps, decimals, JSON as text."""
        from pyarrow import parquet

        with tempfile.SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
            self._into(file)
            file.seek(0)
            self._note(file)
            return parquet.read_table(file)

    def pandas(self) -> pd.DataFrame:
        """Return a pandas DataFrame on Arrow's types, so that unknown whole numbers stay unknown and money exact."""
        import pandas as pd

        return self.arrow().to_pandas(types_mapper=pd.ArrowDtype)

    def polars(self) -> pl.DataFrame:
        """Return a Polars DataFrame. Raises Invalid where Polars isn't installed."""
        return _polars(self.arrow())

    def save(self, path: str | Path) -> Path:
        """Write the Parquet file to `path`, whole or not at all, and return it."""
        target = Path(path)
        half = target.with_name(f".{target.name}.part")
        try:
            with half.open("wb") as file:
                self._into(file)
            self._note(half)
            half.replace(target)
        finally:
            half.unlink(missing_ok=True)
        return target

    def _note(self, file: Any) -> None:
        from pyarrow import parquet

        self.withheld = int((parquet.read_metadata(file).metadata or {}).get(b"amity.withheld", 0))

    def _into(self, file: IO[bytes]) -> None:
        try:
            with self._http.stream("GET", self._path, params=self._asked) as answer:
                if answer.status_code >= 300:
                    answer.read()
                    raise_for(answer)
                for piece in answer.iter_bytes():
                    file.write(piece)
        except httpx.ConnectError as error:
            raise NotRunning(f"No Amity answers at {self._http.base_url}: {error}") from None
        except httpx.TransportError as error:
            raise AmityError(f"The download broke off, so nothing was kept of it ({error}). Ask again.", code="broken") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rows:
    """The answer to a question in SQL. `truncated`: there were more rows than were asked for."""

    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    truncated: bool

    def arrow(self) -> pa.Table:
        """Return a pyarrow Table with the types that the values show."""
        import pyarrow as pa

        columns = zip(*self.rows, strict=True) if self.rows else ([] for _ in self.columns)
        return pa.table({name: list(values) for name, values in zip(self.columns, columns, strict=True)})

    def pandas(self) -> pd.DataFrame:
        """Return a pandas DataFrame."""
        import pandas as pd

        return pd.DataFrame([list(row) for row in self.rows], columns=list(self.columns))

    def polars(self) -> pl.DataFrame:
        """Return a Polars DataFrame. Raises Invalid where Polars isn't installed."""
        return _polars(self.arrow())


def _polars(table: Any) -> pl.DataFrame:
    try:
        import polars as pl
    except ImportError:
        raise Invalid("Polars isn't installed here: pip install polars, or use .arrow() or .pandas().") from None
    made = pl.from_arrow(table)
    assert isinstance(made, pl.DataFrame)  # noqa: S101  a table gives a frame, a column a series
    return made
