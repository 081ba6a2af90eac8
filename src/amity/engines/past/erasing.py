"""Takes rows out of the past for good: nobody can read them once this returns, and `purge` takes them off the disk.

Only for what must be gone: a mutation reads a whole workspace and rewrites each part that held such a row.
"""

from __future__ import annotations

from amity.engines.past.client import TABLES, command, errors, past
from amity.kernel.errors import AmityError

_LONGEST = 3_600
PATCHED = frozenset({"interactions_raw"})


def count_rows(table: str, where: str, **params: object) -> int:
    """Count rows of one of our tables. `where` is a condition of our own with bound parameters, as in `erase_rows`."""
    _known(table)
    with errors():
        client = past()
        client.form_encode_query_params = True
        return int(client.query(f"SELECT count() FROM {table} WHERE {where}", parameters=params).result_rows[0][0])  # noqa: S608


def erase_rows(table: str, where: str, **params: object) -> None:
    """Delete rows; `where` is a condition of our own, its values are bound (`{name:Type}`). Harmless to repeat.

    When this returns nobody reads them any more, whoever asks; they are on the disk until the part that held them is written
    anew. Raises NotRunning, AmityError.
    """
    _known(table)
    command(
        f"DELETE FROM {table} WHERE {where} SETTINGS lightweight_deletes_sync = 2, max_execution_time = {_LONGEST}",  # noqa: S608
        **params,
    )


def blank_columns(table: str, assignments: str, where: str, **params: object) -> None:
    """Overwrite columns of rows; both texts are our own. When this returns the old values are in no part that is read."""
    _known(table)
    command(f"ALTER TABLE {table} UPDATE {assignments} WHERE {where} SETTINGS mutations_sync = 2", **params)


def purge(table: str) -> None:
    """Write the parts that hold deleted rows anew without them. Does nothing where there are none."""
    _known(table)
    if table in PATCHED:  # a row that a replay replaced is deleted by a patch, which the next statement doesn't look at
        command(f"ALTER TABLE {table} APPLY PATCHES SETTINGS mutations_sync = 2")
    command(f"ALTER TABLE {table} APPLY DELETED MASK SETTINGS mutations_sync = 2")


def _known(table: str) -> None:
    if table not in TABLES:
        raise AmityError(f"The past has no table {table!r}.")
