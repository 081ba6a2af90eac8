"""Broken rules of the plan, added up over days."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from amity.kernel.clock import DAY, from_ms, now_ms
from amity.rooms.collection.models import SeenInteraction, Violation

DAYS = 14
MOST = 500


@dataclass(frozen=True, kw_only=True)
class Breach:
    """One rule of one interaction, broken by one source's library. `keys` open a few of the interactions that broke it."""

    kind: str
    name: str
    source_id: int
    library: str
    path: str
    code: str
    action: str
    count: int
    days: tuple[tuple[date, int], ...]
    last_seen: datetime
    keys: tuple[UUID, ...]


def list_breaches(
    *,
    workspace_id: int,
    kind: str | None = None,
    name: str | None = None,
    source_id: int = 0,
    now: int | None = None,
) -> list[Breach]:
    """Return what was broken in the last 14 days, most often first."""
    since = (from_ms(now or now_ms()) - timedelta(days=DAYS - 1)).date()
    named = SeenInteraction.objects.filter(workspace_id=workspace_id)
    if kind is not None:
        named = named.filter(kind=kind, name=name or "")
    names = {one.pk: (one.kind, one.name) for one in named}
    rows = Violation.objects.filter(interaction_id__in=list(names), day__gte=since).order_by("-day", "-last_seen")
    if source_id:
        rows = rows.filter(source_id=source_id)
    groups: dict[tuple[Any, ...], list[Violation]] = defaultdict(list)
    for row in rows:
        groups[row.interaction_id, row.source_id, row.library, row.path, row.code].append(row)
    found = [_breach(names[key[0]], group) for key, group in groups.items()]
    return sorted(found, key=lambda b: (-b.count, b.name, b.path))[:MOST]


def _breach(named: tuple[str, str], rows: list[Violation]) -> Breach:
    newest = rows[0]
    keys = [UUID(key) for row in rows for key in row.keys][:5]
    return Breach(
        kind=named[0], name=named[1], source_id=newest.source_id, library=newest.library, path=newest.path, code=newest.code,
        action=newest.action, count=sum(row.count for row in rows), days=tuple((row.day, row.count) for row in reversed(rows)),
        last_seen=max(row.last_seen for row in rows), keys=tuple(keys),
    )  # fmt: skip


def of_days(days: tuple[tuple[date, int], ...], *, now: int | None = None) -> list[tuple[datetime, int]]:
    """Return the last 14 days with their counts, days without any as zeros."""
    counted = dict(days)
    today = from_ms((now or now_ms()) // DAY * DAY)
    return [(at, counted.get(at.date(), 0)) for at in (today - timedelta(days=back) for back in range(DAYS - 1, -1, -1))]
