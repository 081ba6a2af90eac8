"""The page on which an uploaded file gets its map: guesses chosen already, and what would be made of the first rows."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.collection.actions.imports.register import queue
from amity.rooms.collection.console.imports.form import mapping_from, shown
from amity.rooms.collection.console.kinds import title_of
from amity.rooms.collection.contracts import ImportView
from amity.rooms.collection.queries.imports import file_of, find_earlier_of, get_import
from amity.rooms.collection.queries.sources import list_sources
from amity.rooms.collection.rules.imports.looking import look
from amity.rooms.collection.rules.imports.mapping import Mapping, as_yaml, plain
from amity.rooms.collection.rules.imports.preview import Preview, preview
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

PREVIEW_ROWS = 5_000
_SHOWN = 400


@page("imports.write")
def map_import(request: HttpRequest, access: Access, import_id: UUID) -> HttpResponse:
    """Show the map and a preview; take a changed one; or start the import with it."""
    one = get_import(workspace_id=access.workspace_id, import_id=import_id)
    if one.state != "uploaded":
        return redirect("collection:import", workspace=access.workspace_slug, import_id=one.id)
    try:
        mapping = mapping_from(request.POST) if request.method == "POST" else Mapping(timezone=access.workspace.time_zone)
        guessing = request.method != "POST" or bool(request.POST.get("map", "").strip())  # a form says also what is none
        context = _looked(access, one, mapping, guessing=guessing)
        if request.method == "POST" and "start" in request.POST and not context["questions"]:
            return _start(request, access, one, context["look"].mapping)
    except Invalid as error:
        context = _unreadable(access, one, error)
    context |= {
        "one": one,
        "sources": _sources(access),
        "source": request.POST.get("source", ""),
        "text": request.POST.get("map", ""),
    }
    context["earlier"] = find_earlier_of(workspace_id=access.workspace_id, import_id=import_id)
    failed = bool(context.get("trouble") or ("start" in request.POST and context["questions"]))
    return render(request, "collection/map_import.html", context, status=400 if failed else 200)


def _looked(access: Access, one: ImportView, mapping: Mapping, *, guessing: bool) -> dict[str, Any]:
    path = file_of(workspace_id=access.workspace_id, import_id=one.id)
    with path.open("rb") as file:
        found = look(file, name=one.name, size=one.size, given=mapping, guessing=guessing)
        made = None if found.questions else preview(found, received_at=now_ms(), most_rows=PREVIEW_ROWS)
    return {
        "look": found,
        "questions": found.questions,
        "form": shown(found, currency=access.workspace.currency),
        "yaml": as_yaml(found.mapping),
        "columns": [found.looks[name] for name in found.columns],
        "seen": made,
        **(_made(made) if made else {}),
    }


def _made(made: Preview) -> dict[str, Any]:
    return {
        "customers": [
            {"key": held.key, "traits": _said(held.traits), "interactions": held.interactions} for held in made.customers.values()
        ],
        "first": [
            {
                "one": one,
                "title": title_of(name=one.name, kind=one.kind),
                "properties": _said(msgspec.json.decode(one.properties)),
            }
            for one in made.first
        ],
        "reasons": made.reasons.most_common(),
    }


def _unreadable(access: Access, one: ImportView, error: Invalid) -> dict[str, Any]:
    """Return the page with what is wrong, and the form as far as the file can be read without the map."""
    try:
        context = _looked(access, one, Mapping(timezone=access.workspace.time_zone), guessing=True)
    except Invalid as worse:
        context = {"questions": [], "hopeless": worse.message}
    return {**context, "seen": None, "trouble": error.message, "first": [], "customers": []}


def _start(request: HttpRequest, access: Access, one: ImportView, mapping: Mapping) -> HttpResponse:
    chosen = request.POST.get("source", "")
    try:
        queue(
            workspace_id=access.workspace_id, import_id=one.id, mapping=plain(mapping), actor=access, request=request,
            source_id=int(chosen) if chosen.isdecimal() and len(chosen) < 18 else None, again="again" in request.POST,
        )  # fmt: skip
    except AmityError as error:
        messages.error(request, error.message)
        return redirect("collection:map_import", workspace=access.workspace_slug, import_id=one.id)
    messages.success(request, "The import is on its way. You can leave this page; it goes on.")
    return redirect("collection:import", workspace=access.workspace_slug, import_id=one.id)


def _sources(access: Access) -> list[Any]:
    return [one for one in list_sources(workspace_id=access.workspace_id) if one.kind == "import" and one.disabled_at is None]


def _said(fields: dict[str, Any]) -> str:
    text = ", ".join(f"{name}: {value}" for name, value in fields.items())
    return text if len(text) <= _SHOWN else text[: _SHOWN - 1] + "…"
