"""Take many joins back at once: by rule, identifier, source or time, after a look at how many and which."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.actions.people import LONGEST_REASON
from amity.rooms.customers.actions.unmerge.ask import MOST, ask_unmerge, stop_unmerge
from amity.rooms.customers.console.known import joins_of, kind_words, source_names
from amity.rooms.customers.models import Customer, UnmergeRun
from amity.rooms.customers.queries.merges import Wanted, count_matching, examples, get_run, list_runs
from amity.rooms.customers.queries.rows import identifiers_of
from amity.rooms.customers.rules.names import display_name
from amity.rooms.customers.rules.ruleset import USUAL
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

PERMISSION = "identity.write"
RULES = {"shared_identifiers": "the same identifiers", "alias": "an alias call", "people": "a person’s word"}
FIELDS = ("rule", "kind", "value", "source", "since", "until")
_LONGEST = 300


@require_http_methods(["GET", "HEAD", "POST"])
@page(PERMISSION)
def joins(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Show which joins a query finds, and take them back once that is confirmed."""
    given = _given(request.POST if request.method == "POST" else request.GET)
    context: dict[str, Any] = {
        "tab": "joins", "given": given, "rules": RULES, "sources": source_names(access.workspace_id), "longest": LONGEST_REASON,
        "kinds": {kind: kind_words(kind) for kind in USUAL}, "most": MOST, "looked": any(given.values()),
        "runs": [_shown(one) for one in list_runs(access.workspace_id)],
    }  # fmt: skip
    if not context["looked"] and request.method != "POST":
        return render(request, "customers/ruleset/joins.html", context)
    try:
        wanted = _wanted(given, ZoneInfo(access.workspace.time_zone))
        if request.method == "POST":
            run = ask_unmerge(access, wanted=wanted, reason=request.POST.get("reason", ""), request=request)
            return redirect("customers:identity_unmerge", workspace=access.workspace_slug, run_id=run.pk)
        context |= _found(access, wanted, context["sources"])
    except Invalid as error:
        return render(request, "customers/ruleset/joins.html", context | {"error": error.message})
    return render(request, "customers/ruleset/joins.html", context)


def _given(data: QueryDict) -> dict[str, str]:
    return {name: data.get(name, "").strip()[:_LONGEST] for name in FIELDS}


def _wanted(given: Mapping[str, str], zone: ZoneInfo) -> Wanted:
    source = given["source"]
    if source and not (source.isascii() and source.isdigit() and len(source) < 18):
        raise Invalid("Choose a source of the list.")
    until = _midnight(given["until"], zone, days=1)
    return Wanted(
        rule=given["rule"],
        kind=given["kind"],
        value=given["value"],
        source=int(source) if source else None,
        since=_midnight(given["since"], zone),
        until=until,
    )


def _midnight(text: str, zone: ZoneInfo, *, days: int = 0) -> int | None:
    """Return the workspace's midnight at which a day begins, or the one after it; None for no day."""
    if not text:
        return None
    try:
        day = date.fromisoformat(text) + timedelta(days=days)
        return int(datetime.combine(day, time(), zone).timestamp() * 1000)
    except (ValueError, OverflowError) as error:
        raise Invalid("A day is written like 2026-11-27.") from error


def _found(access: Access, wanted: Wanted, sources: Mapping[int, str]) -> dict[str, Any]:
    count = count_matching(workspace_id=access.workspace_id, wanted=wanted)
    some = examples(workspace_id=access.workspace_id, wanted=wanted)
    ids = [one.into_id for one in some]
    known = identifiers_of(access.workspace_id, ids)
    names = {
        who: display_name(customer_id=who, traits=traits, identifiers=known.get(who, ()))
        for who, traits in Customer.objects.filter(workspace_id=access.workspace_id, id__in=ids).values_list("id", "traits")
    }
    return {
        "count": count,
        "examples": [(join, names.get(join.merge.into_id, "A customer")) for join in joins_of(some, sources)],
        "too_many": count.merges > MOST,
    }


@require_safe
@page(PERMISSION)
def unmerge(request: HttpRequest, *, access: Access, run_id: int) -> HttpResponse:
    """Show how taking joins back goes."""
    context = {"run": _shown(_run(access, run_id)), "sources": source_names(access.workspace_id)}
    template = (
        "customers/ruleset/_unmerge.html" if request.headers.get("HX-Target") == "unmerge" else "customers/ruleset/unmerge.html"
    )
    return render(request, template, context)


@require_POST
@page(PERMISSION)
def stop(request: HttpRequest, *, access: Access, run_id: int) -> HttpResponse:
    """Let the joins that still wait stay."""
    one = _run(access, run_id)
    if one.finished_at is None:
        stop_unmerge(access, run_id=one.pk, request=request)
    else:
        messages.error(request, "This has ended already.")
    return redirect("customers:identity_unmerge", workspace=access.workspace_slug, run_id=one.pk)


def _run(access: Access, run_id: int) -> UnmergeRun:
    try:
        return get_run(workspace_id=access.workspace_id, run_id=run_id)
    except NotFound as error:
        raise Http404(error.message) from error


def _shown(one: UnmergeRun) -> dict[str, Any]:
    wanted = one.wanted
    said = [RULES.get(wanted["rule"], wanted["rule"])] if wanted.get("rule") else []
    if wanted.get("kind") or wanted.get("value"):
        said.append(f"{kind_words(wanted['kind']) if wanted.get('kind') else 'identifier'} {wanted.get('value', '')}".strip())
    if wanted.get("merge"):
        said.append("one join")
    return {
        "one": one,
        "said": said,
        "source": wanted.get("source"),
        "since": wanted.get("since"),
        "until": wanted.get("until"),
        "active": one.finished_at is None,
        "percent": 100 * one.done // one.total if one.total else 100,
    }
