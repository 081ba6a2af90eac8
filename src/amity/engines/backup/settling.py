"""Rows that wait in the present for the past, although they are there: a carrier was killed between the two.

The past that was backed up would have known their token; the one that was restored doesn't, so they are taken out by their keys.
"""

from __future__ import annotations

from typing import Any

import msgspec
import psycopg

from amity.engines.past.client import connect, errors

# What tells a row from every other, a replay's of the same interaction among them; a merge may be there twice: the newest wins.
_KEYS = {
    "interactions_raw": ("message_key", "toUnixTimestamp64Milli(projected_at)"),
    "quarantine": ("key", "0"),
}
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
    lines = decompress(bytes(body)).splitlines()
    read = [msgspec.json.decode(line, type=dict[str, Any]) for line in lines]
    there = _there(client, table, read)
    left = [line for line, one in zip(lines, read, strict=True) if _identity(table, one) not in there]
    if len(left) < len(lines):
        connection.execute(_UPDATE, [len(left), compress(b"".join(line + b"\n" for line in left), level=1), number])
    return len(lines) - len(left)


def _identity(table: str, row: dict[str, Any]) -> tuple[str, int, int]:
    return row[_KEYS[table][0]], row["log_seq"], round(row.get("projected_at", 0) * 1000)


def _there(client: Any, table: str, rows: list[dict[str, Any]]) -> set[tuple[str, int, int]]:
    """Return the identities of those of the rows that the past holds."""
    found: set[tuple[str, int, int]] = set()
    key, made = _KEYS[table]
    asked = (
        f"SELECT {key}, log_seq, {made} FROM {table} "  # noqa: S608  our own names
        f"WHERE workspace_id IN {{workspaces:Array(UInt32)}} AND {key} IN {{keys:Array(UUID)}}"
    )
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        values = {"workspaces": sorted({one["workspace_id"] for one in some}), "keys": [one[key] for one in some]}
        with errors():
            found |= {(str(one), seq, at) for one, seq, at in client.query(asked, parameters=values).result_rows}
    return found
