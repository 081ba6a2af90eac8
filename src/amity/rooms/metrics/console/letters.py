"""The page that says to whom a dashboard goes by e-mail, and when."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel.errors import AmityError
from amity.rooms.metrics.actions.letters import end_letter, save_letter
from amity.rooms.metrics.console.dashboards import found_dashboard
from amity.rooms.metrics.models import DashboardLetter, DashboardPost
from amity.rooms.metrics.queries.letters import accessible_letter, list_letters
from amity.rooms.trust import api as trust
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@require_http_methods(["GET", "HEAD", "POST"])
@page("metrics.write")
def letters(request: HttpRequest, *, access: Access, dashboard_id: int) -> HttpResponse:
    """List a dashboard's letters, and set one up."""
    one = found_dashboard(access, dashboard_id)
    given: dict[str, Any] = {
        "day": request.POST.get("day", "0"),
        "hour": request.POST.get("hour", "8"),
        "people": request.POST.getlist("people"),
    }
    error = ""
    if request.method == "POST":
        try:
            save_letter(
                access, dashboard_id=one.pk, weekday=_number(given["day"]) if given["day"] != "daily" else None, hour=_number(given["hour"]),
                people=given["people"], request=request,
            )  # fmt: skip
        except AmityError as problem:
            error = problem.message
        else:
            messages.success(request, "It goes out at its next turn.")
            return redirect("metrics:dashboard_letters", workspace=access.workspace_slug, dashboard_id=one.pk)
    people = trust.list_colleagues(access.workspace_id)
    names = {person.id: person.name for person in people}
    context = {
        "one": one, "rows": [_row(letter, names) for letter in list_letters(one)], "people": people, "given": given, "error": error, "days": list(enumerate(DAYS)),
        "hours": [(str(hour), f"{hour:02}:00") for hour in range(24)], "zone": access.workspace.time_zone, "sends": trust.sends_mail(),
    }  # fmt: skip
    return render(request, "metrics/dashboards/letters.html", context, status=400 if error else 200)


@require_POST
@page("metrics.write")
def end(request: HttpRequest, *, access: Access, dashboard_id: int, letter_id: int) -> HttpResponse:
    """Send a dashboard no more."""
    one = found_dashboard(access, dashboard_id)
    try:
        found = accessible_letter(workspace_id=access.workspace_id, letter_id=letter_id if letter_id < 2**63 else 0)
    except AmityError as error:
        raise Http404(error.message) from None
    if found.dashboard_id != one.pk:
        raise Http404("There is no such letter of this dashboard.")
    end_letter(access, letter_id=found.pk, request=request)
    messages.success(request, "That is sent no more.")
    return redirect("metrics:dashboard_letters", workspace=access.workspace_slug, dashboard_id=one.pk)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else -1


def _row(one: DashboardLetter, names: dict[str, str]) -> dict[str, Any]:
    last = DashboardPost.objects.filter(letter=one).order_by("-slot").values_list("slot", flat=True).first()
    posts = [] if last is None else list(DashboardPost.objects.filter(letter=one, slot=last).order_by("pk"))
    return {
        "one": one, "when": f"{'Every day' if one.weekday is None else f'Every {DAYS[one.weekday]}'} at {one.hour:02}:00",
        "people": [names.get(person, "somebody who left") for person in one.people], "slot": last,
        "posts": [{"name": names.get(post.person, "somebody who left"), "post": post, "lost": post.taken_at is not None and post.sent_at is None} for post in posts],
    }  # fmt: skip
