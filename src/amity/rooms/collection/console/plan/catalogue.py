"""The catalogue: every interaction that flows or is planned."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amity.rooms.collection.console.kinds import kind_beside, title_of
from amity.rooms.collection.console.live import names_of_sources
from amity.rooms.collection.console.plan.words import STATUSES, address
from amity.rooms.collection.console.sparkline import sparkline
from amity.rooms.collection.queries.plan.catalogue import Line, Wanted, list_catalogue
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ROWS = 100


@page("plan.read")
def catalogue(request: HttpRequest, access: Access) -> HttpResponse:
    """List interactions with their volume, status, and how often they break the plan."""
    wanted = _wanted(request)
    found = list_catalogue(workspace_id=access.workspace_id, wanted=wanted)
    shown = Paginator(found, ROWS).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "rows": [row_of(line, access.workspace_slug) for line in shown],
        "shown": shown,
        "query": query.urlencode(),
        "wanted": wanted,
        "filtered": wanted != Wanted(),
        "sources": names_of_sources(access.workspace_id),
        "statuses": STATUSES,
        "unplanned": sum(line.status == "unplanned" for line in found),
        "violations": sum(line.violations for line in found),
        "tab": "catalogue",
    }
    return render(request, "collection/plan/catalogue.html", context)


def row_of(line: Line, workspace: str) -> dict[str, object]:
    """Return what a list shows of an interaction."""
    rest = line.kind == "other"
    return {
        "line": line,
        "title": "Everything beyond the first 2,000" if rest else title_of(name=line.name, kind=line.kind),
        "beside": "" if rest else kind_beside(name=line.name, kind=line.kind),
        "url": address("collection:planned", workspace, line.kind, line.name),
        "status": STATUSES.get(line.status, line.status),
        "spark": sparkline(line.days, unit="day"),
    }


def _wanted(request: HttpRequest) -> Wanted:
    source, status = request.GET.get("source", ""), request.GET.get("status", "")
    return Wanted(
        text=request.GET.get("text", "").strip()[:200].replace("\x00", ""),
        source_id=int(source) if source.isdecimal() and len(source) < 10 else 0,
        status=status if status in STATUSES else "",
        violating=request.GET.get("violating") == "1",
    )
