"""Bring a survey in that was written elsewhere."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from amity.kernel.errors import AmityError, Invalid
from amity.rooms.listening.actions.surveys import create_survey
from amity.rooms.listening.rules.surveys.importing import NAMES, bring_in
from amity.rooms.listening.rules.surveys.language import LONGEST_DEFINITION
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access


@require_http_methods(["GET", "HEAD", "POST"])
@page("surveys.write")
def bringing(request: HttpRequest, *, access: Access) -> HttpResponse:
    """Take another system's survey, make a draft of it, and say what isn't as it was there."""
    given = {"name": request.POST.get("name", "")[:200], "json": request.POST.get("json", "")}
    error = ""
    if request.method == "POST":
        try:
            brought = bring_in(_text(request, given["json"]))
            one = create_survey(access, name=given["name"], definition=brought.definition, request=request)
        except AmityError as problem:
            error = problem.message
        else:
            context = {
                "one": one,
                "brought": brought,
                "source": NAMES[brought.source],
                "number": len(brought.definition.questions),
            }
            return render(request, "listening/brought.html", context)
    return render(request, "listening/bring.html", {"given": given, "error": error}, status=400 if error else 200)


def _text(request: HttpRequest, written: str) -> str:
    file = request.FILES.get("file")
    if file is None or isinstance(file, list):
        return written
    if (file.size or 0) > LONGEST_DEFINITION:
        raise Invalid(f"The file is larger than {LONGEST_DEFINITION:,} characters.")
    try:
        return bytes(file.read()).decode()
    except UnicodeDecodeError:
        raise Invalid("The file isn’t UTF-8 text.") from None
