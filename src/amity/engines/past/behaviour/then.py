"""Which customers there were at an instant of the past, as far as was known then."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

from amity.engines.past.behaviour.asking import SETTINGS, named
from amity.engines.past.behaviour.question import Then, joined

if TYPE_CHECKING:
    import numpy as np


def customers_then(workspace: int, then: Then, *, now: int, only: Sequence[UUID] | None = None) -> np.ndarray:
    """Return the ids (`S16`, sorted) of customers who had done or been told something by `now` (ms); `only` of rows under these ids."""
    import numpy as np

    from amity.engines.past.client import errors, past

    whose, join, known = joined(workspace="{workspace:UInt32}", merged=False, then=then)
    sql = f"""
SELECT DISTINCT {whose} AS customer
FROM interactions_raw AS raw{join}
WHERE raw.workspace_id = {{workspace:UInt32}}{known} AND toUnixTimestamp64Milli(raw.time) <= {{now:Int64}}
    {"AND raw.customer_id IN {only:Array(UUID)}" if only is not None else ""}
"""  # noqa: S608  our own text; every value is bound
    params: dict[str, Any] = {"workspace": workspace, "now": now, **then.params}
    if only is not None:
        params["only"] = [str(one) for one in only]
    with errors():
        client = past()
        client.form_encode_query_params = True
        body = client.raw_query(sql, parameters=params, settings=SETTINGS, fmt="RowBinary")
    rows = np.frombuffer(body, dtype=np.dtype([("high", "<u8"), ("low", "<u8")]))
    return np.sort(named(rows["high"], rows["low"]))
