"""Which accounts interactions name, what was told of them, and who belongs to them: two questions for any number of conditions.

Accounts are named by the hash of their id, so that who belongs to which is two columns of numbers.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import UUID

from amity.engines.past.behaviour.asking import SETTINGS, merged_there, named
from amity.engines.past.behaviour.binding import Binder
from amity.engines.past.behaviour.question import joined

if TYPE_CHECKING:
    import numpy as np

# PostHog's libraries describe a group without anyone under a stand-in's id made of its type and key: nobody.
_SOMEBODY = "raw.anonymous_id != concat('$', replaceOne(raw.group_id, ':', '_'))"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """One account: the hash of its id, its id, and the JSON of the newest value of each trait that was asked for, if it was ever told."""

    mark: int
    id: str
    traits: Mapping[str, str]


def told_of_accounts(traits: Sequence[str], *, workspace: int, only: Sequence[UUID] | None = None) -> list[Told]:
    """Return every account, or those that rows of `only` (all ids of some customers) name, with the traits asked for. Raises NotRunning."""
    from amity.engines.past.client import errors, past

    bind = Binder()
    names = [bind(name, "String") for name in traits]
    newest = "".join(
        f", argMaxIf(JSONExtractRaw(said, {name}), (time, UUIDToNum(message_key)), JSONHas(said, {name}))" for name in names
    )
    place = bind(workspace, "UInt32")
    theirs = ""
    if only is not None:
        ids = bind(tuple(str(one) for one in only), "Array(UUID)")
        theirs = f"""
        AND group_id IN (SELECT group_id FROM interactions_raw WHERE workspace_id = {place} AND customer_id IN {ids} AND group_id != '')
"""  # noqa: S608  our own text; every value is bound
    sql = f"""
SELECT cityHash64(group_id), group_id{newest}
FROM
(
    SELECT group_id, time, message_key, if(type = 'group', if(told = '', toString(traits), told), '') AS said
    FROM interactions_raw
    WHERE workspace_id = {place} AND group_id != '' {theirs}
)
GROUP BY group_id
"""  # noqa: S608  our own text; every value is bound
    with errors():
        client = past()
        client.form_encode_query_params = True
        rows = client.query(sql, parameters=dict(bind.values), settings=SETTINGS).result_rows
    return [
        Told(mark=row[0], id=row[1], traits={name: raw for name, raw in zip(traits, row[2:], strict=True) if raw}) for row in rows
    ]


def belonging(*, workspace: int, only: Sequence[UUID] | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Return who belongs to which account: ids (`S16`) of customers of today, and beside each an account's hash. Raises NotRunning."""
    import numpy as np

    from amity.engines.past.client import errors, past

    with errors():
        client = past()
        client.form_encode_query_params = True
        whose, join, _ = joined(workspace="{workspace:UInt32}", merged=merged_there(client, workspace), then=None)
        sql = f"""
SELECT DISTINCT {whose} AS customer, cityHash64(raw.group_id) AS mark
FROM interactions_raw AS raw{join}
WHERE raw.workspace_id = {{workspace:UInt32}} AND raw.group_id != '' AND {_SOMEBODY}
    {"AND raw.customer_id IN {only:Array(UUID)}" if only is not None else ""}
"""  # noqa: S608  our own text; every value is bound
        params: dict[str, Any] = {"workspace": workspace}
        if only is not None:
            params["only"] = [str(one) for one in only]
        body = client.raw_query(sql, parameters=params, settings=SETTINGS, fmt="RowBinary")
    rows = np.frombuffer(body, dtype=np.dtype([("high", "<u8"), ("low", "<u8"), ("mark", "<u8")]))
    return named(rows["high"], rows["low"]), rows["mark"]


def fellows(ids: Sequence[UUID], *, workspace: int, most: int) -> list[UUID]:
    """Return who belongs to the accounts that group calls under these ids tell of, up to one more than `most`. Raises NotRunning."""
    from amity.engines.past.client import errors, past

    sql = """
SELECT DISTINCT customer_id FROM interactions_raw
WHERE workspace_id = {workspace:UInt32} AND group_id IN (
    SELECT group_id FROM interactions_raw
    WHERE workspace_id = {workspace:UInt32} AND customer_id IN {ids:Array(UUID)} AND type = 'group' AND group_id != ''
)
LIMIT {most:UInt32}
"""
    with errors():
        client = past()
        client.form_encode_query_params = True
        params = {"workspace": workspace, "ids": [str(one) for one in ids], "most": most + 1}
        return [row[0] for row in client.query(sql, parameters=params, settings=SETTINGS).result_rows]
