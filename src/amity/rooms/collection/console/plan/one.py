"""One interaction: what was seen, what is planned, what breaks it, who changed the plan."""

from __future__ import annotations

import json

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from amity.kernel.errors import AmityError, Invalid
from amity.rooms.collection.actions.plan.change import Change, remove_planned, save_planned
from amity.rooms.collection.actions.plan.make import plan_all_from_seen, plan_from_seen
from amity.rooms.collection.console.live import names_of_sources
from amity.rooms.collection.console.plan.catalogue import row_of
from amity.rooms.collection.console.plan.drift import drift_rows
from amity.rooms.collection.console.plan.form import edited, rows_of
from amity.rooms.collection.console.plan.violations import breach_rows
from amity.rooms.collection.console.plan.words import ACTIONS, PII, PROPERTY_ACTIONS, STATUSES, address, asked
from amity.rooms.collection.queries.plan.catalogue import find_line, list_properties, list_senders
from amity.rooms.collection.queries.plan.drift import list_drift
from amity.rooms.collection.queries.plan.planned import find_planned, list_versions
from amity.rooms.collection.queries.plan.violations import list_breaches
from amity.rooms.collection.rules.plan.document import blank
from amity.rooms.collection.rules.plan.shapes import TYPES
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@page("plan.read")
def planned(request: HttpRequest, access: Access) -> HttpResponse:
    """Show one interaction."""
    kind, name = asked(request)
    line = find_line(workspace_id=access.workspace_id, kind=kind, name=name)
    versions = list_versions(workspace_id=access.workspace_id, kind=kind, name=name)
    if line is None and not versions:
        raise Http404("No such interaction.")
    plan = find_planned(workspace_id=access.workspace_id, kind=kind, name=name)
    sources = names_of_sources(access.workspace_id)
    document = plan.document if plan else None
    context = {
        "line": line,
        "kind": kind,
        "name": name,
        "plan": plan,
        "schema": document and json.dumps({p: document[p] for p in ("properties", "traits")}, indent=2, ensure_ascii=False),
        "properties": list_properties(workspace_id=access.workspace_id, line=line, document=document) if line else [],
        "senders": [(sources.get(s.source_id, ""), s) for s in list_senders(interaction_id=line.id)] if line else [],
        "breaches": breach_rows(list_breaches(workspace_id=access.workspace_id, kind=kind, name=name), access, sources),
        "drift": drift_rows(list_drift(workspace_id=access.workspace_id, kind=kind, name=name), access.workspace_slug),
        "versions": versions,
        "pii": PII,
        "actions": ACTIONS,
        "property_actions": PROPERTY_ACTIONS,
        "edit_url": address("collection:edit_planned", access.workspace_slug, kind, name),
        "row": row_of(line, access.workspace_slug) if line else {"title": name or kind},
    }
    return render(request, "collection/plan/one.html", context)


@page("plan.write")
def edit_planned(request: HttpRequest, access: Access) -> HttpResponse:
    """Change what is planned of an interaction: as fields and rows, or (`as=schema`) as JSON Schema."""
    kind, name = asked(request)
    held = find_planned(workspace_id=access.workspace_id, kind=kind, name=name)
    document = held.document if held else blank(kind=kind, name=name)
    version = held.version if held else 0
    error = ""
    if request.method == "POST":
        try:
            document = edited(request.POST, document)
            expected = int(request.POST.get("version", "")) if request.POST.get("version", "").isdecimal() else version
            change = Change(workspace_id=access.workspace_id, actor=access, request=request)
            save_planned(change=change, document=document, expected_version=expected)
        except Invalid as problem:
            error = problem.message
        else:
            messages.success(request, "Saved. The next interactions are held against it.")
            return redirect(address("collection:planned", access.workspace_slug, kind, name))
    context = {
        "document": document,
        "version": request.POST.get("version", version),
        "rows": rows_of(document),
        "schemas": request.POST.get("schemas")
        or json.dumps({place: document[place] for place in ("properties", "traits")}, indent=2, ensure_ascii=False),
        "error": error,
        "types": TYPES,
        "pii": PII,
        "statuses": {key: word for key, word in STATUSES.items() if key != "unplanned"},
        "actions": ACTIONS,
        "property_actions": PROPERTY_ACTIONS,
        "back": address("collection:planned", access.workspace_slug, kind, name) if held else "",
        "kind": kind,
        "name": name,
    }
    return render(request, "collection/plan/edit.html", context, status=400 if error else 200)


@require_POST
@page("plan.write")
def from_seen(request: HttpRequest, access: Access) -> HttpResponse:
    """Make a plan from the last 30 days: of one interaction, or (`all`) of those that have none."""
    change = Change(workspace_id=access.workspace_id, actor=access, request=request)
    if "all" in request.POST:
        made = plan_all_from_seen(change=change)
        said = f"{made:,} interactions planned as they were in the last 30 days." if made else "There was nothing new to plan."
        messages.success(request, said)
        return redirect("collection:catalogue", workspace=access.workspace_slug)
    kind, name = asked(request)
    try:
        version = plan_from_seen(change=change, kind=kind, name=name)
        messages.success(request, f"Planned as it was in the last 30 days; this is version {version}.")
    except AmityError as error:
        messages.error(request, error.message)
    return redirect(address("collection:planned", access.workspace_slug, kind, name))


@require_POST
@page("plan.write")
def remove(request: HttpRequest, access: Access) -> HttpResponse:
    """Take an interaction out of the plan; its versions stay."""
    kind, name = asked(request)
    remove_planned(change=Change(workspace_id=access.workspace_id, actor=access, request=request), kind=kind, name=name)
    messages.success(request, "Taken out of the plan. Its versions stay.")
    return redirect(address("collection:planned", access.workspace_slug, kind, name))
