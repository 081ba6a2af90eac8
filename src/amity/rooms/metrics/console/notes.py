"""The page of annotations: what happened when, with the form that writes it down."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from amity.kernel.clock import to_ms
from amity.kernel.errors import AmityError, Invalid
from amity.rooms.metrics.actions.annotations import KINDS, delete_annotation, save_annotation
from amity.rooms.metrics.models import Annotation
from amity.rooms.metrics.queries.annotations import accessible_annotation, list_annotations
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_FORM = "%Y-%m-%dT%H:%M"


@require_http_methods(["GET", "HEAD"])
@page("metrics.read")
def index(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List what happened when."""
    kind, text = request.GET.get("kind", ""), request.GET.get("q", "")[:200].strip()
    kind = kind if kind in KINDS else ""
    rows = list_annotations(workspace_id=access.workspace_id, kind=kind, text=text)
    return _page(request, access, rows, None, {"kind": "release", "text": "", "first": "", "last": ""}, asked=(kind, text))


@require_http_methods(["GET", "HEAD", "POST"])
@page("metrics.write")
def annotation(request: HttpRequest, *, access: Access, annotation_id: int = 0) -> HttpResponse:
    """Write an annotation, or change one."""
    one = _found(access, annotation_id) if annotation_id else None
    given = {name: request.POST.get(name, "")[:400].strip() for name in ("kind", "text", "first", "last")}
    if request.method != "POST":
        given = _given(one, access.workspace.time_zone)
        return _page(request, access, list_annotations(workspace_id=access.workspace_id), one, given)
    try:
        first, last = (_instant(given[name], access.workspace.time_zone) for name in ("first", "last"))
        if first is None:
            raise Invalid("When did it begin?")
        save_annotation(
            access, kind=given["kind"], text=given["text"], first=first, last=last, annotation_id=one.pk if one else None, request=request
        )  # fmt: skip
    except AmityError as error:
        rows = list_annotations(workspace_id=access.workspace_id)
        return _page(request, access, rows, one, given, error=error.message)
    messages.success(request, "It stands on the charts of that time.")
    return redirect("metrics:annotations", workspace=access.workspace_slug)


@require_POST
@page("metrics.write")
def delete(request: HttpRequest, *, access: Access, annotation_id: int) -> HttpResponse:
    """Take an annotation out."""
    one = _found(access, annotation_id)
    delete_annotation(access, annotation_id=one.pk, request=request)
    messages.success(request, "It is off the charts.")
    return redirect("metrics:annotations", workspace=access.workspace_slug)


def _found(access: Access, annotation_id: int) -> Annotation:
    try:
        return accessible_annotation(
            workspace_id=access.workspace_id, annotation_id=annotation_id if annotation_id < 2**63 else 0
        )
    except AmityError as error:
        raise Http404(error.message) from None


def _page(  # noqa: PLR0913  one argument for each part
    request: HttpRequest, access: Access, rows: list[Annotation], one: Annotation | None, given: dict[str, str], *, error: str = "",
    asked: tuple[str, str] = ("", ""),
) -> HttpResponse:  # fmt: skip
    kind, text = asked
    context = {
        "rows": rows, "one": one, "given": given, "error": error, "kinds": KINDS, "kind": kind, "text": text, "zone": access.workspace.time_zone,
    }  # fmt: skip
    return render(request, "metrics/annotations.html", context, status=400 if error else 200)


def _given(one: Annotation | None, zone: str) -> dict[str, str]:
    if one is None:
        return {"kind": "release", "text": "", "first": "", "last": ""}

    def written(ms: int | None) -> str:
        return "" if ms is None else datetime.fromtimestamp(ms / 1000, ZoneInfo(zone)).strftime(_FORM)

    return {"kind": one.kind, "text": one.text, "first": written(one.first), "last": written(one.last)}


def _instant(text: str, zone: str) -> int | None:
    if not text:
        return None
    try:
        return to_ms(datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)))
    except ValueError:
        raise Invalid("Write a time as 2026-08-04T07:00.") from None
