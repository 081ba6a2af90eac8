"""The builder: conditions as sentences with controls, or the same as JSON. Works without JavaScript; with it, counts while one edits."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amity.engines.past.behaviour.fields import WINDOWS
from amity.engines.past.behaviour.words import TESTS
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.customers.actions.audiences.verbs import change_audience, check, create_audience
from amity.rooms.customers.console.audiences.pages import found_audience
from amity.rooms.customers.console.known import tint_of
from amity.rooms.customers.models import Audience
from amity.rooms.customers.queries.audiences.known import definition_of
from amity.rooms.customers.queries.audiences.lists import lines_by_id, list_audiences
from amity.rooms.customers.queries.audiences.offered import offered
from amity.rooms.customers.queries.audiences.preview import preview
from amity.rooms.customers.queries.computed.lists import list_traits
from amity.rooms.customers.rules.audiences.language import Definition, read, written
from amity.rooms.customers.rules.audiences.lines import KINDS, Line, Lines, from_definition, from_form
from amity.rooms.customers.rules.audiences.sentences import TAKES
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

LABELS = {
    "did": "Something they did", "measure": "What a number comes to", "computed": "A computed trait", "trait": "A trait", "account": "Their account", "consent": "Consent",
    "identifier": "An identifier", "audience": "Another audience",
}  # fmt: skip
COMPARES = ("above", "at_least", "below", "at_most", "equal")
IDENTIFIER_TESTS = {
    "present": "is known",
    "equal": "is",
    "contains": "contains",
    "starts_with": "begins with",
    "ends_with": "ends with",
}
LONGEST_JSON = 200_000


@require_http_methods(["GET", "HEAD", "POST"])
@page("audiences.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Make an audience."""
    return _form(request, access, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("audiences.write")
def edit(request: HttpRequest, *, access: Access, audience_id: int) -> HttpResponse:
    """Change an audience."""
    one = found_audience(access, audience_id)
    if one.archived_at is not None:
        return redirect("customers:audience", workspace=access.workspace_slug, audience_id=one.pk)
    return _form(request, access, one)


@require_POST
@page("audiences.write")
def count(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Answer who would be in, while somebody edits."""
    return render(request, "customers/audiences/_preview.html", _previewed(access, *_said(request)))


def _form(request: HttpRequest, access: Access, one: Audience | None) -> HttpResponse:  # noqa: PLR0911  one answer for each act
    if request.method != "POST":
        definition = (
            definition_of(one.definition) if one and one.definition else read(b'{"version":1,"where":{"kind":"all","of":[]}}')
        )
        lines = None if request.GET.get("as") == "json" else from_definition(definition)
        given = {"name": one.name if one else "", "about": one.about if one else ""}
        return _shown(request, access, one, lines, _pretty(definition), given)
    act = request.POST.get("act", "save")
    lines, text = _said(request)
    given = {"name": request.POST.get("name", ""), "about": request.POST.get("about", "")}
    if lines is not None and act.startswith("add:"):
        kind = act.removeprefix("add:")
        lines.lines.append(
            Line(kind if kind in KINDS else "did", {"window": "last:30:days", "times": "1"} if kind in {"did", "measure"} else {})
        )
        return _shown(request, access, one, lines, text, given)
    if lines is not None and act.startswith("remove:"):
        lines.lines = [line for n, line in enumerate(lines.lines) if str(n) != act.removeprefix("remove:")]
        return _shown(request, access, one, lines, text, given)
    try:
        definition = _definition(lines, text)
        if act in {"lines", "json"}:
            shown = from_definition(definition) if act == "lines" else None
            said = "" if shown or act == "json" else "These conditions are nested: they can be edited as JSON only."
            return _shown(request, access, one, shown, _pretty(definition), given, error=said)
        if act == "look":
            return _shown(request, access, one, lines, text, given, look=True)
        if one is None:
            one = create_audience(access, definition=definition, request=request, **given)
        else:
            change_audience(
                access, audience_id=one.pk, definition=definition if one.definition else None, request=request, **given
            )
    except Invalid as error:
        return _shown(request, access, one, lines, text, given, error=error.message, status=400)
    return redirect("customers:audience", workspace=access.workspace_slug, audience_id=one.pk)


def _said(request: HttpRequest) -> tuple[Lines | None, str]:
    if request.POST.get("as") == "json":
        return None, request.POST.get("json", "")[:LONGEST_JSON]
    return from_form(request.POST.dict()), ""


def _definition(lines: Lines | None, text: str) -> Definition:
    return lines.definition() if lines is not None else read(text)


def _pretty(definition: Definition) -> str:
    return json.dumps(written(definition), indent=2, ensure_ascii=False)


def _shown(  # noqa: PLR0913, PLR0917  one argument for each part
    request: HttpRequest, access: Access, one: Audience | None, lines: Lines | None, text: str, given: dict[str, str], *,
    error: str = "", look: bool = False, status: int = 200,
) -> HttpResponse:  # fmt: skip
    others = [(str(a.pk), a.name) for a in list_audiences(workspace_id=access.workspace_id) if one is None or a.pk != one.pk]
    context: dict[str, Any] = {
        "one": one, "lines": lines, "json": text, "given": given, "error": error, "labels": LABELS, "windows": WINDOWS,
        "traits": [(str(t.pk), t.name) for t in list_traits(workspace_id=access.workspace_id)], "tests": TESTS, "compares": {name: TESTS[name] for name in COMPARES}, "takes": TAKES, "others": others,
        "identifier_tests": IDENTIFIER_TESTS, "offered": offered(access.workspace_id),
        "consents": {"granted": "agreed to", "denied": "said no to", "unknown": "was never asked for"},
    }  # fmt: skip
    context |= _previewed(access, lines, text) if (look or request.method != "POST") and not error else {}
    return render(request, "customers/audiences/edit.html", context, status=status)


def _previewed(access: Access, lines: Lines | None, text: str) -> dict[str, Any]:
    try:
        definition = _definition(lines, text)
        check(definition, workspace_id=access.workspace_id, zone=access.workspace.time_zone)
        found = preview(definition, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    except AmityError as error:
        return {"preview_error": error.message}
    shown = lines_by_id(access.workspace_id, found.some)
    share = found.size / found.everybody if found.everybody else 0
    some = [{"line": shown[who], "tint": tint_of(who)} for who in found.some if who in shown]
    return {"preview": found, "share": f"{share:.1%}", "some": some}
