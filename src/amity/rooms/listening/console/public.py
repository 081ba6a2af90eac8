"""The public page of a survey: no sign-in, no cookie, no third party; it works without scripts. Looking at it answers nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from amity.rooms.listening.actions.answering import Taken, note_shown, take_page
from amity.rooms.listening.actions.surveys import secret_of
from amity.rooms.listening.console.asked import fields, heard_of
from amity.rooms.listening.contracts import Answer
from amity.rooms.listening.models import Survey
from amity.rooms.listening.queries.kept import version_of
from amity.rooms.listening.queries.opened import Opened, opened_by, survey_behind, traits_of
from amity.rooms.listening.rules.surveys.judging import judged
from amity.rooms.listening.rules.surveys.language import Text, filled, said
from amity.rooms.listening.rules.surveys.links import LinkOver
from amity.rooms.listening.rules.surveys.logic import next_page, page_before, pages, shown_on
from amity.rooms.listening.rules.surveys.words import chosen, direction, named, on_colour, spoken, words_in
from amity.rooms.trust.api import get_workspace_by_id, may_try, public

_VISITS, _GUESSES = "300/m/ip", "30/m/ip"
_MOST_FIELDS = 400
TRAP = "website"  # a field that people don't see, and that programs fill in


@csrf_exempt  # there is no session and no cookie: the ticket in the form is what ties it to its page
@public("a survey's link asks whoever was given it, and shows nothing but its questions")
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, token: str) -> HttpResponse:
    """Show a page of a survey, and take what is sent of one."""
    return _private(_answer(request, token))


@require_safe
@public("a survey's colour as a style sheet; the survey's page is public")
def theme(request: HttpRequest, token: str) -> HttpResponse:  # noqa: ARG001  Django hands it over
    """Give the colour of a survey's page."""
    try:
        survey = survey_behind(token)
        definition = version_of(survey, survey.live)
    except LinkOver:
        definition = None
    return style_of(definition.colour if definition else "#0f596a")


def style_of(colour: str) -> HttpResponse:
    """Return a style sheet with a survey's colour, and black or white on it."""
    text = f":root{{--survey:{colour};--on-survey:{on_colour(colour)}}}"
    answer = HttpResponse(text, content_type="text/css; charset=utf-8")
    answer.headers["Cache-Control"] = "no-cache"
    return answer


def _answer(request: HttpRequest, token: str) -> HttpResponse:
    language = chosen(
        ["en", "de", "fr", "es", "ar"], wanted="", accepted=request.headers.get("Accept-Language", "")
    )  # fmt: skip
    if not may_try(request, action="survey", rate=_VISITS):
        return _over(request, "busy", language, status=429)
    survey: Survey | None = None
    ticket = request.POST.get("ticket") or "-" if request.method == "POST" else request.GET.get("r", "")
    try:
        survey = survey_behind(token)
        opened = opened_by(survey, token, secret=secret_of(survey), ticket=ticket)
    except LinkOver as over:
        if not may_try(request, action="survey-unknown", rate=_GUESSES):
            return _over(request, "busy", language, status=429)
        return _over(request, over.why, language, survey=survey, status=404 if over.why == "unknown" else 410)
    if request.method == "POST":
        return _take(request, opened)
    if request.method == "GET" and not ticket and "prefetch" not in request.headers.get("Sec-Purpose", ""):
        note_shown(opened)
    return _look(request, opened)


def _look(request: HttpRequest, opened: Opened) -> HttpResponse:
    answers = opened.response.answers if opened.response else {}
    language = _language(request, opened)
    if opened.response is not None and opened.response.completed_at is not None:
        return _page(request, "thanks", opened, language, {"thanks": _words(opened, opened.definition.thanks, language)})
    first = next_page(opened.definition, -1, answers)
    given = request.GET.get("page", "")
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else first
    if number is None or number >= len(pages(opened.definition)) or not shown_on(opened.definition, number, answers):
        number = first
    if number is None:
        return _over(request, "unknown", language, survey=opened.survey, status=404)
    if opened.response is None and number == first:
        answers = _chosen_in_mail(request, opened, number)
    return _asked(request, opened, language, Taken(page=number, wrong={}, answers=answers))


def _chosen_in_mail(request: HttpRequest, opened: Opened, number: int) -> dict[str, Answer]:
    """Return answers that an address brings along, such as a point chosen in a letter: shown as chosen, and kept only once sent.

    Programs that look through mail follow every address, so following one says nothing.
    """
    sent = {name.removeprefix("a."): request.GET.getlist(name)[:_MOST_FIELDS] for name in request.GET if name.startswith("a.")}
    return judged(shown_on(opened.definition, number, {}), sent)[0]


def _take(request: HttpRequest, opened: Opened) -> HttpResponse:
    language, given = _language(request, opened), request.POST.get("page", "")
    here = reverse("listening:ask", args=[opened.token])
    if request.POST.get(TRAP):  # a program: it is told what it wants to hear, and nothing is kept
        return _page(request, "thanks", opened, language, {"thanks": _words(opened, opened.definition.thanks, language)})
    number = int(given) if given.isascii() and given.isdecimal() and len(given) < 4 else 0
    sent = {name.removeprefix("q."): request.POST.getlist(name)[:_MOST_FIELDS] for name in request.POST if name.startswith("q.")}
    taken = take_page(opened, number=number, sent=sent, language=language, made_at=opened.made_at)
    if taken.wrong or taken.too_quick:
        return _asked(request, opened, language, taken, status=400)
    query = {"r": opened.ticket, "language": language} | ({"page": taken.page} if taken.page is not None else {})
    return HttpResponseRedirect(f"{here}?{urlencode(query)}", status=303)


def _asked(request: HttpRequest, opened: Opened, language: str, taken: Taken, *, status: int = 200) -> HttpResponse:
    one, number = opened.definition, taken.page or 0
    before = page_before(one, number, taken.answers)
    last = len(pages(one)) == number + 1
    here = reverse("listening:ask", args=[opened.token])
    shown = fields(
        one,
        shown_on(one, number, taken.answers),
        language=language,
        answers=taken.answers,
        traits=traits_of(opened),
        wrong=taken.wrong,
    )
    context = {
        "fields": shown, "page": number, "number": number + 1, "pages": len(pages(one)), "last": last, "ticket": opened.ticket,
        "trap": TRAP, "too_quick": taken.too_quick, "wrong": [each for each in shown if each["wrong"]],
        "title": _words(opened, one.title, language), "intro": _words(opened, one.intro, language) if before is None else "",
        "back": f"{here}?{urlencode({'r': opened.ticket, 'language': language, 'page': before})}" if before is not None else "",
        "languages": [{"code": code, "name": named(code), "at": f"{here}?{urlencode(_at(opened, number) | {'language': code})}"} for code in one.languages]
        if len(one.languages) > 1 else [],
    }  # fmt: skip
    return _page(request, "page", opened, language, context, status=status)


def _at(opened: Opened, number: int) -> dict[str, str | int]:
    return {"r": opened.ticket, "page": number}


def _language(request: HttpRequest, opened: Opened) -> str:
    kept = opened.response.language if opened.response else ""
    wanted = request.POST.get("language") or request.GET.get("language", "") or kept
    return chosen(opened.definition.languages, wanted=wanted, accepted=request.headers.get("Accept-Language", ""))


def _words(opened: Opened, text: Text, language: str) -> str:
    answers = opened.response.answers if opened.response else {}
    return filled(said(text, language, opened.definition), heard_of(opened.definition, answers, language), traits_of(opened))


def _page(  # noqa: PLR0913  one argument for each part
    request: HttpRequest, name: str, opened: Opened, language: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    shared = {
        "token": opened.token, "language": language, "direction": direction(language), "words": words_in(language), "spoken": spoken(language),
        "company": get_workspace_by_id(opened.survey.workspace_id).name, "title": _words(opened, opened.definition.title, language),
    }  # fmt: skip
    return render(request, f"listening/public/{name}.html", shared | dict(context), status=status)


def _over(request: HttpRequest, why: str, language: str, *, survey: Survey | None = None, status: int) -> HttpResponse:
    words = words_in(language)
    company = get_workspace_by_id(survey.workspace_id).name if survey else ""
    context = {
        "why": words[why], "words": words, "language": language, "spoken": language, "direction": direction(language), "company": company, "title": words["over"],
    }  # fmt: skip
    return render(request, "listening/public/over.html", context, status=status)


def _private(response: HttpResponse) -> HttpResponse:
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["X-Robots-Tag"] = "noindex, nofollow, noarchive"
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept-Language"
    return response
