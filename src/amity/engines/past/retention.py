"""How long a workspace's past is kept. Old rows are truly deleted: unreadable at once, gone from disk with the next merge."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from amity.engines.past.client import command, errors, past
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Invalid

_TIMES = {"interactions_raw": "time", "quarantine": "received_at"}


@dataclass(frozen=True, kw_only=True)
class Cleared:
    """What was deleted of one workspace: rows of all tables, and the instant (ms) before which nothing is left."""

    workspace_id: int
    before: int
    rows: int


def enforce_retention(*, days: Mapping[int, int], now: int | None = None) -> list[Cleared]:
    """Delete what is older than its workspace keeps: `days` by workspace id; who isn't in it keeps everything.

    To be run daily by one worker; running it again does nothing more. Raises Invalid, deleting nothing, below one day.
    """
    instant = now_ms() if now is None else now
    if any(kept < 1 for kept in days.values()):
        raise Invalid("The past is kept for at least one day.")
    return [_clear(workspace_id, instant - kept * DAY, instant) for workspace_id, kept in sorted(days.items())]


@dataclass(frozen=True, kw_only=True)
class Old:
    """Rows of one workspace that are older than so many days: of all names and channels, or of those that are given."""

    workspace_id: int
    table: str
    days: int
    name: str = ""
    channel: str = ""


def count_old(old: Old, *, now: int | None = None) -> int:
    """Count what `delete_old` would delete now. Raises Invalid below one day, or for names where there are none."""
    where, values = _where(old, now_ms() if now is None else now)
    with errors():
        client = past()
        client.form_encode_query_params = True
        return int(client.query(f"SELECT count() FROM {where}", parameters=values).result_rows[0][0])  # noqa: S608  our own names


def delete_old(old: Old, *, now: int | None = None) -> int:
    """Delete what is too old, and return how many rows those were. Raises as `count_old` does."""
    instant = now_ms() if now is None else now
    found = count_old(old, now=instant)
    if found:
        where, values = _where(old, instant)
        # The answer comes when nobody can read the rows any more; merges then take them off the disk.
        command(f"DELETE FROM {where} SETTINGS lightweight_deletes_sync = 1", **values)  # noqa: S608  our own names
    return found


def _clear(workspace_id: int, before: int, now: int) -> Cleared:
    days = (now - before) // DAY
    rows = sum(delete_old(Old(workspace_id=workspace_id, table=table, days=days), now=now) for table in _TIMES)
    return Cleared(workspace_id=workspace_id, before=before, rows=rows)


def _where(old: Old, now: int) -> tuple[str, dict[str, object]]:
    if old.days < 1:
        raise Invalid("The past is kept for at least one day.")
    if old.table not in _TIMES or (old.table != "interactions_raw" and (old.name or old.channel)):
        raise Invalid(f"Nothing of {old.table!r} is deleted so.")
    values: dict[str, object] = {"workspace_id": old.workspace_id, "before": now - old.days * DAY}
    where = f"{old.table} WHERE workspace_id = {{workspace_id:UInt32}} AND {_TIMES[old.table]} < fromUnixTimestamp64Milli({{before:Int64}}, 'UTC')"
    for column in ("name", "channel"):
        if wanted := getattr(old, column):
            where += f" AND {column} = {{{column}:String}}"
            values[column] = wanted
    return where, values
