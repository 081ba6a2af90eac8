"""Pages of computed traits: the list, one with its values, and why a customer has one."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers.actions.computed.verbs import archive_trait, want_trait
from amity.rooms.customers.console.known import tint_of
from amity.rooms.customers.console.parts import found as found_customer
from amity.rooms.customers.models import ComputedTrait
from amity.rooms.customers.queries.audiences.known import known_of, value_of
from amity.rooms.customers.queries.audiences.lists import lines_by_id, names_of
from amity.rooms.customers.queries.computed.lists import accessible_trait, common_of, list_traits, spread_of, values_page
from amity.rooms.customers.queries.computed.why import why_value
from amity.rooms.customers.rules.computed.inlining import depending
from amity.rooms.customers.rules.computed.sentences import outline, value_text, words
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50


@require_safe
@page("customers.read")
def traits(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List computed traits with what they are and how many customers have one."""
    text = request.GET.get("q", "")[:200].strip()
    archived = request.GET.get("archived") == "1"
    rows = list_traits(workspace_id=access.workspace_id, archived=archived, text=text)
    names = names_of(access.workspace_id)
    shown = [{"one": one, "words": words(value_of(one.definition).value, names)} for one in rows]
    return render(request, "customers/computed/list.html", {"rows": shown, "text": text, "archived": archived})


@require_safe
@page("customers.read")
def trait(request: HttpRequest, *, access: Access, trait_id: int) -> HttpResponse:
    """Show a computed trait: what it is, how its values are spread, who has which, what refers to it."""
    one = found_trait(access, trait_id)
    after = _after(request)
    rows = values_page(one.pk, after=after, limit=ON_A_PAGE + 1)
    lines = lines_by_id(access.workspace_id, [customer for customer, _, _ in rows[:ON_A_PAGE]])
    known = known_of(access.workspace_id)
    users = sorted((known.name(node), node[0], node[1]) for node in depending(("trait", one.pk), known))
    context: dict[str, Any] = {
        "one": one,
        "outline": outline(value_of(one.definition).value, known.names),
        "json": json.dumps(one.definition, indent=2, ensure_ascii=False),
        "spread": spread_of(one.pk),
        "common": [
            (value_text(value), count, f"{count / one.size:.1%}" if one.size else "") for value, count in common_of(one.pk)
        ],
        "users": users,
        "rows": [
            {"line": lines[who], "value": value_text(value), "since": since, "tint": tint_of(who)}
            for who, value, since in rows[:ON_A_PAGE]
            if who in lines
        ],
        "next": rows[ON_A_PAGE - 1][0].hex if len(rows) > ON_A_PAGE else "",
        "first": after is None,
    }
    return render(request, "customers/computed/one.html", context)


@require_safe
@page("customers.read")
def reasons(request: HttpRequest, *, access: Access, trait_id: int, customer_id: UUID) -> HttpResponse:
    """Show why a customer has a value: each part, and the interactions that decide it."""
    one = found_trait(access, trait_id)
    customer = found_customer(access, customer_id)
    try:
        why, failed = why_value(one, customer_id=customer.id), ""
    except AmityError as error:
        why, failed = None, error.message
    parts = [(part, value_text(part.value)) for part in why.parts] if why else []
    context = {"one": one, "customer": customer, "why": why, "parts": parts, "failed": failed}
    context["value"] = value_text(why.value) if why else ""
    return render(request, "customers/computed/why.html", context, status=200 if why else 409)


@require_POST
@page("audiences.write")
def archive(request: HttpRequest, *, access: Access, trait_id: int) -> HttpResponse:
    """Archive a computed trait."""
    return _done(request, access, trait_id, archive_trait, "Archived. Nobody has a value any more.")


@require_POST
@page("audiences.write")
def recompute(request: HttpRequest, *, access: Access, trait_id: int) -> HttpResponse:
    """Have it worked out anew for everybody."""
    return _done(request, access, trait_id, want_trait, "It is being worked out. Look again in a moment.")


def found_trait(access: Access, trait_id: int) -> ComputedTrait:
    """Return a computed trait of the workspace. Raises Http404."""
    try:
        return accessible_trait(workspace_id=access.workspace_id, trait_id=trait_id)
    except AmityError as error:
        raise Http404(error.message) from None


def _done(request: HttpRequest, access: Access, trait_id: int, act: Any, said: str) -> HttpResponse:
    one = found_trait(access, trait_id)
    try:
        act(access, trait_id=one.pk, request=request)
        messages.success(request, said)
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("customers:computed_trait", workspace=access.workspace_slug, trait_id=one.pk)


def _after(request: HttpRequest) -> UUID | None:
    try:
        return UUID(request.GET["after"])
    except (KeyError, ValueError):
        return None
