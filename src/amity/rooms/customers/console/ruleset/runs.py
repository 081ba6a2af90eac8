"""Dry runs and applications of identity rules: begin one, watch it, read what it found, stop it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.actions.people import LONGEST_REASON
from amity.rooms.customers.actions.ruleset.runs import apply_rules, ask_trial, stop_run
from amity.rooms.customers.console.known import kind_words
from amity.rooms.customers.console.ruleset.words import told
from amity.rooms.customers.models import Customer, IdentityGroup
from amity.rooms.customers.queries.rows import identifiers_of
from amity.rooms.customers.queries.ruleset.kept import get_draft, get_rules_run, rules_in_force
from amity.rooms.customers.rules.names import display_name
from amity.rooms.customers.rules.ruleset import differences, plain, rules_from
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

PERMISSION = "identity.write"
PHASES = {
    "reading": "Reading everybody’s identifiers",
    "comparing": "Comparing who changes",
    "applying": "Changing customers, a few at a time",
}


@require_POST
@page(PERMISSION)
def try_draft(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Begin a dry run of the draft."""
    try:
        one = ask_trial(access, request=request)
    except Invalid as error:
        messages.error(request, error.message)
        return redirect("customers:identity_rules", workspace=access.workspace_slug)
    return redirect("customers:identity_run", workspace=access.workspace_slug, run_id=one.pk)


@require_POST
@page(PERMISSION)
def apply(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Put the draft in force and let history follow."""
    try:
        one = apply_rules(access, note=request.POST.get("note", ""), request=request)
    except Invalid as error:
        messages.error(request, error.message)
        return redirect("customers:identity_rules", workspace=access.workspace_slug)
    return redirect("customers:identity_run", workspace=access.workspace_slug, run_id=one.pk)


@require_POST
@page(PERMISSION)
def stop(request: HttpRequest, *, access: Access, run_id: int) -> HttpResponse:
    """Stop a run."""
    try:
        stop_run(access, run_id=run_id, request=request)
    except NotFound as error:
        raise Http404(error.message) from error
    except Invalid as error:
        messages.error(request, error.message)
    return redirect("customers:identity_run", workspace=access.workspace_slug, run_id=run_id)


@require_safe
@page(PERMISSION)
def run(request: HttpRequest, *, access: Access, run_id: int) -> HttpResponse:
    """Show how a run goes and what it found."""
    try:
        one = get_rules_run(access.workspace_id, run_id)
    except NotFound as error:
        raise Http404(error.message) from error
    force, draft = rules_in_force(access.workspace_id), get_draft(access.workspace_id)
    current = draft.changed_at is not None and plain(draft.rules) == one.rules
    rows = list(IdentityGroup.objects.filter(run=one, waits=False).order_by("pk"))
    largest = [row for row in rows if row.told["what"] == "largest"]
    context: dict[str, Any] = {
        "one": one, "active": one.finished_at is None, "phase": PHASES.get(one.phase, ""), "found": told(one), "longest": LONGEST_REASON,
        "percent": min(int(100 * one.done / one.total), 100) if one.total else 0,
        "changes": [] if one.version_id else [said for _, said in differences(force, rules_from(one.rules))],
        "may_apply": current and one.version_id is None and one.finished_at is not None and not one.stopped,
        "current": current, "largest": _largest(access, largest), "examples": _examples(access, [row for row in rows if row not in largest]),
    }  # fmt: skip
    template = "customers/ruleset/_run.html" if request.headers.get("HX-Target") == "run" else "customers/ruleset/run.html"
    return render(request, template, context)


def _largest(access: Access, rows: Sequence[IdentityGroup]) -> list[tuple[str, list[tuple[UUID, str, int]]]]:
    names = _names(access, [row.customers[0] for row in rows])
    titles = {"before": "Today", "after": "With these rules"}
    return [
        (
            title,
            [
                (who, names[who], row.told["number"])
                for row in rows
                if row.told["when"] == when
                for who in row.customers
                if who in names
            ],
        )
        for when, title in titles.items()
        if rows
    ]


def _examples(access: Access, rows: Sequence[IdentityGroup]) -> list[Mapping[str, Any]]:
    sides = [side for row in rows for part in ("before", "after") for side in row.told.get(part, ())]
    names = _names(access, [UUID(side["customer"]) for side in sides])
    return [
        {
            "split": row.told["what"] == "split",
            "more_before": row.told["more_before"],
            "more_after": row.told["more_after"],
            "before": [_side(side, names) for side in row.told["before"]],
            "after": [_side(side, names) for side in row.told["after"]],
        }
        for row in rows
    ]


def _side(side: Mapping[str, Any], names: Mapping[UUID, str]) -> dict[str, Any]:
    who = UUID(side["customer"])
    return {
        "id": who if who in names else None,
        "name": names.get(who, "A customer there isn’t yet"),
        "identifiers": [(kind_words(kind), value) for kind, value in side["identifiers"]],
        "more": side["more"],
        "interactions": side["interactions"],
    }


def _names(access: Access, ids: Sequence[UUID]) -> dict[UUID, str]:
    known = identifiers_of(access.workspace_id, ids)
    rows = Customer.objects.filter(workspace_id=access.workspace_id, id__in=ids).values_list("id", "traits")
    return {who: display_name(customer_id=who, traits=traits, identifiers=known.get(who, ())) for who, traits in rows}
