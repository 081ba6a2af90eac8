"""One import: how far it is, what became of it, and cancelling it."""

from __future__ import annotations

import asyncio
import csv
from collections.abc import AsyncIterator, Callable
from itertools import islice
from pathlib import Path
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST

from amity.kernel.errors import AmityError, NotFound
from amity.rooms.collection.actions.imports.stop import cancel_import, forget_upload, resume_import
from amity.rooms.collection.queries.imports import get_import, report_of
from amity.rooms.collection.rules.imports.mapping import as_yaml, mapping_of
from amity.rooms.collection.rules.imports.refusal import REASONS
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ROWS = 25
_PIECE = 262_144


@page("sources.read")
def one_import(request: HttpRequest, access: Access, import_id: UUID) -> HttpResponse:
    """Show an import; the part that changes asks again by itself."""
    one = get_import(workspace_id=access.workspace_id, import_id=import_id)
    if one.state == "uploaded" and access.can("imports.write"):
        return redirect("collection:map_import", workspace=access.workspace_slug, import_id=one.id)
    reasons = [(code, REASONS.get(code, code), count) for code, count in sorted(one.reasons.items(), key=lambda item: -item[1])]
    # While it runs its list grows; a table under one's eyes that changes each second helps nobody.
    rejects = [] if one.active else _first_rejects(access, import_id)
    context = {"one": one, "reasons": reasons, "percent": round(one.share * 100), "rejects": rejects}
    if request.headers.get("HX-Target") == "import":
        return render(request, "collection/_import.html", context)
    context["yaml"] = as_yaml(mapping_of(one.mapping)) if one.mapping else ""
    return render(request, "collection/import.html", context)


@page("sources.read")
def rejected(request: HttpRequest, access: Access, import_id: UUID) -> HttpResponseBase:  # noqa: ARG001
    """Give the list of rejected rows as a CSV file."""
    path = report_of(workspace_id=access.workspace_id, import_id=import_id)
    headers = {"Content-Disposition": 'attachment; filename="rejected.csv"'}
    return StreamingHttpResponse(_pieces(path), content_type="text/csv; charset=utf-8", headers=headers)


@require_POST
@page("imports.write")
def cancel(request: HttpRequest, access: Access, import_id: UUID) -> HttpResponse:
    """End an import; what it stored stays."""
    return _do(cancel_import, request, access, import_id, said="It is being cancelled. What is stored stays.")


@require_POST
@page("imports.write")
def resume(request: HttpRequest, access: Access, import_id: UUID) -> HttpResponse:
    """Let a cancelled or failed import go on."""
    return _do(resume_import, request, access, import_id, said="It goes on where it stopped.")


@require_POST
@page("imports.write")
def forget(request: HttpRequest, access: Access, import_id: UUID) -> HttpResponse:
    """Delete an upload that was never started."""
    forget_upload(workspace_id=access.workspace_id, import_id=import_id, actor=access, request=request)
    messages.success(request, "The file is deleted. Nothing of it was stored.")
    return redirect("collection:imports", workspace=access.workspace_slug)


def _do(verb: Callable[..., object], request: HttpRequest, access: Access, import_id: UUID, *, said: str) -> HttpResponse:
    try:
        verb(workspace_id=access.workspace_id, import_id=import_id, actor=access, request=request)
    except NotFound:
        raise
    except AmityError as error:
        messages.error(request, error.message)
    else:
        messages.success(request, said)
    return redirect("collection:import", workspace=access.workspace_slug, import_id=import_id)


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        while piece := await asyncio.to_thread(file.read, _PIECE):
            yield piece


def _first_rejects(access: Access, import_id: UUID) -> list[list[str]]:
    try:
        path: Path = report_of(workspace_id=access.workspace_id, import_id=import_id)
    except NotFound:
        return []
    with path.open(encoding="utf-8", newline="") as file:
        return list(islice(csv.reader(file), 1, ROWS + 1))
