"""Where a survey is asked: its link, and links that name a customer."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from amity.kernel.errors import AmityError, Forbidden, Invalid
from amity.rooms.customers import api as customers
from amity.rooms.listening.actions.surveys import address_of, link_for
from amity.rooms.listening.console.pages import found_survey
from amity.rooms.listening.models import Survey
from amity.rooms.listening.queries.kept import is_changed, versions_of
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@require_http_methods(["GET", "HEAD", "POST"])
@page("surveys.read")
def links(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """Show a survey's link and its versions; make a link for one customer."""
    one = found_survey(access, survey_id)
    context: dict[str, Any] = {
        "one": one, "url": address_of(one.link_id), "versions": versions_of(one), "changed": is_changed(one), "tab": "links",
        "who": request.POST.get("who", "")[:500].strip(), "days": request.POST.get("days", "30")[:4],
    }  # fmt: skip
    status = 200
    if request.method == "POST":
        try:
            context["made"] = _made(request, access, one, context["who"], context["days"])
        except AmityError as error:
            context["error"], status = error.message, 403 if isinstance(error, Forbidden) else 400
    return render(request, "listening/links.html", context, status=status)


def _made(request: HttpRequest, access: Access, one: Survey, who: str, days: str) -> str:
    if not access.can("customers.read"):
        raise Forbidden("Your role doesn’t see customers.")
    found = customers.find_customer_by_identifier(workspace_id=access.workspace_id, text=who) if who else None
    if found is None:
        raise Invalid("No customer has this identifier.")
    return link_for(
        access, survey_id=one.pk, customer_id=found.id, days=int(days) if days.isascii() and days.isdecimal() else 0, request=request
    )  # fmt: skip
