"""Takes rows out of the past for good: once this returns they are in no part that is read.

Only for what must be gone: a mutation reads a whole workspace and rewrites each part that held such a row.
"""

from __future__ import annotations

from amity.engines.past.client import TABLES, command, errors, past
from amity.kernel.errors import AmityError

_LONGEST = 3_600
_HIDDEN = """
    SELECT count() FROM system.parts
    WHERE active AND database = currentDatabase() AND table = {table:String} AND (has_lightweight_delete OR startsWith(name, 'patch-'))
"""


def count_rows(table: str, where: str, **params: object) -> int:
    """Count rows of one of our tables. `where` is a condition of our own with bound parameters, as in `erase_rows`."""
    _known(table)
    with errors():
        client = past()
        client.form_encode_query_params = True
        return int(client.query(f"SELECT count() FROM {table} WHERE {where}", parameters=params).result_rows[0][0])  # noqa: S608


def erase_rows(table: str, where: str, *, blank: tuple[str, str] | None = None, **params: object) -> None:
    """Delete rows; `where` is a condition of our own, its values are bound (`{name:Type}`). Harmless to repeat.

    `blank` is what is overwritten in other rows at the same time, and in which: `("anonymous_id = ''", condition)`, of our own, too.
    When this returns every part that held such a row has been written anew without it. Raises NotRunning, AmityError.
    """
    _known(table)
    purge(table)
    changes = [f"DELETE WHERE {where}"]
    if blank is not None:
        changes.append(f"UPDATE {blank[0]} WHERE {blank[1]}")
    # One mutation: each visits every part of the table, be it only to find that there is nothing to change.
    command(f"ALTER TABLE {table} {', '.join(changes)} SETTINGS mutations_sync = 2, max_execution_time = {_LONGEST}", **params)


def purge(table: str) -> None:
    """Write the parts that hold rows which are only hidden, as a replay hides those it replaces, anew without them.

    A mutation passes such rows over. Costs next to nothing where there are none.
    """
    _known(table)
    with errors():
        if not past().query(_HIDDEN, parameters={"table": table}).result_rows[0][0]:
            return
    for step in ("APPLY PATCHES", "APPLY DELETED MASK"):
        command(f"ALTER TABLE {table} {step} SETTINGS mutations_sync = 2, max_execution_time = {_LONGEST}")


def _known(table: str) -> None:
    if table not in TABLES:
        raise AmityError(f"The past has no table {table!r}.")
