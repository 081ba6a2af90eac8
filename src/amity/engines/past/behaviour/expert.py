"""An expert's SQL as a value of each customer: people's SQL, parsed and rebuilt, of a shape that can only look at one customer at a time.

`SELECT customer_id, <value> FROM interactions GROUP BY customer_id`: so everybody and a few give the same. `as_of()` is the instant
that is asked about; clocks and chance are refused, so that the same past gives the same value.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from amity.engines.past.behaviour.question import Then, joined
from amity.engines.past.behaviour.taking import Taken
from amity.kernel.errors import AmityError, Invalid

if TYPE_CHECKING:
    from sqlglot import exp

SECONDS, MEMORY = 120.0, 2_000_000_000
MOST_LISTED, LONGEST = 100, 500
_RESTLESS = re.compile(
    r"(now|now64|nowinblock|today|yesterday|currenttimestamp|currentdate|currenttime|current_timestamp|current_date|rand\w*|generate\w+)",
    re.IGNORECASE,
)
_SHAPE = "Write it as SELECT customer_id, <an aggregate> AS value FROM interactions GROUP BY customer_id"


def ask_expert(sql: str, *, workspace: int, now: int, only: Sequence[UUID] | None = None, then: Then | None = None) -> Taken:
    """Return what an expert's SQL gives at `now` (ms): for everybody, or for `only` the customers with these ids.

    Interactions of later than `now` aren't there. Raises Invalid for SQL that isn't allowed, NotRunning, AmityError.
    """
    import numpy as np

    from amity.engines.past.behaviour.asking import merged_there
    from amity.engines.past.client import database_name, errors, past
    from amity.engines.past.guard import explained, walls

    database = database_name()
    with errors():
        client = past()
        client.form_encode_query_params = True
        merged = merged_there(client, workspace)
    checked = checked_expert(sql, now=now, database=database, source=_source(merged=merged, then=then, only=only is not None))
    params: dict[str, Any] = {"amity_workspace": workspace, "amity_now": now, **(then.params if then else {})}
    if only is not None:
        params["amity_only"] = [str(one) for one in only]
    settings = walls(workspace_id=workspace, database=database, seconds=SECONDS, memory=MEMORY) | {
        "max_query_size": "16777216",
        "output_format_json_quote_64bit_integers": "0",
        "output_format_json_quote_denormals": "0",
    }
    try:
        with errors():
            body = client.raw_query(checked, parameters=params, settings=settings, fmt="JSONCompactEachRow")
    except AmityError as error:
        raise explained(error, seconds=SECONDS, memory=MEMORY) from error
    rows: list[list[Any]] = msgspec.json.Decoder(list[Any]).decode_lines(body)
    values = np.empty(len(rows), dtype=object)
    values[:] = [_value(row[1]) for row in rows]
    ids = np.array([UUID(row[0]).bytes for row in rows], dtype="S16")
    never = np.full(len(rows), np.iinfo(np.int64).max, dtype=np.int64)
    return Taken(ids=ids, values=values, due=never, numbers=False, nothing=None)


def check_expert(sql: str) -> None:
    """Raise Invalid, with what to do, for SQL that can't be a value. The engine is asked, since it alone knows its types."""
    ask_expert(sql, workspace=0, now=0)


def checked_expert(sql: str, *, now: int, database: str, source: str) -> str:
    """Return the SQL to run: from the checked tree, with `source` for `interactions`. Raises Invalid with what to mend."""
    from amity.engines.past.guard import checked_sql, engine_functions, parsed

    tree = parsed(sql)
    _check_shape(tree)
    _set_instant(tree, now)
    return checked_sql(
        tree.sql(dialect="clickhouse", comments=False), database=database, functions=engine_functions(), source=source
    )


def _source(*, merged: bool, then: Then | None, only: bool) -> str:
    whose, join, known = joined(workspace="{amity_workspace:UInt32}", merged=merged, then=then)
    return (
        f"SELECT {whose} AS customer_id, raw.* EXCEPT (workspace_id, customer_id) FROM interactions_raw AS raw{join} "  # noqa: S608  our own text
        f"PREWHERE raw.workspace_id = {{amity_workspace:UInt32}} WHERE 1{known} AND toUnixTimestamp64Milli(raw.time) <= {{amity_now:Int64}}"
        + (" AND raw.customer_id IN (SELECT arrayJoin({amity_only:Array(UUID)}))" if only else "")
    )


def _check_shape(tree: exp.Query) -> None:
    from sqlglot import exp

    if not isinstance(tree, exp.Select):
        raise Invalid(f"{_SHAPE}.")
    for kind, said in (
        (exp.Subquery, "a SELECT within"), (exp.CTE, "WITH"), (exp.Join, "a join"), (exp.Window, "a window function"),
        (exp.SetOperation, "UNION"), (exp.Limit, "LIMIT"), (exp.Order, "ORDER BY"), (exp.Distinct, "DISTINCT"),
    ):  # fmt: skip
        # An order within an aggregate, or a count of distinct values, looks at one customer still.
        found = [one for one in tree.find_all(kind) if kind not in {exp.Order, exp.Distinct, exp.Limit} or one.parent is tree]
        if found:
            raise Invalid(f"{_SHAPE}; {said} could look at other customers.")
    table = tree.find(exp.Table)
    group = tree.args.get("group")
    first, *rest = tree.expressions
    plain = isinstance(first, exp.Column) and first.name == "customer_id" and not first.table
    grouped = group is not None and len(group.expressions) == 1 and group.expressions[0].sql() == "customer_id"
    extra = group is not None and any(value for name, value in group.args.items() if name != "expressions")
    if table is None or not plain or not grouped or extra or len(rest) != 1 or rest[0].alias != "value":
        raise Invalid(f"{_SHAPE}.")


def _set_instant(tree: exp.Query, now: int) -> None:
    """Put the instant where `as_of()` stands, and refuse what is another each time."""
    import sqlglot
    from sqlglot import exp

    for node in list(tree.find_all(exp.Func)):
        name = node.name if isinstance(node, exp.Anonymous) else node.sql_name()
        if isinstance(node, exp.Anonymous) and node.name.lower() == "as_of":
            node.replace(sqlglot.parse_one(f"fromUnixTimestamp64Milli(toInt64({int(now)}), 'UTC')", dialect="clickhouse"))
        elif _RESTLESS.fullmatch(name):
            raise Invalid(f"{name} gives something else each time; write as_of() for the instant that is asked about.")


def _value(value: Any) -> Any:
    """Return a value as it is kept: a text, number or truth, or a list of such; nothing for all else."""
    if isinstance(value, list):
        return [one for one in map(_value, value[:MOST_LISTED]) if one is not None and not isinstance(one, list)] or None
    if isinstance(value, str):
        return value[:LONGEST].replace("\0", "") or None
    return value if isinstance(value, bool | int | float) else None
