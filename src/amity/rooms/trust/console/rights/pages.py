"""Requests of people about their data: all of them, one, a new one, and how the workspace takes them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from amity.kernel.errors import AmityError, NotFound
from amity.kernel.holdings import keeper
from amity.kernel.settings import settings
from amity.rooms.trust.actions.mailing import sends_mail
from amity.rooms.trust.actions.rights.archives import GIVEN
from amity.rooms.trust.actions.rights.links import addresses_of
from amity.rooms.trust.actions.rights.requests import enter
from amity.rooms.trust.actions.rights.sealed import open_identifiers, unsealed
from amity.rooms.trust.actions.rights.settings import FIELDS, change_rights_setting
from amity.rooms.trust.api import page
from amity.rooms.trust.console.rights.forms import IDENTIFIERS, NewRequestForm, SettingForm
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import RightsArchive, RightsRequest
from amity.rooms.trust.queries.rights import (
    Wanted,
    accessible_request,
    counts_of,
    customer_of,
    erasures_of,
    holdings_of,
    is_urgent,
    list_requests,
    setting_of,
    subject_of,
)
from amity.rooms.trust.rules.erasure.states import STATES as ERASURE_STATES
from amity.rooms.trust.rules.rights import ENDED, KINDS, LAWS, STATES, STEPS, WAYS, clock

FILTERS = {"open_ones": "In hand", "overdue": "Overdue", "soon": "Due in 7 days", "done": "Done", "refused": "Refused",
           "cancelled": "Cancelled", "all": "All"}  # fmt: skip


@page("rights.enter")
@never_cache
@require_safe
def requests(request: HttpRequest, access: Access) -> HttpResponse:
    """List requests: those in hand, soonest due first, or others by state, kind and identifier."""
    given = {name: request.GET.get(name, "").strip() for name in ("state", "kind", "by", "id", "after")}
    state = given["state"] if given["state"] in FILTERS else "open_ones"
    sought = (given["by"] or "email", given["id"]) if given["id"] else None
    wanted = Wanted(state="" if state == "all" else state, kind=given["kind"], identifier=sought)
    problem, rows, more = "", [], ""
    try:
        found = list_requests(workspace_id=access.workspace_id, wanted=wanted, after=given["after"])
        rows, more = found.rows, found.next
    except AmityError as error:
        problem = error.message
    kept = {name: value for name, value in {**given, "state": state}.items() if value and name != "after"}
    now = timezone.now()
    counts = counts_of(access.workspace_id)
    context = {
        "rows": [
            {"row": one, "urgent": is_urgent(one, now), "kind": _short(one.kind), "state": STATES[one.state]} for one in rows
        ],
        "filters": [
            {
                "label": label,
                "count": counts.get(name),
                "current": name == state,
                "query": urlencode({**kept, "state": name}),
            }
            for name, label in FILTERS.items()
        ],
        "kinds": [(value, _short(value)) for value in KINDS],
        "given": given,
        "state": state,
        "identifiers": IDENTIFIERS,
        "older": urlencode({**kept, "after": more}) if more else "",
        "any": bool(rows or given["kind"] or given["id"] or given["after"] or state != "open_ones" or problem),
        "problem": problem,
    }
    return render(request, "trust/rights/list.html", context, status=400 if problem else 200)


@page("rights.enter")
@never_cache
@require_safe
def one(request: HttpRequest, access: Access, request_id: UUID) -> HttpResponse:
    """Show one request: whom it is about, what is held of them, what was done, and what there is to do."""
    return show(request, access, request_id)


def show(  # noqa: PLR0913  each is one part of the page
    request: HttpRequest, access: Access, request_id: UUID, *, problem: str = "", status: int = 200, given: Any = None
) -> HttpResponse:
    """Draw the page of one request, also after something on it went wrong. Raises Http404."""
    context = {**_described(access, found(access, request_id)), "problem": problem, "given": given or {}}
    return render(request, "trust/rights/one.html", context, status=status)


def found(access: Access, request_id: UUID) -> RightsRequest:
    """Return a request of the workspace. Raises Http404."""
    try:
        return accessible_request(access.workspace_id, request_id)
    except NotFound:
        raise Http404("There is no such request.") from None


@page("rights.enter")
@never_cache
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest, access: Access) -> HttpResponse:
    """Take a request down. `?by=…&id=…&kind=…` fills in who it is about."""
    setting = setting_of(access.workspace_id)
    given = {"identifier_kind": request.GET.get("by") or "email", "identifier": request.GET.get("id", ""), "law": setting.law}
    form = NewRequestForm(request.POST if request.method == "POST" else None, initial={**given, "kind": request.GET.get("kind")})
    if request.method == "POST" and form.is_valid():
        data = dict(form.cleaned_data)
        identifier = (data.pop("identifier_kind"), data.pop("identifier"))
        try:
            made = enter(
                access, identifiers=[identifier], received_at=_instant(access, data.pop("received_on")), request=request, **data
            )
        except AmityError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "The request is taken down.")
            return redirect("trust:request", workspace=access.workspace_slug, request_id=made.pk)
    context = {"form": form, "identifiers": IDENTIFIERS}
    return render(request, "trust/rights/new.html", context, status=200 if request.method == "GET" else 422)


@page("rights.write")
@require_http_methods(["GET", "POST"])
def setting(request: HttpRequest, access: Access) -> HttpResponse:
    """Show and change how requests are taken."""
    kept = setting_of(access.workspace_id)
    form = SettingForm(request.POST if request.method == "POST" else None, initial={name: getattr(kept, name) for name in FIELDS})
    if request.method == "POST" and form.is_valid():
        try:
            change_rights_setting(access, request=request, **form.cleaned_data)
        except AmityError as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, "That is how requests are taken now.")
            return redirect("trust:requests-setting", workspace=access.workspace_slug)
    address = f"{settings().public_console}{reverse('trust:request-form', kwargs={'site': access.workspace_slug})}"
    context = {"form": form, "address": address if kept.form_open else "", "mail": sends_mail()}
    return render(request, "trust/rights/setting.html", context, status=200 if request.method == "GET" else 422)


def _described(access: Access, row: RightsRequest) -> Mapping[str, Any]:
    subject = subject_of(row)
    held, trouble = holdings_of(subject) if subject.identifiers or subject.customer_ids else ([], "")
    archive: RightsArchive | None = getattr(row, "archive", None)
    customer = customer_of(subject)
    ended, sure = row.state in ENDED, row.state != "unverified"
    may = access.can("rights.write")
    times = clock(row.law, row.kind, row.received_at)
    restricted = row.kind == "restriction" and keeper().is_restricted(subject)
    return {
        "row": row,
        "kind": KINDS[row.kind].partition(": "),
        "law": LAWS[row.law],
        "way": WAYS[row.via],
        "state": STATES[row.state],
        "urgent": is_urgent(row, timezone.now()),
        "ended": ended,
        "sure": sure,
        "addresses": addresses_of(subject) if may and not sure and sends_mail() else [],
        "may": may,
        "identifiers": [(IDENTIFIERS.get(kind, kind), value) for kind, value in open_identifiers(row.subject)],
        "contact": unsealed(row.contact),
        "details": unsealed(row.details),
        "customer_url": _customer_url(access, customer),
        "subject": subject,
        "held": held,
        "total": sum(one.number for one in held),
        "trouble": trouble,
        "archive": archive,
        "given_out": row.kind in GIVEN,
        "restricted": restricted,
        "erasures": [{"row": run, "said": ERASURE_STATES[run.state]} for run in erasures_of(row)],
        "erasing": not ended and bool(row.erasures),
        "latest": times.latest if may and not ended and not row.extended_because and row.due_at > timezone.now() else None,
        "steps": [{"row": step, "said": STEPS.get(step.what, step.what)} for step in row.steps.order_by("-at", "-id")],
        "traits": sorted(keeper().traits(subject).items()) if may and sure and not ended and row.kind == "rectification" else [],
    }


def _customer_url(access: Access, customer: UUID | None) -> str:
    if customer is None or not access.can("customers.read"):
        return ""
    return reverse("customers:customer", kwargs={"workspace": access.workspace_slug, "customer_id": customer})


def _instant(access: Access, day: Any) -> datetime | None:
    """Return when a day began in the workspace's time, so that what is due is never due too late; None for no day: now."""
    if day is None:
        return None
    here = datetime.combine(day, time(0, 0), tzinfo=ZoneInfo(access.workspace.time_zone))
    return here.astimezone(UTC)


def _short(kind: str) -> str:
    return KINDS[kind].partition(":")[0]
