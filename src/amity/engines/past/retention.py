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
    return [_clear(workspace_id, instant - kept * DAY) for workspace_id, kept in sorted(days.items())]


def _clear(workspace_id: int, before: int) -> Cleared:
    rows = 0
    values = {"workspace_id": workspace_id, "before": before}
    for table, time in _TIMES.items():
        old = (
            f"{table} WHERE workspace_id = {{workspace_id:UInt32}} AND {time} < fromUnixTimestamp64Milli({{before:Int64}}, 'UTC')"
        )
        with errors():
            found = int(past().query(f"SELECT count() FROM {old}", parameters=values).result_rows[0][0])  # noqa: S608  our own names
        if found:
            # The answer comes when nobody can read the rows any more; merges then take them off the disk.
            command(f"DELETE FROM {old} SETTINGS lightweight_deletes_sync = 1", **values)  # noqa: S608  our own names
        rows += found
    return Cleared(workspace_id=workspace_id, before=before, rows=rows)
