"""What a list or a story shows, as a file: the same filters, all of it instead of a page."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_GET

from amity.rooms.customers.actions.export import Export
from amity.rooms.customers.console.audiences.pages import found_audience
from amity.rooms.customers.console.filters import StoryFilter
from amity.rooms.customers.console.lists import LONGEST, export_links
from amity.rooms.customers.console.parts import found
from amity.rooms.customers.queries.export import count_customers, count_members
from amity.rooms.customers.queries.permission import chosen, permitted
from amity.rooms.customers.rules.export.wanted import (
    FORMATS,
    OF_STEPS,
    AudienceWanted,
    CustomersWanted,
    Format,
    InteractionsWanted,
    Wanted,
)
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access
from amity.shell.download import download

_COUNTED = 20_000  # customers who are asked while somebody waits: a second's worth


@require_GET
@page("customers.export")
def customers(request: HttpRequest, *, access: Access, form: str) -> HttpResponseBase:
    """Download customers: everybody, or those that the text in the search field finds."""
    if form in OF_STEPS:
        raise Http404("It holds interactions, not customers.")
    wanted = CustomersWanted(purpose=_purpose(request, access), text=_text(request))
    return _file(request, access, form=form, wanted=wanted, name="customers")


@require_GET
@page("customers.export")
def story(request: HttpRequest, *, access: Access, customer_id: UUID, form: str) -> HttpResponseBase:
    """Download a customer's story, filtered as its page is; oldest first."""
    filters = StoryFilter.read(request.GET)
    wanted = InteractionsWanted(
        purpose=_purpose(request, access),
        customer_id=found(access, customer_id).id,
        channels=filters.channels,
        types=filters.types,
        voices=filters.voices,
        spelled=filters.spelled,
        money=filters.money,
        since=filters.since_ms(now=timezone.now(), zone=ZoneInfo(access.workspace.time_zone)),
    )
    return _file(request, access, form=form, wanted=wanted, name="story")


@require_GET
@page("customers.export")
def audience(request: HttpRequest, *, access: Access, audience_id: int) -> HttpResponse:
    """Choose what an audience's file is for, and see how many of its customers allow that now."""
    one = found_audience(access, audience_id)
    purposes = chosen(access.workspace_id).purposes
    purpose = request.GET.get("purpose", "")
    context: dict[str, Any] = {"one": one, "purposes": purposes.values(), "purpose": purpose}
    if purpose in purposes:
        wanted = AudienceWanted(audience_id=one.pk, purpose=purpose)
        context["allowed"], context["withheld"] = count_members(workspace_id=access.workspace_id, wanted=wanted)
        base = reverse("customers:audience_file", args=[access.workspace_slug, one.pk, "csv"])
        context["files"] = export_links(base, {"purpose": purpose}, access, "xes")
        context["chosen"] = purposes[purpose]
    return render(request, "customers/audiences/export.html", context)


@require_GET
@page("customers.export")
def audience_file(request: HttpRequest, *, access: Access, audience_id: int, form: str) -> HttpResponseBase:
    """Download the members who allow the purpose now."""
    if form in OF_STEPS:
        raise Http404("It holds interactions, not customers.")
    one = found_audience(access, audience_id)
    wanted = AudienceWanted(audience_id=one.pk, purpose=_purpose(request, access))
    return _file(request, access, form=form, wanted=wanted, name="audience")


@require_GET
@page("customers.export")
def choose_customers(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Choose what a file of customers is for, and see how many allow that now, where they are few enough to be asked at once."""
    text, listed = _text(request), reverse("customers:list", args=[access.workspace_slug])
    context = _choice(request, access, query={"q": text}, back=listed, what="Customers")
    if purpose := context["purpose"]:
        wanted = CustomersWanted(purpose=purpose, text=text)
        context["counted"] = count_customers(workspace_id=access.workspace_id, wanted=wanted, most=_COUNTED)
        context["files"] = export_links(
            reverse("customers:export", args=[access.workspace_slug, "csv"]), {"q": text, "purpose": purpose}, access, "xes"
        )
    return render(request, "customers/take_out.html", context)


@require_GET
@page("customers.export")
def choose_story(request: HttpRequest, *, access: Access, customer_id: UUID) -> HttpResponse:
    """Choose what a file of a customer's story is for, and see whether they allow that now."""
    customer = found(access, customer_id)
    url = {"workspace": access.workspace_slug, "customer_id": customer.id}
    query = StoryFilter.read(request.GET).query()
    context = _choice(request, access, query=query, back=reverse("customers:customer", kwargs=url), what=customer.name)
    if purpose := context["purpose"]:
        allowed = permitted(workspace_id=access.workspace_id, customer_ids=[customer.id], purpose=purpose)
        context["counted"] = (1, 0) if allowed else (0, 1)
        context["files"] = export_links(
            reverse("customers:story_export", kwargs={**url, "form": "csv"}), {**query, "purpose": purpose}, access
        )
    return render(request, "customers/take_out.html", context)


def _choice(request: HttpRequest, access: Access, *, query: dict[str, str], back: str, what: str) -> dict[str, Any]:
    purposes = chosen(access.workspace_id).purposes
    purpose = request.GET.get("purpose", "")
    given = {name: value for name, value in query.items() if value}
    return {
        "what": what,
        "back": f"{back}?{urlencode(given)}" if given else back,
        "query": given,
        "purposes": purposes.values(),
        "purpose": purpose if purpose in purposes else "",
        "chosen": purposes.get(purpose),
    }


def _purpose(request: HttpRequest, access: Access) -> str:
    """Return the purpose that a file is for; without one of the workspace's there is no file."""
    purpose = request.GET.get("purpose", "")
    if purpose not in chosen(access.workspace_id).purposes:
        raise Http404("Say what the file is for: choose a purpose.")
    return purpose


def _text(request: HttpRequest) -> str:
    return request.GET.get("q", "")[:LONGEST].replace("\0", "").strip()


def _file(request: HttpRequest, access: Access, *, form: str, wanted: Wanted, name: str) -> HttpResponseBase:
    if form not in FORMATS:
        raise Http404("There is no such form of file.")
    written_as: Format = form  # type: ignore[assignment]
    file = f"{name}-{access.workspace_slug}-{datetime.now(UTC):%Y-%m-%d}.{form}"
    export = Export(who=access, workspace_id=access.workspace_id, wanted=wanted, form=written_as, request=request, target=file)
    return download(export.pieces(), name=file, media_type=export.media_type)
