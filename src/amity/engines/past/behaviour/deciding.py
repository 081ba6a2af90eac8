"""Which interactions of one customer decide something: those that it looks at, within its windows, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.binding import Binder
from amity.engines.past.behaviour.language import Event, Window
from amity.engines.past.behaviour.predicates import matches
from amity.engines.past.behaviour.windows import Span, resolve


def deciding(  # noqa: PLR0913  one argument for each part
    looked_at: Sequence[tuple[Event, Window | None]], *, workspace: int, customer_ids: Sequence[UUID], now: int, zone: ZoneInfo,
    until_now: bool = False, limit: int = 5,
) -> tuple[int, list[dict[str, Any]]]:  # fmt: skip
    """Return how many interactions are looked at, and the newest of them: `key`, `at` (ms), `name`, `type`, `value`.

    `looked_at` are events within their windows; `until_now`: whatever the windows say, they end now.
    """
    from amity.engines.past.client import errors, past

    if not looked_at:
        return 0, []
    bind = Binder()
    spans = [(event, resolve(within, now=now, zone=zone)) for event, within in looked_at]
    meant = " OR ".join(f"({_meant(event, replace(span, last=now) if until_now else span, bind)})" for event, span in spans)
    sql = f"""
SELECT message_key AS key, toUnixTimestamp64Milli(time) AS at, name, type, value, currency, count() OVER () AS number
FROM interactions_raw
WHERE workspace_id = {bind(workspace, "UInt32")} AND customer_id IN {bind(tuple(str(one) for one in customer_ids), "Array(UUID)")}
    AND ({meant})
ORDER BY time DESC, message_key DESC
LIMIT {bind(limit, "UInt32")}
"""  # noqa: S608  our own text; every value is bound
    with errors():
        client = past()
        client.form_encode_query_params = True
        rows = list(client.query(sql, parameters=dict(bind.values)).named_results())
    return (int(rows[0]["number"]) if rows else 0), rows


def _meant(event: Event, span: Span, bind: Binder) -> str:
    times = f"toUnixTimestamp64Milli(time) BETWEEN {bind(span.first, 'Int64')} AND {bind(span.last, 'Int64')}"
    return f"{times} AND {matches(event, bind)}"
