"""Parts of a customer's page that htmx asks for: older stretches of the story, and one interaction whole."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from functools import partial
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from amity.engines.past.client import later
from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.rooms.customers.console.filters import StoryFilter
from amity.rooms.customers.console.known import source_names
from amity.rooms.customers.contracts import NO_SESSION, Customer, Moment, Story
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.queries.standing import get_moment
from amity.rooms.customers.queries.story import timeline
from amity.rooms.customers.rules.portrait.thread import Bead, Day, Fold, string
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

AT_ONCE = 50


@require_safe
@page("customers.read")
def older(request: HttpRequest, *, access: Access, customer_id: UUID) -> HttpResponse:
    """Return the next stretch of a story, below what the reader has."""
    customer = found(access, customer_id)
    chosen = StoryFilter.read(request.GET)
    try:
        asked = begun(access=access, customer=customer, chosen=chosen, before=request.GET.get("before", ""))
        parts = stretch(asked, access=access, customer=customer, chosen=chosen, above=_above(request))
    except Invalid as error:
        raise Http404(error.message) from error
    template = "customers/_stretch.html" if request.headers.get("HX-Request") else "customers/older.html"
    return render(request, template, parts | {"customer": customer})


@require_safe
@page("customers.read")
def moment(request: HttpRequest, *, access: Access, customer_id: UUID, time: int, key: UUID) -> HttpResponse:
    """Return one interaction as it is stored, as JSON for people."""
    customer = found(access, customer_id)
    try:
        one = get_moment(customer=customer, time=time, key=key)
    except (NotFound, Invalid) as error:
        raise Http404(error.message) from error
    context = {
        "customer": customer,
        "moment": one,
        "source": source_names(access.workspace_id).get(one.source_id, ""),
        "body": json.dumps(body_of(one), indent=2, ensure_ascii=False, default=str),
        "id": f"m-{one.key.hex}",
    }
    template = "customers/_moment.html" if request.headers.get("HX-Request") else "customers/moment.html"
    return render(request, template, context)


def found(access: Access, customer_id: UUID) -> Customer:
    """Return a customer of this workspace; another's, or none, is 404."""
    try:
        return get_customer(workspace_id=access.workspace_id, customer_id=customer_id)
    except NotFound as error:
        raise Http404(error.message) from error


def begun(*, access: Access, customer: Customer, chosen: StoryFilter, before: str = "") -> Callable[[], Story]:
    """Begin to read a stretch of the story; call what is returned for it. Raises there what `timeline` raises."""
    since = chosen.since_ms(now=timezone.now(), zone=ZoneInfo(access.workspace.time_zone))
    return later(
        partial(
            timeline,
            workspace_id=access.workspace_id,
            customer_ids=customer.all_ids,
            before=before,
            channels=chosen.channels,
            types=chosen.types,
            voices=chosen.voices,
            spelled=chosen.spelled,
            money=chosen.money,
            since=since,
            limit=AT_ONCE,
            known=customer.interactions,
        )
    )


def stretch(
    asked: Callable[[], Story],
    *,
    access: Access,
    customer: Customer,
    chosen: StoryFilter,
    above: tuple[date | None, UUID | None] = (None, None),
) -> dict[str, Any]:
    """Return what `_stretch.html` shows of a story that was `begun`: its days, and the address of older ones.

    `above` is the last day and visit that the reader sees already. A past that doesn't answer is said in `failed`.
    """
    zone = ZoneInfo(access.workspace.time_zone)
    now = timezone.now()
    try:
        told = asked()
    except Invalid:
        raise
    except AmityError as error:
        return {"days": [], "failed": error.message}
    days = string(told.moments, zone=zone, today=now.astimezone(zone).date(), shown_day=above[0], shown_visit=above[1])
    older_url = _older_url(access, customer, chosen, told.before, days) if told.before else ""
    return {"days": days, "older_url": older_url}


def body_of(one: Moment) -> dict[str, Any]:
    """Return an interaction as an object, without what it doesn't have."""
    fields = {name: getattr(one, name) for name in Moment.__slots__}
    return {name: value for name, value in fields.items() if value not in ("", None, (), [], {}) and value != NO_SESSION}


def _above(request: HttpRequest) -> tuple[date | None, UUID | None]:
    try:
        day = date.fromisoformat(request.GET.get("day", ""))
    except ValueError:
        day = None
    try:
        return day, UUID(request.GET.get("visit", ""))
    except ValueError:
        return day, None


def _older_url(access: Access, customer: Customer, chosen: StoryFilter, before: str, days: list[Day]) -> str:
    last = days[-1].visits[-1].items[-1]
    bead = last.beads[-1] if isinstance(last, Fold) else last
    return older_url(access, customer, chosen, before, bead)


def older_url(access: Access, customer: Customer, chosen: StoryFilter, before: str, last: Bead) -> str:
    """Return the address of what comes below `last`."""
    given = {**chosen.query(), "before": before, "day": last.at.date().isoformat()}
    if last.moment.session_id != NO_SESSION:
        given["visit"] = str(last.moment.session_id)
    to = reverse("customers:older", kwargs={"workspace": access.workspace_slug, "customer_id": customer.id})
    return f"{to}?{urlencode(given)}"
