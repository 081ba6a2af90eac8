"""Computed traits as one Parquet file: ids as text, numbers as double, truths, texts; lists and what is mixed as JSON text."""

from __future__ import annotations

import io
import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from uuid import UUID


def as_parquet(  # noqa: PLR0913  one argument for each part
    today: Sequence[UUID],
    then: Sequence[UUID],
    values: Mapping[str, Sequence[Any]],
    *,
    numbers: Collection[str],
    as_of: int,
    withheld: int,
) -> bytes:
    """Return the file: a row a customer (`numbers` are the names of columns that are numbers, though empty), with the instant and how many were left out in its metadata."""
    import pyarrow as pa  # type: ignore[import-untyped]
    from pyarrow import parquet

    columns: dict[str, Any] = {
        "customer_id": pa.array(map(str, today), pa.string()),
        "customer_id_then": pa.array(map(str, then), pa.string()),
        "as_of": pa.array([as_of] * len(today), pa.timestamp("ms", tz="UTC")),
    }
    for name, column in values.items():
        columns[name if name not in columns else f"{name} (trait)"] = _array(column, number=name in numbers)
    table = pa.table(columns).replace_schema_metadata({"amity.withheld": str(withheld), "amity.as_of": str(as_of)})
    spout = io.BytesIO()
    parquet.write_table(table, spout, compression="zstd")
    return spout.getvalue()


def _array(column: Sequence[Any], *, number: bool) -> Any:
    import pyarrow as pa

    kinds = {type(value) for value in column if value is not None}
    if kinds == {bool}:
        return pa.array(column, pa.bool_())
    if number or (kinds and kinds <= {int, float}):
        return pa.array([None if value is None else float(value) for value in column], pa.float64())
    if kinds <= {str}:
        return pa.array(column, pa.string())
    return pa.array([None if value is None else json.dumps(value, ensure_ascii=False) for value in column], pa.string())
