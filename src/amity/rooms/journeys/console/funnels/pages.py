"""Pages of funnels: the list, one with its numbers, and the customers behind a number."""

from __future__ import annotations

import json
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers import api as customers
from amity.rooms.journeys.actions.funnels import archive_funnel
from amity.rooms.journeys.console.funnels.shown import result, step_words, words
from amity.rooms.journeys.models import SavedFunnel
from amity.rooms.journeys.queries.funnels.count import count_funnel, people_of
from amity.rooms.journeys.queries.funnels.kept import accessible_funnel, funnel_of, list_funnels
from amity.rooms.journeys.rules.funnels.language import read, written
from amity.rooms.journeys.rules.funnels.naming import step_name
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50
LONGEST = 200_000
LATEST = 2**52


@require_safe
@page("journeys.read")
def funnels(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List the funnels that are kept."""
    text = request.GET.get("q", "")[:200].strip()
    archived = request.GET.get("archived") == "1"
    rows = list_funnels(workspace_id=access.workspace_id, archived=archived, text=text)
    shown = [{"one": one, "steps": [step_name(f, n) for n in range(len(f.steps))]} for one in rows for f in [funnel_of(one)]]
    return render(request, "journeys/funnels/list.html", {"rows": shown, "text": text, "archived": archived, "tab": "funnels"})


@require_safe
@page("journeys.read")
def funnel(request: HttpRequest, *, access: Access, funnel_id: int) -> HttpResponse:
    """Show a funnel: what it asks, and what it comes to now."""
    one = found_funnel(access, funnel_id)
    asked = funnel_of(one)
    context: dict[str, Any] = {
        "one": one,
        "said": words(asked, access.workspace_id),
        "json": json.dumps(written(asked), indent=2, ensure_ascii=False),
    }
    try:
        found = count_funnel(asked, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone, as_of=now_ms())
        context |= result(access, asked, found)
    except AmityError as error:
        context["failed"] = error.message
    return render(request, "journeys/funnels/one.html", context)


@require_safe
@page("journeys.read")
def people(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List the customers behind a number of a funnel: those that were counted at that instant."""
    given = request.GET
    try:
        asked = read(given.get("d", "")[:LONGEST])
        as_of, step = _whole(given.get("as_of", "")), _whole(given.get("step", ""))
        left, group = given.get("left") == "1", given.get("group", "")[:600]
        who = people_of(
            asked, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone, as_of=as_of, step=step, left=left,
            group=group,
        )  # fmt: skip
    except Invalid as error:
        return render(request, "journeys/funnels/people.html", {"failed": error.message}, status=400)
    except AmityError as error:
        return render(request, "journeys/funnels/people.html", {"failed": error.message}, status=503)
    start = min(_whole(given.get("from", "") or "0"), len(who))
    stretch = who[start : start + ON_A_PAGE]
    lines = customers.lines_by_id(access.workspace_id, stretch) if access.can("customers.read") else {}
    at = {name: value for name, value in given.items() if name != "from"}
    context = {
        "asked": asked, "step": step, "left": left, "name": step_name(asked, step - 1), "number": len(who), "as_of": as_of,
        "words": step_words(asked.steps[step - 1].event) if asked.order != "any" else "",
        "group": group.removeprefix("is:") if group else "",
        "rows": [{"id": one, "line": lines.get(one)} for one in stretch],
        "start": start, "end": start + len(stretch), "at": at, "next": start + ON_A_PAGE if start + ON_A_PAGE < len(who) else 0,
        "before": max(start - ON_A_PAGE, 0) if start else None,
    }  # fmt: skip
    return render(request, "journeys/funnels/people.html", context)


@require_POST
@page("journeys.write")
def archive(request: HttpRequest, *, access: Access, funnel_id: int) -> HttpResponse:
    """Put a funnel away."""
    archive_funnel(access, funnel_id=found_funnel(access, funnel_id).pk, request=request)
    messages.success(request, "Archived. You find it among the archived funnels.")
    return redirect("journeys:funnels", workspace=access.workspace_slug)


def found_funnel(access: Access, funnel_id: int) -> SavedFunnel:
    """Return a funnel of the workspace. Raises Http404."""
    try:
        return accessible_funnel(workspace_id=access.workspace_id, funnel_id=funnel_id)
    except AmityError as error:
        raise Http404(error.message) from None


def _whole(text: str) -> int:
    if not text.isdecimal() or len(text) > 15 or int(text) > LATEST:
        raise Invalid("This address isn’t whole. Go back to the funnel and press its number again.")
    return int(text)
