"""Which interactions of one customer decide a condition: those that it looks at, within its window, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.binding import Binder
from amity.engines.past.behaviour.language import Behaviour, events_of
from amity.engines.past.behaviour.language import Sequence as InOrder
from amity.engines.past.behaviour.predicates import matches
from amity.engines.past.behaviour.windows import resolve


def deciding(  # noqa: PLR0913  one argument for each part
    condition: Behaviour, *, workspace: int, customer_ids: Sequence[UUID], now: int, zone: ZoneInfo, limit: int = 5
) -> tuple[int, list[dict[str, Any]]]:
    """Return how many interactions a condition looks at, and the newest of them: `key`, `at` (ms), `name`, `type`, `value`."""
    from amity.engines.past.client import errors, past

    bind = Binder()
    span = resolve(condition.within, now=now, zone=zone)
    # What must not follow may come after the window of the steps.
    last = now if isinstance(condition, InOrder) else span.last
    meant = " OR ".join(f"({matches(event, bind)})" for event in events_of(condition))
    sql = f"""
SELECT message_key AS key, toUnixTimestamp64Milli(time) AS at, name, type, value, currency, count() OVER () AS number
FROM interactions_raw
WHERE workspace_id = {bind(workspace, "UInt32")} AND customer_id IN {bind(tuple(str(one) for one in customer_ids), "Array(UUID)")}
    AND toUnixTimestamp64Milli(time) BETWEEN {bind(span.first, "Int64")} AND {bind(last, "Int64")} AND ({meant})
ORDER BY time DESC, message_key DESC
LIMIT {bind(limit, "UInt32")}
"""  # noqa: S608  our own text; every value is bound
    with errors():
        client = past()
        client.form_encode_query_params = True
        rows = list(client.query(sql, parameters=dict(bind.values)).named_results())
    return (int(rows[0]["number"]) if rows else 0), rows
