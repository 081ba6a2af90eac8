"""The builder of computed traits: one take as fields, or all of the language as JSON. Works without JavaScript; with it, counts."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amity.engines.past.behaviour.fields import WINDOWS
from amity.engines.past.behaviour.words import TESTS
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers.actions.computed.verbs import change_trait, check, create_trait
from amity.rooms.customers.console.audiences.edit import LONGEST_JSON
from amity.rooms.customers.console.computed.pages import found_trait
from amity.rooms.customers.console.known import tint_of
from amity.rooms.customers.models import ComputedTrait
from amity.rooms.customers.queries.audiences.known import value_of
from amity.rooms.customers.queries.audiences.lists import lines_by_id
from amity.rooms.customers.queries.audiences.offered import offered
from amity.rooms.customers.queries.computed.preview import preview
from amity.rooms.customers.rules.computed import form
from amity.rooms.customers.rules.computed.language import Definition, read, written
from amity.rooms.customers.rules.computed.sentences import value_text
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_NEW = dict.fromkeys(form.FIELDS, "") | {"what": "count", "window": "last:90:days"}


@require_http_methods(["GET", "HEAD", "POST"])
@page("audiences.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Make a computed trait."""
    return _form(request, access, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("audiences.write")
def edit(request: HttpRequest, *, access: Access, trait_id: int) -> HttpResponse:
    """Change a computed trait."""
    one = found_trait(access, trait_id)
    if one.archived_at is not None:
        return redirect("customers:computed_trait", workspace=access.workspace_slug, trait_id=one.pk)
    return _form(request, access, one)


@require_POST
@page("audiences.write")
def count(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Answer what it would give, while somebody edits."""
    return render(request, "customers/computed/_preview.html", _previewed(access, *_said(request)))


def _form(request: HttpRequest, access: Access, one: ComputedTrait | None) -> HttpResponse:
    if request.method != "POST":
        definition = value_of(one.definition) if one else form.definition(_NEW)
        fields = None if request.GET.get("as") == "json" else form.from_definition(definition)
        given = {"name": one.name if one else "", "about": one.about if one else ""}
        return _shown(request, access, one, fields, _pretty(definition), given)
    act = request.POST.get("act", "save")
    fields, text = _said(request)
    given = {"name": request.POST.get("name", ""), "about": request.POST.get("about", "")}
    try:
        definition = _definition(fields, text)
        if act in {"fields", "json"}:
            shown = form.from_definition(definition) if act == "fields" else None
            said = "" if shown or act == "json" else "This is made of more than one part: it can be edited as JSON only."
            return _shown(request, access, one, shown, _pretty(definition), given, error=said)
        if act == "look":
            return _shown(request, access, one, fields, text, given, look=True)
        if one is None:
            one = create_trait(access, definition=definition, request=request, **given)
        else:
            change_trait(access, trait_id=one.pk, definition=definition, request=request, **given)
    except Invalid as error:
        return _shown(request, access, one, fields, text, given, error=error.message, status=400)
    return redirect("customers:computed_trait", workspace=access.workspace_slug, trait_id=one.pk)


def _said(request: HttpRequest) -> tuple[dict[str, str] | None, str]:
    if request.POST.get("as") == "json":
        return None, request.POST.get("json", "")[:LONGEST_JSON]
    return form.from_form(request.POST.dict()), ""


def _definition(fields: dict[str, str] | None, text: str) -> Definition:
    return form.definition(fields) if fields is not None else read(text)


def _pretty(definition: Definition) -> str:
    return json.dumps(written(definition), indent=2, ensure_ascii=False)


def _shown(  # noqa: PLR0913, PLR0917  one argument for each part
    request: HttpRequest, access: Access, one: ComputedTrait | None, fields: dict[str, str] | None, text: str, given: dict[str, str], *,
    error: str = "", look: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    context: dict[str, Any] = {
        "one": one, "fields": fields, "json": text, "given": given, "error": error, "windows": WINDOWS, "tests": TESTS,
        "whats": {name: label for name, (label, _) in form.WHATS.items()}, "offered": offered(access.workspace_id),
    }  # fmt: skip
    context |= _previewed(access, fields, text) if look else {}
    return render(request, "customers/computed/edit.html", context, status=status)


def _previewed(access: Access, fields: dict[str, str] | None, text: str) -> dict[str, Any]:
    try:
        definition = _definition(fields, text)
        check(definition, workspace_id=access.workspace_id, zone=access.workspace.time_zone)
        found = preview(definition, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    except AmityError as error:
        return {"preview_error": error.message}
    shown = lines_by_id(access.workspace_id, [who for who, _ in found.some])
    share = found.size / found.everybody if found.everybody else 0
    return {
        "preview": found,
        "share": f"{share:.1%}",
        "middle": [value_text(round(one, 4) if isinstance(one, float) else one) for one in found.middle],
        "common": [(value_text(value), n) for value, n in found.common],
        "some": [
            {"line": shown[who], "tint": tint_of(who), "value": value_text(value)} for who, value in found.some if who in shown
        ],
    }
