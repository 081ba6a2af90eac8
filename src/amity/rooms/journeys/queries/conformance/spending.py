"""What customers spent: the money of what they did, in the workspace's currency."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from amity.engines.past.behaviour.asking import named
from amity.engines.past.behaviour.moments import EARLIEST

if TYPE_CHECKING:
    import numpy as np


def spent_by_customer(*, workspace_id: int, currency: str, first: int, last: int) -> tuple[np.ndarray, np.ndarray]:
    """Return customers (`S16`) with what each spent from `first` to `last` (ms), less what they got back. Raises NotRunning."""
    import numpy as np

    from amity.engines.past.client import errors, past, question

    with errors():
        body = past().raw_query(
            question("amity.rooms.journeys", "spent"), fmt="RowBinary",
            parameters={"workspace_id": workspace_id, "currency": currency, "first": max(first, EARLIEST), "last": last},
        )  # fmt: skip
    rows: Any = np.frombuffer(body, dtype=np.dtype([("high", "<u8"), ("low", "<u8"), ("spent", "<f8")]))
    return named(rows["high"], rows["low"]), rows["spent"].copy()
