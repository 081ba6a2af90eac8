"""Bring a file to Amity: in pieces by a script, or at once by the form alone where it is small."""

from __future__ import annotations

from uuid import UUID

from django import forms
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST

from amity.kernel.errors import AmityError, Invalid
from amity.kernel.settings import settings
from amity.rooms.collection.actions.imports.upload import PIECE_BYTES, append_piece, begin_upload, end_upload, take_whole
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


class FileForm(forms.Form):
    """One file."""

    file = forms.FileField(max_length=1_000, error_messages={"required": "Choose a file.", "empty": "The file is empty."})


@page("imports.write")
def new_import(request: HttpRequest, access: Access) -> HttpResponse:
    """Choose a file. Without scripts the form brings it at once, up to what the console takes as one request."""
    form = FileForm(request.POST or None, request.FILES or None) if request.method == "POST" else FileForm()
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            made = take_whole(access=access, name=file.name, size=file.size, pieces=file.chunks(), request=request)
        except Invalid as error:
            form.add_error("file", error.message)
        else:
            return redirect("collection:map_import", workspace=access.workspace_slug, import_id=made.id)
    context = {"form": form, "piece": PIECE_BYTES, "most": settings().import_bytes}
    return render(request, "collection/new_import.html", context, status=400 if form.errors else 200)


@require_POST
@page("imports.write")
def begin(request: HttpRequest, access: Access) -> HttpResponse:
    """Begin an upload in pieces: answers its address."""
    try:
        upload_id = begin_upload(workspace_id=access.workspace_id, size=_number(request, "size"))
    except AmityError as error:
        return _refusal(error)
    where = {"workspace": access.workspace_slug, "upload_id": upload_id}
    return JsonResponse(
        {"piece": reverse("collection:upload_piece", kwargs=where), "end": reverse("collection:end_upload", kwargs=where)}
    )


@require_POST
@page("imports.write")
def piece(request: HttpRequest, access: Access, upload_id: UUID) -> HttpResponse:
    """Take the piece that begins at `?at=`, and say where the next one does."""
    try:
        at = int(request.GET.get("at", ""))
        following = append_piece(workspace_id=access.workspace_id, upload_id=upload_id, at=at, piece=request)  # type: ignore[arg-type]
    except ValueError:
        return _refusal(Invalid("at is the number of bytes before this piece."))
    except AmityError as error:
        return _refusal(error)
    return JsonResponse({"at": following})


@require_POST
@page("imports.write")
def end(request: HttpRequest, access: Access, upload_id: UUID) -> HttpResponse:
    """End an upload: answers the address of the page on which its map is made."""
    try:
        made = end_upload(
            access=access, upload_id=upload_id, name=request.POST.get("name", ""), size=_number(request, "size"), request=request
        )
    except AmityError as error:
        return _refusal(error)
    return JsonResponse(
        {"url": reverse("collection:map_import", kwargs={"workspace": access.workspace_slug, "import_id": made.id})}
    )


def _number(request: HttpRequest, name: str) -> int:
    text = request.POST.get(name, "")
    if not text.isdecimal() or len(text) > 18:
        raise Invalid(f"{name} is a number of bytes.")
    return int(text)


def _refusal(error: AmityError) -> HttpResponse:
    return JsonResponse({"error": error.message}, status=404 if error.code == "not_found" else 400)
