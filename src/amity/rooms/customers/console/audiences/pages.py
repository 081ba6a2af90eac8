"""Pages of audiences: the list, one with its members, and why somebody is in or out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers.actions.audiences.verbs import archive_audience, duplicate_audience, want_recompute
from amity.rooms.customers.console.audiences.chart import chart
from amity.rooms.customers.console.known import tint_of
from amity.rooms.customers.console.parts import found as found_customer
from amity.rooms.customers.models import Audience, ListUpload
from amity.rooms.customers.queries.audiences.known import accessible_audience
from amity.rooms.customers.queries.audiences.lists import (
    lines_by_id,
    list_audiences,
    member_ids,
    names_of,
    overlaps,
    sizes_before,
    sizes_of,
)
from amity.rooms.customers.queries.audiences.naming import listed_as
from amity.rooms.customers.queries.audiences.why import conditions_in_words, why
from amity.rooms.customers.queries.permission import purpose_names
from amity.rooms.customers.queries.sync.lists import sent_to
from amity.rooms.customers.rules.audiences.listing import OWN, REASONS
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50


@require_safe
@page("customers.read")
def audiences(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List audiences with their size and how it changed in a week."""
    text = request.GET.get("q", "")[:200].strip()
    archived = request.GET.get("archived") == "1"
    rows = list_audiences(workspace_id=access.workspace_id, archived=archived, text=text)
    before = sizes_before([one.pk for one in rows], now_ms() - 7 * DAY)
    context = {
        "rows": [{"one": one, "change": one.size - before[one.pk] if one.pk in before else None} for one in rows],
        "text": text,
        "archived": archived,
    }
    return render(request, "customers/audiences/list.html", context)


@require_safe
@page("customers.read")
def audience(request: HttpRequest, *, access: Access, audience_id: int) -> HttpResponse:
    """Show an audience: what it means, how large it is and was, who is in it, what it shares with others."""
    one = found_audience(access, audience_id)
    after = _after(request)
    rows = member_ids(one.pk, after=after, limit=ON_A_PAGE + 1)
    lines = lines_by_id(access.workspace_id, [customer for customer, _ in rows[:ON_A_PAGE]])
    sizes = sizes_of(one.pk)
    named = listed_as(one.pk, [who for who, _ in rows[:ON_A_PAGE]]) if one.definition is None else {}
    names, purposes = names_of(access.workspace_id), purpose_names(access.workspace_id)
    context: dict[str, Any] = {
        "one": one,
        "sent": [{"one": sub, "purpose": purposes.get(sub.purpose, sub.purpose)} for sub in sent_to(one.pk)],
        "uploads": uploads_of(one) if one.definition is None else [],
        "words": conditions_in_words(one, names),
        "json": json.dumps(one.definition, indent=2, ensure_ascii=False),
        "members": [
            {"line": lines[who], "since": since, "tint": tint_of(who), "named": _named(named.get(who, ()))}
            for who, since in rows[:ON_A_PAGE]
            if who in lines
        ],
        "next": rows[ON_A_PAGE - 1][0].hex if len(rows) > ON_A_PAGE else "",
        "first": after is None,
        "chart": chart([(size.hour, size.size) for size in sizes], now=now_ms()),
        "sizes": list(reversed(sizes))[:48],
        "overlaps": overlaps(one)[:12] if after is None else [],
    }
    return render(request, "customers/audiences/one.html", context)


@require_safe
@page("customers.read")
def reasons(request: HttpRequest, *, access: Access, audience_id: int, customer_id: UUID) -> HttpResponse:
    """Show why a customer is in an audience or out of it."""
    one = found_audience(access, audience_id)
    customer = found_customer(access, customer_id)
    try:
        said, failed = why(one, customer_id=customer.id, names=names_of(access.workspace_id)), ""
    except AmityError as error:
        said, failed = None, error.message
    context = {"one": one, "customer": customer, "why": said, "failed": failed}
    return render(request, "customers/audiences/why.html", context, status=200 if said else 409)


@require_POST
@page("audiences.write")
def archive(request: HttpRequest, *, access: Access, audience_id: int) -> HttpResponse:
    """Archive an audience."""
    return _done(request, access, audience_id, archive_audience, "Archived. Nobody is in it any more.")


@require_POST
@page("audiences.write")
def recompute(request: HttpRequest, *, access: Access, audience_id: int) -> HttpResponse:
    """Have everybody looked at anew."""
    return _done(request, access, audience_id, want_recompute, "It is being computed. Look again in a moment.")


@require_POST
@page("audiences.write")
def duplicate(request: HttpRequest, *, access: Access, audience_id: int) -> HttpResponse:
    """Make a copy and go on to change it."""
    one = found_audience(access, audience_id)
    try:
        made = duplicate_audience(access, audience_id=one.pk, request=request)
    except Invalid as error:
        messages.error(request, error.message)
        return redirect("customers:audience", workspace=access.workspace_slug, audience_id=one.pk)
    return redirect("customers:edit_audience", workspace=access.workspace_slug, audience_id=made.pk)


def found_audience(access: Access, audience_id: int) -> Audience:
    """Return an audience of the workspace. Raises Http404."""
    try:
        return accessible_audience(workspace_id=access.workspace_id, audience_id=audience_id)
    except AmityError as error:
        raise Http404(error.message) from None


def uploads_of(one: Audience) -> list[dict[str, Any]]:
    """Return a list's uploads, newest first, with what they did in words."""
    found = ListUpload.objects.filter(audience_id=one.pk, used_at__isnull=False).order_by("-used_at")[:12]
    return [
        {
            "one": upload,
            "did": {"add": "added", "remove": "removed", "replace": "replaced all"}[upload.mode],
            "unused": sum(upload.counts.get(reason, 0) for reason in REASONS),
        }
        for upload in found
    ]


def _named(pairs: Sequence[tuple[str, str]]) -> str:
    told = [f"{'Amity’s id' if kind == OWN else kind} {value}" for kind, value in pairs[:2]]
    return ", ".join(told) + (f" and {len(pairs) - 2} more" if len(pairs) > 2 else "")


def _done(request: HttpRequest, access: Access, audience_id: int, act: Any, said: str) -> HttpResponse:
    one = found_audience(access, audience_id)
    try:
        act(access, audience_id=one.pk, request=request)
        messages.success(request, said)
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("customers:audience", workspace=access.workspace_slug, audience_id=one.pk)


def _after(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["after"])
    except (KeyError, ValueError):
        return None
