"""Parquet, some thousand rows at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, BinaryIO

from amity.kernel.errors import Invalid
from amity.rooms.collection.rules.imports.files.table import Placed, distinct
from amity.rooms.collection.rules.imports.refusal import Refused

_AT_ONCE = 5_000


class Parquet:
    """A Parquet file. Cells have the types that they have there."""

    typed = True
    unit = "row"

    def __init__(self, stream: BinaryIO) -> None:
        import pyarrow as pa  # type: ignore[import-untyped]
        import pyarrow.parquet as pq  # type: ignore[import-untyped]

        try:
            self._file = pq.ParquetFile(stream)
        except (pa.ArrowException, OSError) as error:
            raise Invalid(f"The file can't be read as Parquet: {str(error).strip()[:200]}") from error
        self.columns = distinct(list(self._file.schema_arrow.names))
        self._count = max(int(self._file.metadata.num_rows), 1)
        self._done = 0

    def share(self) -> float:
        """Return how many of the rows are read, from 0 to 1."""
        return self._done / self._count

    def rows(self) -> Iterator[Placed | Refused]:
        """Yield each row with its number."""
        import pyarrow as pa

        try:
            for batch in self._file.iter_batches(batch_size=_AT_ONCE):
                cells = [_cells(column, pa) for column in batch.columns]
                for row in zip(*cells, strict=True):
                    self._done += 1
                    yield self._done, dict(zip(self.columns, row, strict=True))
        except (pa.ArrowException, OSError) as error:
            yield Refused(self._done + 1, "unreadable", f"From here on it can't be read: {str(error).strip()[:200]}")


def _cells(column: Any, pa: Any) -> list[Any]:
    kind = column.type
    if pa.types.is_timestamp(kind) and kind.unit == "ns":  # which Python's own datetime can't hold
        column = column.cast(pa.timestamp("us", tz=kind.tz), safe=False)
    found: list[Any] = column.to_pylist()
    return found
