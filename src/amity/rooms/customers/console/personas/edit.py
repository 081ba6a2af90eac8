"""The form of a persona: what one writes, and whom it stands for. Works without JavaScript."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers.actions.personas.verbs import LONGEST_NAME, change_persona, create_persona
from amity.rooms.customers.console.personas.pages import found_persona
from amity.rooms.customers.models import Persona
from amity.rooms.customers.queries.personas.lists import usable_audiences
from amity.rooms.customers.rules.personas.portrait import (
    LONGEST_LINE,
    LONGEST_TEXT,
    MOST_ITEMS,
    PARTS,
    TINTS,
    Portrait,
    lines,
    read,
)
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

HINTS = {
    "goals": "What they want to get done in their life, not in your product.",
    "needs": "What helps them to get there.",
    "frustrations": "What gets in their way.",
    "contexts": "Where they are, with whom, on which device, when they meet you.",
}
COLOURS = {3: "Ochre", 4: "Sky", 5: "Brick", 6: "Pine", 7: "Violet", 8: "Stone"}


@require_http_methods(["GET", "HEAD", "POST"])
@page("audiences.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Make a persona; `?audience=` chooses whom it stands for."""
    return _form(request, access, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("audiences.write")
def edit(request: HttpRequest, *, access: Access, persona_id: int) -> HttpResponse:
    """Change a persona."""
    one = found_persona(access, persona_id)
    if one.archived_at is not None:
        return redirect("customers:persona", workspace=access.workspace_slug, persona_id=one.pk)
    return _form(request, access, one)


def _form(request: HttpRequest, access: Access, one: Persona | None) -> HttpResponse:
    if request.method != "POST":
        return _shown(request, access, one, _as_written(request, one))
    given = {name: request.POST.get(name, "") for name in (*_FIELDS, *PARTS)}
    try:
        portrait, audience = _portrait(given), _number(given["audience"]) if given["audience"] else None
        if one is None:
            one = create_persona(access, name=given["name"], portrait=portrait, audience_id=audience, request=request)
        else:
            change_persona(
                access, persona_id=one.pk, name=given["name"], portrait=portrait, audience_id=audience,
                number=_number(given["number"]), request=request,
            )  # fmt: skip
    except (Invalid, NotFound) as error:
        return _shown(request, access, one, given, error=error.message, status=400)
    return redirect("customers:persona", workspace=access.workspace_slug, persona_id=one.pk)


_FIELDS = ("name", "line", "about", "research", "language", "initials", "tint", "audience", "number")


def _as_written(request: HttpRequest, one: Persona | None) -> dict[str, str]:
    portrait = read(one.told) if one else Portrait()
    return {
        "name": one.name if one else "",
        "line": portrait.line,
        "about": portrait.about,
        "research": portrait.research,
        "language": portrait.language,
        "initials": portrait.initials,
        "tint": str(portrait.tint),
        "audience": str(one.audience_id or "") if one else request.GET.get("audience", "")[:20],
        "number": str(one.number) if one else "",
        **{name: "\n".join(getattr(portrait, name)) for name in PARTS},
    }


def _portrait(given: dict[str, str]) -> Portrait:
    tint = _number(given["tint"] or "3")
    return Portrait(
        line=given["line"], about=given["about"].replace("\r\n", "\n"), research=given["research"].replace("\r\n", "\n"),
        language=given["language"], initials=given["initials"], tint=tint, **{name: lines(given[name]) for name in PARTS},
    )  # fmt: skip


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise Invalid("Choose one of those that are offered.")
    return int(text)


def _shown(  # noqa: PLR0913  one argument for each part
    request: HttpRequest, access: Access, one: Persona | None, given: dict[str, str], *, error: str = "", status: int = 200
) -> HttpResponse:
    context: dict[str, Any] = {
        "one": one,
        "given": given,
        "error": error,
        "parts": [(name, label, given[name], HINTS[name]) for name, label in PARTS.items()],
        "audiences": usable_audiences(access.workspace_id, chosen=one.audience_id if one else None),
        "colours": [(tint, COLOURS[tint], str(tint) == given["tint"]) for tint in TINTS],
        "longest_name": LONGEST_NAME,
        "longest_line": LONGEST_LINE,
        "longest_text": LONGEST_TEXT,
        "most_items": MOST_ITEMS,
    }
    return render(request, "customers/personas/edit.html", context, status=status)
