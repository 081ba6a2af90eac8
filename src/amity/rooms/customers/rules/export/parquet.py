"""Rows as one Parquet file with proper types: UTC timestamps, decimals, and JSON as text."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from amity.rooms.customers.rules.export.columns import NO_NOTES, Block, Column, Kind

if TYPE_CHECKING:
    import pyarrow as pa  # type: ignore[import-untyped]

ROWS = 65_536  # of one row group: what is kept in memory until it is written


class Parquet:
    """Turns blocks into row groups of 65,536 rows, compressed with zstd."""

    media_type, ending = "application/vnd.apache.parquet", "parquet"

    def __init__(self, columns: Sequence[Column]) -> None:
        import pyarrow as pa
        from pyarrow import parquet

        self._pa: Any = pa
        self._schema = pa.schema([(column.name, _type(column.kind)) for column in columns])
        self._spout = _Spout()
        self._writer = parquet.ParquetWriter(pa.PythonFile(self._spout, mode="w"), self._schema, compression="zstd")
        self._held: list[Any] = []
        self._rows = 0

    def begin(self) -> bytes:
        """Return the file's first bytes."""
        return self._spout.taken()

    def add(self, block: Block) -> bytes:
        """Return a row group once enough rows came for one."""
        arrays = [self._pa.array(values, type=field.type) for values, field in zip(block, self._schema, strict=True)]
        self._held.append(self._pa.record_batch(arrays, schema=self._schema))
        self._rows += self._held[-1].num_rows
        if self._rows >= ROWS:
            self._write()
        return self._spout.taken()

    def end(self, notes: Mapping[str, str] = NO_NOTES) -> bytes:
        """Return the last row group and the footer with the notes in its metadata, without which no reader takes the file."""
        if self._rows:
            self._write()
        if notes:
            self._writer.add_key_value_metadata(dict(notes))
        self._writer.close()
        return self._spout.taken()

    def _write(self) -> None:
        self._writer.write_table(self._pa.Table.from_batches(self._held), row_group_size=ROWS)
        self._held, self._rows = [], 0


class _Spout(io.RawIOBase):
    """What pyarrow writes to: hands on what it was given instead of keeping it."""

    def __init__(self) -> None:
        super().__init__()
        self._pieces: list[bytes] = []
        self._at = 0

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        piece = bytes(data)
        self._pieces.append(piece)
        self._at += len(piece)
        return len(piece)

    def tell(self) -> int:
        return self._at

    def taken(self) -> bytes:
        out = b"".join(self._pieces)
        self._pieces.clear()
        return out


def _type(kind: Kind) -> pa.DataType:
    import pyarrow as pa

    types: dict[Kind, Any] = {
        "text": pa.string(),
        "json": pa.string(),
        "number": pa.int64(),
        "time": pa.timestamp("ms", tz="UTC"),
        "truth": pa.bool_(),
        "money": pa.decimal128(18, 4),
    }
    return types[kind]
