"""What flows other than it did, and the press that says that it's to be so."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from amity.kernel.errors import AmityError
from amity.rooms.collection.actions.plan.change import Change
from amity.rooms.collection.actions.plan.drift import accept_drift
from amity.rooms.collection.console.kinds import title_of
from amity.rooms.collection.console.plan.words import address
from amity.rooms.collection.models import DriftAlert
from amity.rooms.collection.queries.plan.drift import list_drift
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_NAMES = {
    "silent": "Nothing came",
    "volume": "Volume",
    "new_interaction": "New, and not planned",
    "new_property": "New property",
    "vanished": "Property is missing",
    "type": "Type changed",
    "violations": "Breaks the plan more often",
}


@page("plan.read")
def drift(request: HttpRequest, access: Access) -> HttpResponse:
    """List what is other than it was, and what was."""
    context = {
        "rows": drift_rows(list_drift(workspace_id=access.workspace_id), access.workspace_slug),
        "ended": drift_rows(list_drift(workspace_id=access.workspace_id, ended=True), access.workspace_slug),
        "tab": "drift",
    }
    return render(request, "collection/plan/drift.html", context)


@require_POST
@page("plan.write")
def accept(request: HttpRequest, access: Access, alert_id: int) -> HttpResponse:
    """End an alert: it's to be so."""
    try:
        accept_drift(change=Change(workspace_id=access.workspace_id, actor=access, request=request), alert_id=alert_id)
        messages.success(request, "Noted. From now on this is what later interactions are compared with.")
    except AmityError as error:
        messages.error(request, error.message)
    return redirect("collection:drift", workspace=access.workspace_slug)


def drift_rows(found: list[DriftAlert], workspace: str) -> list[dict[str, Any]]:
    """Return what a list shows of alerts."""
    return [
        {
            "alert": one,
            "title": title_of(name=one.name, kind=one.kind),
            "url": address("collection:planned", workspace, one.kind, one.name),
            "what": _NAMES[one.code],
            "path": one.path.rpartition(":")[0] if one.code == "type" else one.path,
            "sentence": sentence(one),
        }
        for one in found
    ]


def sentence(one: DriftAlert) -> str:
    """Say in words what is other than it was, with the figures that it rests on."""
    share = f"{_percent(one.before)} of {one.n_before:,} before, {_percent(one.now)} of {one.n_now:,} since"
    usual = f"{one.before:,.0f} were usual ({one.n_before} days)."
    return {
        "silent": f"None in 24 hours; {usual}",
        "volume": f"{one.now:,.0f} in 24 hours; {usual}",
        "new_interaction": f"{one.now:,.0f} so far. The plan doesn’t name it.",
        "new_property": f"On {_percent(one.now)} of {one.n_now:,} interactions; on none of {one.n_before:,} before.",
        "vanished": f"There on {share}.",
        "type": f"{one.path.rpartition(':')[2]}: {share}.",
        "violations": f"Broken rules: {share}.",
    }[one.code]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %" if 0 < share < 0.9995 else f"{100 * share:.0f} %"
