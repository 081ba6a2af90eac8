"""The builder of metrics: the usual kinds as fields, or all of the language as JSON. Works without JavaScript; with it, counts."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amity.engines.past.behaviour.fields import WINDOWS
from amity.engines.past.behaviour.words import TESTS
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers import api as customers
from amity.rooms.metrics.actions.metrics import change_metric, check, create_metric
from amity.rooms.metrics.console.pages import found_metric, scope_of
from amity.rooms.metrics.models import Metric
from amity.rooms.metrics.queries.lists import definition_of, version_of
from amity.rooms.metrics.queries.measuring import measure_definition
from amity.rooms.metrics.rules import form
from amity.rooms.metrics.rules.language import Definition, read, written
from amity.rooms.metrics.rules.sentences import sentence
from amity.rooms.metrics.rules.showing import figure_shown
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

LONGEST_JSON = 200_000
_GIVEN = ("name", "about", "owner", "note")


@require_http_methods(["GET", "HEAD", "POST"])
@page("metrics.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Make a metric."""
    return _form(request, access, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("metrics.write")
def edit(request: HttpRequest, *, access: Access, metric_id: int) -> HttpResponse:
    """Change a metric: another definition makes a version."""
    one = found_metric(access, metric_id)
    if one.archived_at is not None:
        return redirect("metrics:metric", workspace=access.workspace_slug, metric_id=one.pk)
    return _form(request, access, one)


@require_POST
@page("metrics.write")
def look(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Answer what it would come to, while somebody edits."""
    return render(request, "metrics/_preview.html", _previewed(access, *_said(request)))


def _form(request: HttpRequest, access: Access, one: Metric | None) -> HttpResponse:
    if request.method != "POST":
        definition = definition_of(version_of(one)) if one else form.definition(form.NEW)
        fields = None if request.GET.get("as") == "json" else form.from_definition(definition)
        given = {name: str(getattr(one, name, "")) if one else "" for name in _GIVEN}
        return _shown(request, access, one, fields, _pretty(definition), given)
    act = request.POST.get("act", "save")
    fields, text = _said(request)
    given = {name: request.POST.get(name, "") for name in _GIVEN}
    try:
        definition = _definition(fields, text)
        if act in {"fields", "json"}:
            shown = form.from_definition(definition) if act == "fields" else None
            said = "" if shown or act == "json" else "This says more than the fields can: it can be edited as JSON only."
            return _shown(request, access, one, shown, _pretty(definition), given, error=said)
        if act == "look":
            return _shown(request, access, one, fields, text, given, look=True)
        if one is None:
            given.pop("note")
            one = create_metric(access, definition=definition, request=request, **given)
        else:
            change_metric(access, metric_id=one.pk, definition=definition, request=request, **given)
    except Invalid as error:
        return _shown(request, access, one, fields, text, given, error=error.message, status=400)
    return redirect("metrics:metric", workspace=access.workspace_slug, metric_id=one.pk)


def _said(request: HttpRequest) -> tuple[dict[str, str] | None, str]:
    if request.POST.get("as") == "json":
        return None, request.POST.get("json", "")[:LONGEST_JSON]
    return form.from_form(request.POST.dict()), ""


def _definition(fields: dict[str, str] | None, text: str) -> Definition:
    return form.definition(fields) if fields is not None else read(text)


def _pretty(definition: Definition) -> str:
    return json.dumps(written(definition), indent=2, ensure_ascii=False)


def _shown(  # noqa: PLR0913, PLR0917  one argument for each part
    request: HttpRequest, access: Access, one: Metric | None, fields: dict[str, str] | None, text: str, given: dict[str, str], *,
    error: str = "", look: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    windows = {value: label for value, label in WINDOWS.items() if value}
    context: dict[str, Any] = {
        "one": one, "fields": fields, "json": text, "given": given, "error": error, "windows": windows, "tests": TESTS,
        "whats": form.WHATS, "directions": form.DIRECTIONS, "offered": customers.offered(access.workspace_id),
    }  # fmt: skip
    context |= _previewed(access, fields, text) if look else {}
    return render(request, "metrics/edit.html", context, status=status)


def _previewed(access: Access, fields: dict[str, str] | None, text: str) -> dict[str, Any]:
    try:
        definition = _definition(fields, text)
        check(definition, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
        found = measure_definition(definition, scope_of(access))
    except AmityError as error:
        return {"preview_error": error.message}
    return {"preview": figure_shown(found), "sentence": sentence(definition)}
