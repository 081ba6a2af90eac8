"""The builder of funnels: steps as lines with controls, or the same as JSON. Works without JavaScript; with it, counts while one edits."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Forbidden, Invalid
from amity.rooms.customers import api as customers
from amity.rooms.journeys.actions.funnels import change_funnel, create_funnel
from amity.rooms.journeys.console.funnels.pages import LONGEST, found_funnel
from amity.rooms.journeys.console.funnels.shown import result
from amity.rooms.journeys.console.periods import PERIODS
from amity.rooms.journeys.models import SavedFunnel
from amity.rooms.journeys.queries.funnels.count import count_funnel
from amity.rooms.journeys.queries.funnels.kept import funnel_of
from amity.rooms.journeys.rules.funnels.language import MOST_STEPS, Funnel, read, written
from amity.rooms.journeys.rules.funnels.lines import PARTS, Fields, from_form, from_funnel
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ORDERS = {"ordered": "one after another", "strict": "one right after another", "any": "in any order"}
UNITS = {"minutes": "minutes", "hours": "hours", "days": "days", "weeks": "weeks"}
TESTS = {
    "equal": "is", "not_equal": "is not", "one_of": "is one of", "contains": "contains", "starts_with": "begins with",
    "ends_with": "ends with", "above": "is more than", "at_least": "is at least", "below": "is less than",
    "at_most": "is at most", "present": "is known", "absent": "isn’t known",
}  # fmt: skip
HOLDS = ("session_id", "channel", "group_id")
BYS = {"": "nothing", "value": "what the first step says", "trait": "a trait", "audience": "an audience"}


@require_http_methods(["GET", "HEAD", "POST"])
@page("journeys.read")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Ask a funnel, and keep it where one may."""
    return _form(request, access, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("journeys.write")
def edit(request: HttpRequest, *, access: Access, funnel_id: int) -> HttpResponse:
    """Change a funnel."""
    one = found_funnel(access, funnel_id)
    if one.archived_at is not None:
        return redirect("journeys:funnel", workspace=access.workspace_slug, funnel_id=one.pk)
    return _form(request, access, one)


@require_POST
@page("journeys.read")
def count(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Answer what the funnel comes to, while somebody edits."""
    return render(request, "journeys/funnels/_result.html", _counted(access, *_said(request)))


def _form(request: HttpRequest, access: Access, one: SavedFunnel | None) -> HttpResponse:
    if request.method != "POST":
        asked = funnel_of(one) if one else None
        fields = from_funnel(asked) if asked else _begin()
        fields = None if asked and request.GET.get("as") == "json" else fields
        given = {"name": one.name if one else "", "about": one.about if one else ""}
        return _shown(request, access, one, fields, _pretty(asked) if asked else "", given, look=bool(asked))
    act = request.POST.get("act", "save")
    fields, text = _said(request)
    given = {"name": request.POST.get("name", ""), "about": request.POST.get("about", "")}
    if fields is not None and _arranged(fields, act):
        return _shown(request, access, one, fields, text, given)
    try:
        funnel = _funnel(fields, text)
        if act in {"lines", "json"}:
            shown = from_funnel(funnel) if act == "lines" else None
            said = "" if shown or act == "json" else "A step of this says more than the form can: it can be edited as JSON only."
            return _shown(request, access, one, shown, _pretty(funnel), given, error=said)
        if act == "look":
            return _shown(request, access, one, fields, text, given, look=True)
        if not access.can("journeys.write"):
            raise Forbidden("Your role may look at funnels, but not keep them.")
        if one is None:
            one = create_funnel(access, funnel=funnel, request=request, **given)
        else:
            change_funnel(access, funnel_id=one.pk, funnel=funnel, request=request, **given)
    except AmityError as error:
        status = 403 if isinstance(error, Forbidden) else 400
        return _shown(request, access, one, fields, text, given, error=error.message, status=status)
    return redirect("journeys:funnel", workspace=access.workspace_slug, funnel_id=one.pk)


def _begin() -> Fields:
    return Fields([dict.fromkeys(PARTS, ""), dict.fromkeys(PARTS, "")],
                  {"amount": "7", "unit": "days", "order": "ordered", "period": "last:30:days"})  # fmt: skip


def _arranged(fields: Fields, act: str) -> bool:
    """Do what a button says to the steps; whether it was such a button."""
    verb, _, rest = act.partition(":")
    if verb == "add":
        if len(fields.steps) < MOST_STEPS:
            fields.steps.append(dict.fromkeys(PARTS, ""))
        return True
    if verb not in {"remove", "up", "down"}:
        return False
    n = int(rest) if rest.isdecimal() and len(rest) < 4 else -1
    to = n - 1 if verb == "up" else n + 1
    if verb == "remove":
        fields.steps = [step for place, step in enumerate(fields.steps) if place != n]
    elif min(n, to) >= 0 and max(n, to) < len(fields.steps):
        fields.steps[n], fields.steps[to] = fields.steps[to], fields.steps[n]
    return True


def _said(request: HttpRequest) -> tuple[Fields | None, str]:
    if request.POST.get("as") == "json":
        return None, request.POST.get("json", "")[:LONGEST]
    return from_form(request.POST.dict()), ""


def _funnel(fields: Fields | None, text: str) -> Funnel:
    return fields.funnel() if fields is not None else read(text)


def _pretty(funnel: Funnel) -> str:
    return json.dumps(written(funnel), indent=2, ensure_ascii=False)


def _shown(  # noqa: PLR0913, PLR0917  one argument for each part
    request: HttpRequest, access: Access, one: SavedFunnel | None, fields: Fields | None, text: str, given: dict[str, str], *,
    error: str = "", look: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {
        "one": one, "fields": fields, "json": text, "given": given, "error": error, "orders": ORDERS, "units": UNITS,
        "periods": PERIODS, "tests": TESTS, "bys": BYS, "holds": HOLDS, "most": MOST_STEPS,
        "audiences": [(str(pk), name) for pk, name in customers.audience_choices(access.workspace_id)],
        "offered": customers.offered(access.workspace_id),
    }  # fmt: skip
    context |= _counted(access, fields, text) if look and not error else {}
    return render(request, "journeys/funnels/edit.html", context, status=status)


def _counted(access: Access, fields: Fields | None, text: str) -> dict[str, Any]:
    try:
        funnel = _funnel(fields, text)
        found = count_funnel(funnel, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone, as_of=now_ms())
    except Invalid as error:
        return {"unfinished": error.message}
    except AmityError as error:
        return {"failed": error.message}
    return result(access, funnel, found)
