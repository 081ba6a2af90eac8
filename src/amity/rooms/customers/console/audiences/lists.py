"""Lists from files: upload or paste, see what the file holds and whom it names, choose, use. Works without JavaScript."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, cast

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from amity.kernel.errors import AmityError, Invalid
from amity.rooms.collection.contracts import FileTable
from amity.rooms.customers.actions.audiences.listing import create_list
from amity.rooms.customers.actions.audiences.uploads import opened, take_file, use_upload, waiting_upload
from amity.rooms.customers.actions.settings import chosen_by
from amity.rooms.customers.console.audiences.pages import found_audience
from amity.rooms.customers.models import Audience, ListUpload
from amity.rooms.customers.queries.audiences.naming import guess, name_customers
from amity.rooms.customers.queries.audiences.offered import offered
from amity.rooms.customers.rules.audiences.listing import ANY, OWN, REASONS, Mode, read_cells
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

LOOKED_AT = 20_000
LONGEST_PASTED = 2_000_000
SHOWN = 12
MODE_WORDS = {
    "add": "Add them to the list",
    "remove": "Take them off the list",
    "replace": "Let them be the whole list; everybody else leaves",
}


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the first `lines` of a file would do; `all`: there are no more. `trouble` is (words, number, some lines)."""

    lines: int
    all: bool
    known: int
    again: int
    trouble: list[tuple[str, int, str]]


@require_http_methods(["GET", "HEAD", "POST"])
@page("audiences.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Choose the file of a new list."""
    return _choose(request, access, None)


@require_http_methods(["GET", "HEAD", "POST"])
@page("audiences.write")
def change(request: HttpRequest, *, access: Access, audience_id: int) -> HttpResponse:
    """Choose a file that changes a list."""
    one = found_audience(access, audience_id)
    if one.definition is not None or one.archived_at is not None:
        raise Http404("Only a list that isn't archived is changed by a file.")
    return _choose(request, access, one)


@require_http_methods(["GET", "HEAD", "POST"])
@page("audiences.write")
def use(request: HttpRequest, *, access: Access, upload_id: int) -> HttpResponse:
    """Show what a file holds and whom it names; use it as chosen, or forget it."""
    try:
        upload = waiting_upload(workspace_id=access.workspace_id, upload_id=upload_id)
    except AmityError as error:
        raise Http404(error.message) from None
    act = request.POST.get("act", "look") if request.method == "POST" else "look"
    if act == "forget":
        Path(upload.path).unlink(missing_ok=True)
        upload.delete()
        messages.success(request, "The file is deleted. Nothing of it was used.")
        return redirect("customers:audiences", workspace=access.workspace_slug)
    trouble = ""
    if act == "use":
        try:
            one = _used(request, access, upload)
        except AmityError as failed:
            trouble = failed.message
        else:
            return redirect("customers:audience", workspace=access.workspace_slug, audience_id=one.pk)
    return render(
        request, "customers/audiences/list_use.html", _looked(request, access, upload, trouble), status=400 if trouble else 200
    )


@require_safe
@page("customers.read")
def report(request: HttpRequest, *, access: Access, audience_id: int, upload_id: int) -> HttpResponse:  # noqa: ARG001
    """Give the lines of a file that named nobody, with their reasons, as CSV."""
    one = found_audience(access, audience_id)
    upload = ListUpload.objects.filter(audience_id=one.pk, pk=upload_id, used_at__isnull=False).first()
    if upload is None:
        raise Http404("There is no such upload.")
    out = io.StringIO()
    rows = csv.writer(out, lineterminator="\r\n")
    rows.writerow(["line", "reason"])
    rows.writerows(upload.trouble)
    return HttpResponse(
        out.getvalue(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="list-{upload.pk}-lines.csv"'},
    )


def _choose(request: HttpRequest, access: Access, one: Audience | None) -> HttpResponse:
    error, pasted = "", request.POST.get("pasted", "")
    if request.method == "POST":
        try:
            upload = _taken(request, access, pasted, one)
        except Invalid as failed:
            error = failed.message
        else:
            return redirect("customers:use_list_file", workspace=access.workspace_slug, upload_id=upload.pk)
    context = {"one": one, "error": error, "pasted": pasted}
    return render(request, "customers/audiences/list_file.html", context, status=400 if error else 200)


def _taken(request: HttpRequest, access: Access, pasted: str, one: Audience | None) -> ListUpload:
    audience = one.pk if one else None
    file = request.FILES.get("file")
    if file is not None and file.size:
        return take_file(access, name=file.name or "file.csv", pieces=file.chunks(), audience_id=audience)
    if not pasted.strip():
        raise Invalid("Choose a file, or paste identifiers.")
    if len(pasted) > LONGEST_PASTED:
        raise Invalid("That is too much to paste; upload it as a file.")
    # A name for the column, so that what was pasted begins on a line of its own; it has the first line then.
    text = f"identifier\n{pasted.strip()}\n" if "," not in pasted and ";" not in pasted and "\t" not in pasted else pasted
    return take_file(access, name="pasted.csv", pieces=[text.encode()], audience_id=audience)


def _used(request: HttpRequest, access: Access, upload: ListUpload) -> Audience:
    mode = request.POST.get("mode", "add")
    if mode not in MODE_WORDS:
        raise Invalid("Choose what to do with the customers.")
    one = upload.audience
    made = one is None
    if one is None:
        one = create_list(access, workspace_id=access.workspace_id, name=request.POST.get("name", ""), request=request)
    try:
        done = use_upload(
            access, upload_id=upload.pk, audience_id=one.pk, column=request.POST.get("column", ""),
            kind=request.POST.get("kind", "")[:60].replace("\0", ""), mode=cast("Mode", mode), request=request,
        )  # fmt: skip
    except BaseException:
        if made:
            one.delete()
        raise
    messages.success(request, f"{done.entered:,} entered, {done.left:,} left.")
    return one


def _looked(request: HttpRequest, access: Access, upload: ListUpload, error: str) -> dict[str, Any]:
    kinds = {**{kind: kind for kind in offered(access.workspace_id)["identifiers"]}, OWN: "Amity’s own id", ANY: "any identifier"}
    base = Path(upload.name).stem.replace("_", " ")
    with opened(Path(upload.path), name=upload.name) as table:
        guessed = guess(table, workspace_id=access.workspace_id)
        names = [one.name for one in table.columns]
        column = request.POST.get("column", guessed.column)
        column = column if column in names else guessed.column
        kind = request.POST.get("kind", guessed.kind)
        kinds.setdefault(kind, kind)
        return {
            "upload": upload, "one": upload.audience, "table": table, "guessed": guessed, "column": column, "kind": kind, "kinds": kinds,
            "modes": MODE_WORDS, "mode": request.POST.get("mode", "add"), "name": request.POST.get("name", base[:120]),
            "guessed_words": kinds.get(guessed.kind, guessed.kind), "seen": _seen(table, access, column, kind), "error": error,
        }  # fmt: skip


def _seen(table: FileTable, access: Access, column: str, kind: str) -> Seen:
    rows = list(islice(table.rows(), LOOKED_AT + 1))
    rules = chosen_by([access.workspace_id])[access.workspace_id].rules
    read = read_cells(rows[:LOOKED_AT], column=column, kind=kind, rules=rules)
    named = name_customers(workspace_id=access.workspace_id, kind=kind, spelled=read.spelled)
    lines: dict[str, list[int]] = {}
    for line, reason in read.trouble:
        lines.setdefault(reason, []).append(line)
    for value, line in read.values.items():
        if value in named.several:
            lines.setdefault("ambiguous", []).append(line)
        elif value not in named.owners:
            lines.setdefault("unknown", []).append(line)
    return Seen(
        lines=read.lines,
        all=len(rows) <= LOOKED_AT,
        known=len({who for _, _, who in named.owners.values()}),
        again=read.again,
        trouble=[
            (f"{reason}: {said}", len(lines[reason]), _some(lines[reason])) for reason, said in REASONS.items() if reason in lines
        ],
    )


def _some(lines: list[int]) -> str:
    return ", ".join(f"{one:,}" for one in lines[:SHOWN]) + (" …" if len(lines) > SHOWN else "")
