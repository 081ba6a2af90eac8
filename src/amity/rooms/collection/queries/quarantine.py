"""Reads of what was sent and not taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from amity.engines.past.client import ask
from amity.kernel.clock import DAY, now_ms, to_ms
from amity.kernel.errors import Invalid
from amity.rooms.collection.contracts import Quarantined, QuarantinePage
from amity.rooms.collection.models import QuarantineReplay

PACKAGE = "amity.rooms.collection"
_LAST_KEY = UUID(int=2**128 - 1)


def list_quarantine(
    *, workspace_id: int, source_id: int | None = None, reason: str = "", older_than: str = "", limit: int = 50
) -> QuarantinePage:
    """Return one page of the quarantine, newest first. `older_than` is the `older` of the page before.

    Raises Invalid if `older_than` isn't one, NotRunning if the past does not answer.
    """
    before, before_key = _cursor(older_than)
    rows = ask(
        package=PACKAGE,
        name="quarantine",
        workspace_id=workspace_id,
        source_id=source_id or 0,
        reason=reason,
        before=before,
        before_key=str(before_key),
        limit=limit + 1,
    )
    page = _with_replays(workspace_id, rows[:limit])
    older = f"{to_ms(page[-1].received_at)}-{page[-1].key.hex}" if len(rows) > limit else ""
    return QuarantinePage(rows=tuple(page), older=older)


def find_quarantined(*, workspace_id: int, keys: Sequence[UUID]) -> list[Quarantined]:
    """Return the quarantined events with these keys, oldest first; those that have expired are left out."""
    rows = ask(package=PACKAGE, name="quarantine_by_key", workspace_id=workspace_id, keys=[str(key) for key in keys])
    return _with_replays(workspace_id, rows)


def _with_replays(workspace_id: int, rows: list[dict[str, Any]]) -> list[Quarantined]:
    keys = [row["key"] for row in rows]
    replays: dict[UUID, datetime] = dict(
        QuarantineReplay.objects.filter(workspace_id=workspace_id, key__in=keys).values_list("key", "replayed_at")
    )
    return [Quarantined(**row, replayed_at=replays.get(row["key"])) for row in rows]


def _cursor(text: str) -> tuple[int, UUID]:
    if not text:
        return now_ms() + DAY, _LAST_KEY
    moment, _, key = text.partition("-")
    try:
        return int(moment), UUID(key)
    except ValueError:
        raise Invalid("This page of the quarantine doesn't exist; begin again at the first.") from None
