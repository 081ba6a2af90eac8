"""Pages of incidents: the list, one with what it did, its form, the customers, and the report that is printed."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.rooms.customers import api as customers
from amity.rooms.journeys.actions.incidents import keep_incident, list_for_follow_up, write_note
from amity.rooms.journeys.console.friction.form import TESTS
from amity.rooms.journeys.console.incidents.form import (
    begun,
    given_of,
    instant_in,
    number_in,
    of_alert,
    said,
    told_in,
)
from amity.rooms.journeys.console.incidents.shown import figures, lasted, timeline, words_of
from amity.rooms.journeys.models import Incident
from amity.rooms.journeys.queries.incidents.impact import PARTS, people_of, read_impact
from amity.rooms.journeys.queries.incidents.kept import (
    STATES,
    accessible_incident,
    count_open,
    entries_of,
    list_incidents,
    told_of,
)
from amity.rooms.journeys.rules.incidents.language import SEVERITIES, STATUSES
from amity.rooms.metrics import api as metrics
from amity.rooms.metrics.contracts import AlertTold
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50
PART_NAMES = {
    "affected": "met it", "complained": "complained after it", "silent": "met it and did not complain", "told": "were told of it",
    "untold": "were not told of it",
}  # fmt: skip


@require_safe
@page("journeys.read")
def incidents(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List incidents, the newest first."""
    text, open_now = request.GET.get("q", "")[:200].strip(), count_open(workspace_id=access.workspace_id)
    state = request.GET.get("state", "")
    state = state if state in STATES else "all"
    before = number_in(request.GET.get("before", "")) or 0
    found = list_incidents(workspace_id=access.workspace_id, state=state, text=text, before=before, limit=ON_A_PAGE + 1)
    now = now_ms()
    context = {
        "rows": [{"one": one, "lasted": lasted(one, now)} for one in found[:ON_A_PAGE]], "state": state, "text": text, "open_now": open_now,
        "severities": SEVERITIES, "statuses": STATUSES,
        "next": f"?{urlencode({'state': state, 'q': text, 'before': found[ON_A_PAGE - 1].pk})}" if len(found) > ON_A_PAGE else "",
    }  # fmt: skip
    return render(request, "journeys/incidents/list.html", context)


@require_safe
@page("journeys.read")
def incident(request: HttpRequest, *, access: Access, incident_id: int) -> HttpResponse:
    """Show what an incident did, and what was done about it."""
    one = _found(access, incident_id)
    context = _whole(access, one) | {"parts": _offered(one), "purposes": customers.purpose_names(access.workspace_id)}
    return render(request, "journeys/incidents/one.html", context)


@require_safe
@page("journeys.read")
def report(request: HttpRequest, *, access: Access, incident_id: int) -> HttpResponse:
    """Show an incident on paper: what it did and what was done, without anything to press."""
    return render(request, "journeys/incidents/report.html", _whole(access, _found(access, incident_id)) | {"printed": True})


@require_http_methods(["GET", "HEAD", "POST"])
@page("incidents.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Open an incident."""
    return _form(request, access, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("incidents.write")
def edit(request: HttpRequest, *, access: Access, incident_id: int) -> HttpResponse:
    """Change an incident."""
    return _form(request, access, _found(access, incident_id))


@require_POST
@page("incidents.write")
def end(request: HttpRequest, *, access: Access, incident_id: int) -> HttpResponse:
    """Say that an incident is over, now where it has no end yet."""
    one = _found(access, incident_id)
    try:
        keep_incident(
            access, incident_id=one.pk, title=one.title, severity=one.severity, status="over", first=one.first, last=one.last,
            told=told_of(one), owner=one.owner, metric_id=one.metric_id, alert_id=one.alert_id, request=request,
        )  # fmt: skip
        messages.success(request, "It is over.")
    except AmityError as error:
        messages.error(request, error.message)
    return _to(access, one)


@require_POST
@page("incidents.write")
def note(request: HttpRequest, *, access: Access, incident_id: int) -> HttpResponse:
    """Write on an incident's timeline."""
    one = _found(access, incident_id)
    try:
        at = instant_in(request.POST.get("at", "").strip(), access.workspace.time_zone)
        write_note(access, incident_id=one.pk, text=request.POST.get("text", ""), at=at, request=request)
    except AmityError as error:
        messages.error(request, error.message)
    return _to(access, one, "#timeline")


@require_POST
@page("audiences.write")
def follow_up(request: HttpRequest, *, access: Access, incident_id: int) -> HttpResponse:
    """Make a list of a part of the impact."""
    one = _found(access, incident_id)
    try:
        audience, withheld = list_for_follow_up(
            access, incident_id=one.pk, part=request.POST.get("part", ""), name=request.POST.get("name", ""),
            purpose=request.POST.get("purpose", ""), request=request,
        )  # fmt: skip
    except AmityError as error:
        messages.error(request, error.message)
        return _to(access, one)
    left = f" {withheld:,} of them don’t allow this purpose, and are left out." if withheld else ""
    messages.success(request, f"The list is made.{left}")
    return redirect("customers:audience", workspace=access.workspace_slug, audience_id=audience)


@require_safe
@page("customers.read")
def people(request: HttpRequest, *, access: Access, incident_id: int) -> HttpResponse:
    """List who is in a part of the impact, of those who allow analytics."""
    one, part = _found(access, incident_id), request.GET.get("part", "affected")
    context: dict[str, Any] = {
        "one": one,
        "part": PART_NAMES.get(part, "were at this stage when they met it"),
        "at": {"part": part},
    }
    try:
        who = people_of(one, part, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    except NotFound as error:
        raise Http404(error.message) from None
    except AmityError as error:
        status = 400 if isinstance(error, Invalid) else 503
        return render(request, "journeys/incidents/people.html", context | {"failed": error.message}, status=status)
    given = request.GET.get("from", "")
    start = min(int(given) if given.isdecimal() and len(given) < 10 else 0, len(who))
    stretch = who[start : start + ON_A_PAGE]
    lines = customers.lines_by_id(access.workspace_id, stretch)
    context |= {
        "number": len(who), "rows": [{"id": each, "line": lines.get(each)} for each in stretch], "start": start, "end": start + len(stretch),
        "next": start + ON_A_PAGE if start + ON_A_PAGE < len(who) else 0, "before": max(start - ON_A_PAGE, 0) if start else None,
    }  # fmt: skip
    return render(request, "journeys/incidents/people.html", context)


def _form(request: HttpRequest, access: Access, one: Incident | None) -> HttpResponse:
    zone, error = access.workspace.time_zone, ""
    if request.method == "POST":
        given = said(request.POST.dict())
        try:
            made = _kept(request, access, one, given)
            return _to(access, made)
        except AmityError as problem:
            error = problem.message
    elif one is not None:
        given = given_of(one, zone)
    else:
        alert = _alert(access, number_in(request.GET.get("alert", "")))
        given = begun(zone, now_ms()) | (of_alert(alert, zone) if alert else {})
    context: dict[str, Any] = {
        "one": one, "given": given, "error": error, "tests": TESTS, "severities": SEVERITIES, "statuses": STATUSES, "zone": zone,
        "metrics": metrics.metrics_that_add_up(access.workspace_id), "alerts": metrics.alert_choices(access.workspace_id),
        "offered": customers.offered(access.workspace_id),
    }  # fmt: skip
    return render(request, "journeys/incidents/edit.html", context, status=400 if error else 200)


def _kept(request: HttpRequest, access: Access, one: Incident | None, given: dict[str, str]) -> Incident:
    first, last = (instant_in(given[name], access.workspace.time_zone) for name in ("first", "last"))
    if first is None:
        raise Invalid("When did it begin?")
    if one is not None:  # a form says minutes: what it shows unchanged is what it was
        before = given_of(one, access.workspace.time_zone)
        first = one.first if given["first"] == before["first"] else first
        last = one.last if given["last"] == before["last"] else last
    return keep_incident(
        access, incident_id=one.pk if one else None, title=given["title"], severity=given["severity"], status=given["status"], first=first,
        last=last, told=told_in(given), owner=given["owner"], metric_id=number_in(given["metric"]), alert_id=number_in(given["alert"]),
        request=request,
    )  # fmt: skip


def _whole(access: Access, one: Incident) -> dict[str, Any]:
    alert, told = _alert(access, one.alert_id), told_of(one)
    context: dict[str, Any] = {
        "one": one, "asked": words_of(told), "alert": alert, "rows": timeline(one, entries_of(one), alert), "lasted": lasted(one, now_ms()),
        "severity": SEVERITIES[one.severity], "status": STATUSES[one.status], "has_told": told.told is not None,
    }  # fmt: skip
    try:
        found = read_impact(one, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    except AmityError as error:
        return context | {"failed": error.message}
    return context | figures(found, access.workspace.time_zone)


def _offered(one: Incident) -> dict[str, str]:
    told = told_of(one).told is not None
    return {part: f"who {PART_NAMES[part]}" for part in PARTS if told or part not in {"told", "untold"}}


def _alert(access: Access, alert_id: int | None) -> AlertTold | None:
    if alert_id is None:
        return None
    try:
        return metrics.alert_told(workspace_id=access.workspace_id, alert_id=alert_id)
    except NotFound:
        return None


def _to(access: Access, one: Incident, fragment: str = "") -> HttpResponse:
    answer = redirect("journeys:incident", workspace=access.workspace_slug, incident_id=one.pk)
    answer["Location"] += fragment
    return answer


def _found(access: Access, incident_id: int) -> Incident:
    try:
        return accessible_incident(workspace_id=access.workspace_id, incident_id=incident_id)
    except AmityError as error:
        raise Http404(error.message) from None
