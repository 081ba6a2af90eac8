"""Imports: files that were brought in, and how each went."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from amity.rooms.collection.queries.imports import list_imports
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@page("sources.read")
def imports(request: HttpRequest, access: Access) -> HttpResponse:
    """List the latest imports; the list asks again while one still changes."""
    found = list_imports(workspace_id=access.workspace_id)
    context = {"imports": found, "active": any(one.active for one in found)}
    part = request.headers.get("HX-Target") == "imports"
    return render(request, "collection/_imports.html" if part else "collection/imports.html", context)
