"""The queue of proposals, comparing everybody, and what the workspace chose about it."""

from __future__ import annotations

from math import log2
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers.actions.matching.ask import ask_matching, choose_matching, stop_matching
from amity.rooms.customers.actions.matching.run import MOST_FOUND
from amity.rooms.customers.console.known import tint_of
from amity.rooms.customers.models import MatchPair, MatchRun
from amity.rooms.customers.models.matching import DONE, RUNNING, WAITING
from amity.rooms.customers.queries.audiences.lists import lines_by_id
from amity.rooms.customers.queries.matching.groups import Group, groups_of
from amity.rooms.customers.queries.matching.pairs import list_proposals
from amity.rooms.customers.queries.matching.runs import chosen_for, lacking, latest_run
from amity.rooms.customers.rules.matching.model import TITLES, probability_of, weight_of
from amity.rooms.customers.rules.matching.waterfall import percent, said_for
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 25
MOST_SHOWN = 8  # customers of one group in the queue
FLOORS = {"": "All", "90": "Over 90%", "99": "Over 99%", "999": "Over 99.9%"}
_PROBABILITIES = {"90": 0.9, "99": 0.99, "999": 0.999}
SCHEDULES = {"": "Only when asked", "daily": "Every day", "weekly": "Every week"}
LEAST = {"0.5": "50%", "0.8": "80%", "0.9": "90%", "0.95": "95%", "0.99": "99%"}


class ChoiceForm(forms.Form):
    """How often, and from which probability on."""

    schedule = forms.ChoiceField(choices=list(SCHEDULES.items()), required=False)
    probability = forms.ChoiceField(choices=list(LEAST.items()))


@require_safe
@page("customers.read")
def queue(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show who may be the same person, heaviest first."""
    floor = request.GET.get("floor", "") if request.GET.get("floor", "") in FLOORS else ""
    weight = weight_of(_PROBABILITIES[floor]) if floor else -1_000.0
    proposals = list_proposals(workspace_id=access.workspace_id, weight=weight)
    groups = groups_of(proposals)
    pages = max((len(groups) + ON_A_PAGE - 1) // ON_A_PAGE, 1)
    at = min(max(_whole(request.GET.get("page", ""), 1), 1), pages)
    shown = groups[(at - 1) * ON_A_PAGE : at * ON_A_PAGE]
    why = MatchPair.objects.in_bulk([group.pairs[0].id for group in shown])
    lines = lines_by_id(access.workspace_id, [one for group in shown for one in group.customers[:MOST_SHOWN]])
    context = {
        "groups": [_shown(group, lines, why[group.pairs[0].id].parts) for group in shown],
        "pairs": len(proposals),
        "number": len(groups),
        "page": at,
        "pages": pages,
        "floor": floor,
        "floors": [(key, words, key == floor) for key, words in FLOORS.items()],
        **_state(access),
    }
    return render(request, "customers/matching/queue.html", context)


@require_safe
@page("customers.read")
def progress(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Answer how far the run is; once it has ended, let the page load anew."""
    state = _state(access)
    response = render(request, "customers/matching/_run.html", state)
    if not state["running"]:
        response["HX-Refresh"] = "true"
    return response


@require_POST
@page("identity.write")
def ask(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Have everybody compared."""
    try:
        ask_matching(access, request=request)
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("customers:matches", workspace=access.workspace_slug)


@require_POST
@page("identity.write")
def stop(request: HttpRequest, *, access: Access) -> HttpResponse:
    """End the run that is under way."""
    run = latest_run(workspace_id=access.workspace_id)
    try:
        if run is not None:
            stop_matching(access, run_id=run.pk, request=request)
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("customers:matches", workspace=access.workspace_slug)


@require_POST
@page("identity.write")
def choose(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Choose the schedule and the least probability."""
    form = ChoiceForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid("Choose one of the schedules and one of the probabilities.")
        choose_matching(
            access, schedule=form.cleaned_data["schedule"], probability=float(form.cleaned_data["probability"]), request=request
        )
        messages.success(request, "Saved. It holds from the next run on.")
    except AmityError as error:
        messages.error(request, error.message)
    return redirect("customers:matches", workspace=access.workspace_slug)


def _state(access: Access) -> dict[str, Any]:
    run, chosen = latest_run(workspace_id=access.workspace_id), chosen_for(workspace_id=access.workspace_id)
    return {
        "run": run,
        "run_least": percent(run.probability) if run else "",
        "most_found": MOST_FOUND,
        "running": run is not None and run.state in {WAITING, RUNNING},
        "percent": round(run.share * 100) if run else 0,
        "lacking": lacking(),
        "model": _model(run) if run and run.state == DONE else None,
        "schedules": [(key, words, key == chosen.schedule) for key, words in SCHEDULES.items()],
        "least": [(key, words, float(key) == chosen.probability) for key, words in LEAST.items()],
        "chosen": SCHEDULES[chosen.schedule],
        "chosen_least": percent(chosen.probability),
    }


def _model(run: MatchRun) -> dict[str, Any]:
    """Return what the run learned: each comparison's levels with m, u and weight."""
    told = run.model
    return {
        "one_in": round(1 / told["prior"]) if told["prior"] else 0,
        "comparisons": [
            {
                "title": TITLES.get(key, key),
                "assumed": key in told["assumed"],
                "levels": [{**level, "weight": log2(level["m"] / level["u"])} for level in levels],
            }
            for key, levels in told["comparisons"].items()
        ],
        "left_out": [TITLES.get(key, key).lower() for key in told["left_out"]],
        "most_sharing": told["most_sharing"],
        "too_common": sorted(told["too_common"].items()),
    }


def _shown(group: Group, lines: Any, parts: Any) -> dict[str, Any]:
    return {
        "members": [{"line": lines[one], "tint": tint_of(one)} for one in group.customers[:MOST_SHOWN] if one in lines],
        "more": max(len(group.customers) - MOST_SHOWN, 0),
        "size": len(group.customers),
        "pairs": len(group.pairs),
        "first": group.pairs[0].id,
        "weight": group.weight,
        "because": said_for(parts),
        "percent": percent(probability_of(group.weight)),
    }


def _whole(text: str, otherwise: int) -> int:
    return int(text) if text.isdecimal() and len(text) < 6 else otherwise
