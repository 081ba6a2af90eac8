"""What a list or a story shows, as a file: the same filters, all of it instead of a page."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from django.views.decorators.http import require_GET

from amity.rooms.customers.actions.export import Export
from amity.rooms.customers.console.filters import StoryFilter
from amity.rooms.customers.console.lists import LONGEST
from amity.rooms.customers.console.parts import found
from amity.rooms.customers.rules.export.wanted import FORMATS, CustomersWanted, Format, InteractionsWanted, Wanted
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access
from amity.shell.download import download


@require_GET
@page("customers.export")
def customers(request: HttpRequest, *, access: Access, form: str) -> HttpResponseBase:
    """Download customers: everybody, or those that the text in the search field finds."""
    if form == "xes":
        raise Http404("XES holds interactions, not customers.")
    wanted = CustomersWanted(text=request.GET.get("q", "")[:LONGEST].replace("\0", "").strip())
    return _file(request, access, form=form, wanted=wanted, name="customers")


@require_GET
@page("customers.export")
def story(request: HttpRequest, *, access: Access, customer_id: UUID, form: str) -> HttpResponseBase:
    """Download a customer's story, filtered as its page is; oldest first."""
    chosen = StoryFilter.read(request.GET)
    wanted = InteractionsWanted(
        customer_id=found(access, customer_id).id,
        channels=chosen.channels,
        types=chosen.types,
        voices=chosen.voices,
        since=chosen.since_ms(now=timezone.now(), zone=ZoneInfo(access.workspace.time_zone)),
    )
    return _file(request, access, form=form, wanted=wanted, name="story")


def _file(request: HttpRequest, access: Access, *, form: str, wanted: Wanted, name: str) -> HttpResponseBase:
    if form not in FORMATS:
        raise Http404("There is no such form of file.")
    chosen: Format = form  # type: ignore[assignment]
    file = f"{name}-{access.workspace_slug}-{datetime.now(UTC):%Y-%m-%d}.{form}"
    export = Export(who=access, workspace_id=access.workspace_id, wanted=wanted, form=chosen, request=request, target=file)
    return download(export.pieces(), name=file, media_type=export.media_type)
