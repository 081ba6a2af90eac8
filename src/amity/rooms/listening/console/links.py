"""Where a survey is asked: its link, and links that name a customer."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amity.kernel.errors import AmityError, Forbidden, Invalid
from amity.rooms.customers import api as customers
from amity.rooms.listening.actions.inviting import invite, mailed
from amity.rooms.listening.actions.surveys import address_of, link_for
from amity.rooms.listening.console.pages import found_survey
from amity.rooms.listening.models import Survey
from amity.rooms.listening.queries.kept import is_changed, versions_of
from amity.rooms.trust.api import page, sends_mail
from amity.rooms.trust.contracts import Access


@require_http_methods(["GET", "HEAD", "POST"])
@page("surveys.read")
def links(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """Show a survey's link and its versions; make a link for one customer."""
    one = found_survey(access, survey_id)
    context: dict[str, Any] = {
        "one": one, "url": address_of(one.link_id), "versions": versions_of(one), "changed": is_changed(one), "tab": "links",
        "who": request.POST.get("who", "")[:500].strip(), "days": request.POST.get("days", "30")[:4],
        "audiences": customers.audience_choices(access.workspace_id), "mailed": mailed(one), "sends_mail": sends_mail(),
    }  # fmt: skip
    status = 200
    if request.method == "POST":
        try:
            if "audience" in request.POST:
                number = _invited(request, access, one)
                messages.success(
                    request, f"{number:,} customers are invited, one after another, where consent and rest let them be."
                )
                return redirect("listening:links", workspace=access.workspace_slug, survey_id=one.pk)
            context["made"] = _made(request, access, one, context["who"], context["days"])
        except AmityError as error:
            context["error"], status = error.message, 403 if isinstance(error, Forbidden) else 400
    return render(request, "listening/links.html", context, status=status)


def _invited(request: HttpRequest, access: Access, one: Survey) -> int:
    audience, days = request.POST.get("audience", ""), request.POST.get("days", "")
    return invite(
        access, survey_id=one.pk, audience_id=int(audience) if audience.isascii() and audience.isdecimal() and len(audience) < 19 else 0,
        days=int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0, request=request,
    )  # fmt: skip


def _made(request: HttpRequest, access: Access, one: Survey, who: str, days: str) -> str:
    if not access.can("customers.read"):
        raise Forbidden("Your role doesn’t see customers.")
    found = customers.find_customer_by_identifier(workspace_id=access.workspace_id, text=who) if who else None
    if found is None:
        raise Invalid("No customer has this identifier.")
    return link_for(
        access, survey_id=one.pk, customer_id=found.id, days=int(days) if days.isascii() and days.isdecimal() else 0, request=request
    )  # fmt: skip
