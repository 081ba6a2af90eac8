"""What breaks the plan, and what is to become of it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from amity.rooms.collection.actions.plan.change import Change, set_source_policy, set_unplanned
from amity.rooms.collection.console.kinds import title_of
from amity.rooms.collection.console.live import names_of_sources
from amity.rooms.collection.console.plan.words import ACTIONS, CODES, DONE, address
from amity.rooms.collection.console.sparkline import sparkline
from amity.rooms.collection.queries.plan.planned import source_policies, unplanned_action
from amity.rooms.collection.queries.plan.violations import Breach, list_breaches, of_days
from amity.rooms.collection.queries.sources import list_sources
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@page("plan.read")
def violations(request: HttpRequest, access: Access) -> HttpResponse:
    """List what was broken in the last 14 days."""
    source = request.GET.get("source", "")
    source_id = int(source) if source.isdecimal() and len(source) < 10 else 0
    sources = names_of_sources(access.workspace_id)
    found = list_breaches(workspace_id=access.workspace_id, source_id=source_id)
    context = {
        "breaches": breach_rows(found, access, sources),
        "sources": sources,
        "source_id": source_id,
        "total": sum(one.count for one in found),
        "tab": "violations",
    }
    return render(request, "collection/plan/violations.html", context)


@page("plan.write")
def consequences(request: HttpRequest, access: Access) -> HttpResponse:
    """Decide what becomes of what isn't planned and of what breaks the plan, for all and by source."""
    if request.method == "POST":
        change = Change(workspace_id=access.workspace_id, actor=access, request=request)
        set_unplanned(change=change, action=request.POST.get("unplanned", ""))
        for one in list_sources(workspace_id=access.workspace_id):
            if one.kind != "amity" and f"unplanned-{one.id}" in request.POST:
                set_source_policy(
                    change=change,
                    source_id=one.id,
                    unplanned=request.POST.get(f"unplanned-{one.id}", ""),
                    on_violation=request.POST.get(f"on_violation-{one.id}", ""),
                )
        messages.success(request, "Saved. It counts from the next interaction on.")
        return redirect("collection:consequences", workspace=access.workspace_slug)
    policies = source_policies(workspace_id=access.workspace_id)
    context = {
        "unplanned": unplanned_action(workspace_id=access.workspace_id),
        "rows": [
            (one, *policies.get(one.id, ("", "")))
            for one in list_sources(workspace_id=access.workspace_id)
            if one.kind != "amity"
        ],
        "actions": ACTIONS,
        "tab": "consequences",
    }
    return render(request, "collection/plan/consequences.html", context)


def breach_rows(found: list[Breach], access: Access, sources: dict[int, str]) -> list[dict[str, Any]]:
    """Return what a list shows of broken rules."""
    return [
        {
            "breach": one,
            "title": "Everything beyond the first 2,000" if one.kind == "other" else title_of(name=one.name, kind=one.kind),
            "url": address("collection:planned", access.workspace_slug, one.kind, one.name),
            "what": CODES.get(one.code, one.code),
            "done": DONE.get(one.action, one.action),
            "source": sources.get(one.source_id, "every other source" if one.source_id == 0 else "a source that was removed"),
            "spark": sparkline([(day, 0, n) for day, n in of_days(one.days)], unit="day"),
        }
        for one in found
    ]
