"""The audit log of a workspace: filtered, paged by key, and as a file."""

from __future__ import annotations

import csv
import json
from collections.abc import Generator, Iterator
from datetime import UTC, date, datetime, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from amity.kernel.cells import safe_cell
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import AuditEntry
from amity.rooms.trust.queries.audit import KINDS, AuditFilter, list_entries
from amity.shell.download import download

PAGE = 50
MOST = 100_000
COLUMNS = ("seq", "time", "actor_kind", "actor_name", "action", "target", "before", "after", "ip", "agent", "hash")


@page("audit.read")
@require_GET
def audit(request: HttpRequest, access: Access) -> HttpResponse:
    """List rows, newest first; `?before=<row>` goes back."""
    wanted = _wanted(request, access)
    text = request.GET.get("before", "")
    before = int(text[:18]) if text.isascii() and text.isdecimal() else None
    rows = list(list_entries(access.workspace_id, wanted, before=before)[: PAGE + 1])
    query = {name: request.GET[name] for name in ("kind", "person", "since", "until") if request.GET.get(name)}
    older = urlencode(query | {"before": rows[PAGE - 1].seq}) if len(rows) > PAGE else ""
    shown = {
        "rows": rows[:PAGE],
        "kinds": KINDS.items(),
        "wanted": wanted,
        "query": urlencode(query),
        "given": query,
        "older": older,
        "newest": urlencode(query) if before else "",
        "paged": before is not None,
    }
    return render(request, "trust/_audit_rows.html" if request.headers.get("HX-Request") else "trust/audit.html", shown)


@page("audit.read")
@require_GET
def audit_file(request: HttpRequest, access: Access) -> StreamingHttpResponse:
    """Download the filtered rows as CSV, at most 100,000; that it was done is in the audit log too."""
    wanted = _wanted(request, access)
    record(access, action="audit.exported", target="audit", after={"filter": request.GET.urlencode()}, request=request)
    rows = list_entries(access.workspace_id, wanted)[:MOST]
    name = f"audit-{access.workspace_slug}-{datetime.now(UTC):%Y-%m-%d}.csv"
    return download(_lines(rows.iterator(chunk_size=1_000)), name=name, media_type="text/csv; charset=utf-8")


class _Line:
    """What csv writes to: gives each line back instead of keeping it."""

    def write(self, text: str) -> bytes:
        return text.encode()


def _lines(rows: Iterator[AuditEntry]) -> Generator[bytes]:
    writer = csv.writer(_Line())
    yield writer.writerow(COLUMNS)
    for row in rows:
        yield writer.writerow([safe_cell(_text(getattr(row, name))) for name in COLUMNS])


def _text(value: object) -> object:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else value


def _wanted(request: HttpRequest, access: Access) -> AuditFilter:
    zone = ZoneInfo(access.workspace.time_zone)
    until = _day(request.GET.get("until", ""), zone)
    return AuditFilter(
        kind=request.GET.get("kind", ""),
        person=request.GET.get("person", "").strip().replace("\x00", "")[:200],
        since=_day(request.GET.get("since", ""), zone),
        until=until and until + timedelta(days=1),
    )


def _day(text: str, zone: ZoneInfo) -> datetime | None:
    try:
        day = date.fromisoformat(text)
        return datetime(day.year, day.month, day.day, tzinfo=zone) if 1970 <= day.year < 9999 else None
    except ValueError:
        return None
