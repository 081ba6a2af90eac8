"""Surveys: the list, a new one, and what is done to one as a whole."""

from __future__ import annotations

from urllib.parse import urlencode

import msgspec
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel.errors import AmityError
from amity.rooms.listening.actions.surveys import archive_survey, create_survey, publish, set_closed
from amity.rooms.listening.models import Survey
from amity.rooms.listening.queries.kept import accessible_survey, list_surveys
from amity.rooms.listening.rules.surveys.language import read
from amity.rooms.listening.rules.surveys.starts import STARTS, begun
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

ON_A_PAGE = 50


@require_safe
@page("surveys.read")
def surveys(request: HttpRequest, *, access: Access) -> HttpResponse:
    """List surveys, the newest first."""
    text = request.GET.get("q", "")[:200].strip()
    given = request.GET.get("before", "")
    before = int(given) if given.isascii() and given.isdecimal() and len(given) < 19 else 0
    found = list_surveys(workspace_id=access.workspace_id, text=text, before=before, limit=ON_A_PAGE + 1)
    rows = found[:ON_A_PAGE]
    more = f"?{urlencode({'q': text, 'before': rows[-1].survey.pk})}" if len(found) > ON_A_PAGE else ""
    return render(request, "listening/list.html", {"rows": rows, "text": text, "next": more})


@require_http_methods(["GET", "HEAD", "POST"])
@page("surveys.write")
def new(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Begin a survey."""
    given = {"name": request.POST.get("name", ""), "start": request.POST.get("start", "nps")}
    error = ""
    if request.method == "POST":
        try:
            definition = read(msgspec.json.encode(begun(given["start"], given["name"].strip()[:120] or "Survey")))
            one = create_survey(access, name=given["name"], definition=definition, request=request)
            return redirect("listening:edit", workspace=access.workspace_slug, survey_id=one.pk)
        except AmityError as problem:
            error = problem.message
    starts = {key: label for key, (label, _) in STARTS.items()}
    context = {"given": given, "starts": starts, "error": error}
    return render(request, "listening/new.html", context, status=400 if error else 200)


@require_POST
@page("surveys.write")
def publishing(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """Let a survey's links ask what its draft says."""
    one = found_survey(access, survey_id)
    try:
        made = publish(access, survey_id=one.pk, request=request)
    except AmityError as error:
        messages.error(request, error.message)
        return redirect("listening:edit", workspace=access.workspace_slug, survey_id=one.pk)
    messages.success(request, f"Version {made.number} is what its links ask now.")
    return redirect("listening:links", workspace=access.workspace_slug, survey_id=one.pk)


@require_POST
@page("surveys.write")
def closing(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """Close a survey, or open it again."""
    one, closed = found_survey(access, survey_id), request.POST.get("act") != "open"
    set_closed(access, survey_id=one.pk, closed=closed, request=request)
    messages.success(request, "Its links ask nobody now." if closed else "Its links ask again.")
    return redirect("listening:links", workspace=access.workspace_slug, survey_id=one.pk)


@require_POST
@page("surveys.write")
def archiving(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """Put a survey away."""
    one = found_survey(access, survey_id)
    archive_survey(access, survey_id=one.pk, request=request)
    messages.success(request, f"“{one.name}” is put away. What was answered stays in the customers’ stories.")
    return redirect("listening:surveys", workspace=access.workspace_slug)


def found_survey(access: Access, survey_id: int) -> Survey:
    """Return a survey of the workspace, or 404."""
    try:
        return accessible_survey(workspace_id=access.workspace_id, survey_id=survey_id)
    except AmityError as error:
        raise Http404(error.message) from None
