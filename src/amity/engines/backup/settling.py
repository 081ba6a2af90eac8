"""Rows that wait in the present for the past, although they are there: a carrier was killed between the two.

The past that was backed up would have known their token; the one that was restored doesn't, so they are taken out by their keys.
"""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg

from amity.engines.past.client import connect, errors

_KEYS = {"interactions_raw": "message_key", "quarantine": "key"}  # a merge may be there twice: the newest version wins
_AT_ONCE = 300  # keys in one question
_WAITING = 'SELECT id, "table", body FROM present_past_batch WHERE rows > 0 AND "table" = ANY(%s) ORDER BY id'
_UPDATE = "UPDATE present_past_batch SET rows = %s, body = %s WHERE id = %s"


def settle(connection: psycopg.Connection[Any]) -> int:
    """Take out of waiting batches the rows that the past holds, and return how many those were."""
    taken = 0
    client = connect(database=None)
    ids = [number for number, _, _ in connection.execute(_WAITING, [list(_KEYS)])]
    for number in ids:
        taken += _settle_one(connection, client, number)
    client.close()
    return taken


def _settle_one(connection: psycopg.Connection[Any], client: Any, number: int) -> int:
    from amity.engines.past.zstd import compress, decompress

    row = connection.execute('SELECT "table", body FROM present_past_batch WHERE id = %s', [number]).fetchone()
    if row is None:
        return 0
    table, body = row
    column = _KEYS[table]
    lines = decompress(bytes(body)).splitlines()
    read = [msgspec.json.decode(line, type=dict[str, Any]) for line in lines]
    there = _there(client, table, column, read)
    left = [line for line, one in zip(lines, read, strict=True) if (one[column], one["log_seq"]) not in there]
    if len(left) < len(lines):
        connection.execute(_UPDATE, [len(left), compress(b"".join(line + b"\n" for line in left), level=1), number])
    return len(lines) - len(left)


def _there(client: Any, table: str, column: str, rows: list[dict[str, Any]]) -> set[tuple[str, int]]:
    """Return keys and sequences of those of the rows that the past holds."""
    found: set[tuple[str, int]] = set()
    asked = f"SELECT {column}, log_seq FROM {table} WHERE workspace_id IN {{workspaces:Array(UInt32)}} AND {column} IN {{keys:Array(UUID)}}"  # noqa: S608  our own names
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        values = {"workspaces": sorted({one["workspace_id"] for one in some}), "keys": [one[column] for one in some]}
        with errors():
            found |= {(str(key), seq) for key, seq in client.query(asked, parameters=values).result_rows}
    return found
