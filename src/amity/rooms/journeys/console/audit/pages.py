"""The audit: what is wrong with the experience, asked on demand, with its evidence; findings dismissed with a reason."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import AmityError
from amity.rooms.journeys.actions.audit.ask import DAYS, LONGEST_REASON, ask_audit, dismiss_finding, restore_finding
from amity.rooms.journeys.console.audit.shown import audit_shown
from amity.rooms.journeys.models.worked import RUNNING, WAITING
from amity.rooms.journeys.queries.audit.kept import checks_of, dismissed, latest_audit, newest_audit
from amity.rooms.journeys.rules.audit.findings import KINDS
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_USUAL = 180


@require_safe
@page("journeys.read")
def audit(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show what the newest audit found."""
    last, now = latest_audit(access.workspace_id), newest_audit(access.workspace_id)
    newest = now or last
    context: dict[str, Any] = {
        "days": DAYS, "chosen": newest.days if newest else _USUAL, "edits": access.can("journeys.write"), "longest": LONGEST_REASON,
    }  # fmt: skip
    if now is not None and now.state in {WAITING, RUNNING}:
        context |= {"working": now, "percent": round(now.share * 100)}
    elif now is not None and now.trouble:
        context["trouble"] = now.trouble
    if last is not None and last.result is not None:
        shown = audit_shown(access, checks_of(last), dismissed(access.workspace_id))
        context |= shown | {
            "checks": len(KINDS),
            "last": last,
            "result": last.result,
            "lasts": DAYS.get(last.days, f"{last.days} days"),
        }
    return render(request, "journeys/audit/page.html", context)


@require_POST
@page("journeys.write")
def asking(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Ask for an audit."""
    days = request.POST.get("days", "")
    try:
        ask_audit(access, days=int(days) if days.isdecimal() and len(days) < 5 else 0, request=request)
        messages.success(request, "Asked. The worker reads what customers did; that takes a minute or so.")
    except AmityError as error:
        messages.error(request, error.message)
    return redirect("journeys:audit", workspace=access.workspace_slug)


@require_POST
@page("journeys.write")
def dismissing(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Dismiss a finding."""
    given = request.POST
    try:
        dismiss_finding(access, key=given.get("key", ""), reason=given.get("reason", ""), request=request)
        messages.success(request, "Dismissed. It stays below, with why.")
    except AmityError as error:
        messages.error(request, error.message)
    return redirect("journeys:audit", workspace=access.workspace_slug)


@require_POST
@page("journeys.write")
def restoring(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Take a dismissal back."""
    try:
        restore_finding(access, key=request.POST.get("key", ""), request=request)
        messages.success(request, "It counts again.")
    except AmityError as error:
        messages.error(request, error.message)
    return redirect("journeys:audit", workspace=access.workspace_slug)
