"""The builder: a survey's texts, its questions in order, one question with its logic, and a preview drawn by the server."""

from __future__ import annotations

import json
from typing import Any

import msgspec
from csp.decorators import csp_replace, csp_update
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from amity.kernel.errors import AmityError, Invalid
from amity.rooms.listening.actions.surveys import change_survey
from amity.rooms.listening.console.asked import fields
from amity.rooms.listening.console.pages import found_survey
from amity.rooms.listening.console.public import style_of
from amity.rooms.listening.models import Survey
from amity.rooms.listening.queries.kept import draft_of, is_changed
from amity.rooms.listening.rules.surveys.form import (
    KINDS,
    LOOKS,
    ROWS,
    TESTS,
    condition_words,
    fields_of,
    question_of,
    text_fields,
    text_in,
)
from amity.rooms.listening.rules.surveys.language import END, Definition, Question, filled, read, said, written
from amity.rooms.listening.rules.surveys.logic import pages
from amity.rooms.listening.rules.surveys.words import NAMES, direction, named, spoken, words_in
from amity.rooms.trust.api import page
from amity.rooms.trust.contracts import Access

_TEXTS = ("title", "intro", "thanks")


@require_http_methods(["GET", "HEAD", "POST"])
@csp_update({"frame-src": ["'self'"]})  # type: ignore[arg-type]  # its stub knows no arguments of a view
@page("surveys.write")
def edit(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """Show the builder, and take a survey's own texts, languages and colour."""
    one = found_survey(access, survey_id)
    draft, error = draft_of(one), ""
    given: dict[str, Any] = {"name": one.name, "languages": " ".join(draft.languages), "colour": draft.colour}
    for name in _TEXTS:
        given |= text_fields(getattr(draft, name), name, draft.languages)
    if request.method == "POST":
        given |= {name: value[:5_000] for name, value in request.POST.dict().items()}
        try:
            _change(request, access, one, given["name"], _settings(draft, given))
            messages.success(request, "Saved.")
            return _back(access, one)
        except AmityError as problem:
            error = problem.message
    texts = [
        {"name": f"{name}.{language}", "label": label, "language": language, "shown": named(language), "value": given.get(f"{name}.{language}", ""), "long": name != "title"}
        for name, label in zip(_TEXTS, ("Title", "Introduction", "Thanks, at the end"), strict=True) for language in draft.languages
    ]  # fmt: skip
    context = {
        "one": one, "draft": draft, "given": given, "texts": texts, "error": error, "rows": _rows(draft), "kinds": KINDS, "tab": "edit",
        "changed": is_changed(one), "several": len(draft.languages) > 1, "known": NAMES,
    }  # fmt: skip
    return render(request, "listening/edit.html", context, status=400 if error else 200)


@require_safe
@csp_replace({"frame-ancestors": ["'self'"]})  # type: ignore[arg-type]
@xframe_options_sameorigin
@page("surveys.read")
def preview(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """Draw the draft as its page will look, all pages one after another, each with what it depends on."""
    one = found_survey(access, survey_id)
    draft = draft_of(one)
    wanted = request.GET.get("language", "")
    language = wanted if wanted in draft.languages else draft.languages[0]
    shown = [
        {"number": n + 1, "fields": [_drawn(draft, question, language) for question in each]}
        for n, each in enumerate(pages(draft))
    ]
    context = {
        "one": one, "pages": shown, "language": language, "direction": direction(language), "words": words_in(language), "spoken": spoken(language),
        "title": filled(said(draft.title, language, draft), {}, {}), "intro": filled(said(draft.intro, language, draft), {}, {}),
        "thanks": filled(said(draft.thanks, language, draft), {}, {}), "company": access.workspace.name,
        "languages": [(code, named(code)) for code in draft.languages] if len(draft.languages) > 1 else [],
    }  # fmt: skip
    return render(request, "listening/preview.html", context)


@require_safe
@page("surveys.read")
def theme(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:  # noqa: ARG001  Django hands it over
    """Give the colour of a draft."""
    return style_of(draft_of(found_survey(access, survey_id)).colour)


@require_POST
@page("surveys.write")
def order(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """Move a question up or down, or take it out."""
    one = found_survey(access, survey_id)
    draft, key, act = draft_of(one), request.POST.get("key", ""), request.POST.get("act", "")
    rows = list(draft.questions)
    at = next((n for n, question in enumerate(rows) if question.key == key), -1)
    to = at - 1 if act == "up" else at + 1
    if at >= 0 and act == "remove":
        rows.pop(at)
    elif at >= 0 and act in {"up", "down"} and 0 <= to < len(rows):
        rows[at], rows[to] = rows[to], rows[at]
    try:
        _change(request, access, one, one.name, msgspec.structs.replace(draft, questions=rows))
    except AmityError as error:
        messages.error(request, error.message)
    return _back(access, one, f"#q-{key}" if act != "remove" else "#questions")


@require_http_methods(["GET", "HEAD", "POST"])
@page("surveys.write")
def new_question(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """Add a question at the end."""
    kind = request.GET.get("kind", "")
    begun = {"kind": kind if kind in KINDS else "text", "match": "all"}
    return _question(request, access, found_survey(access, survey_id), None, begun)


@require_http_methods(["GET", "HEAD", "POST"])
@page("surveys.write")
def question(request: HttpRequest, *, access: Access, survey_id: int, key: str) -> HttpResponse:
    """Change a question."""
    one = found_survey(access, survey_id)
    draft = draft_of(one)
    before = draft.question(key)
    if before is None:
        raise Http404("There is no such question.")
    return _question(request, access, one, before, fields_of(before, draft))


@require_http_methods(["GET", "HEAD", "POST"])
@page("surveys.write")
def as_json(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """Show a survey's definition as JSON, and take another."""
    one = found_survey(access, survey_id)
    text, error = json.dumps(one.draft, indent=2, ensure_ascii=False), ""
    if request.method == "POST":
        text = request.POST.get("json", "")
        try:
            _change(request, access, one, one.name, read(text))
            messages.success(request, "Saved.")
            return _back(access, one)
        except AmityError as problem:
            error = problem.message
    return render(
        request, "listening/json.html", {"one": one, "text": text, "error": error, "tab": "edit"}, status=400 if error else 200
    )


def _question(request: HttpRequest, access: Access, one: Survey, before: Question | None, given: dict[str, Any]) -> HttpResponse:
    draft, error = draft_of(one), ""
    if request.method == "POST":
        sent = {name: value[:50_000] for name, value in request.POST.dict().items()}
        given = {"rest": given.get("rest", False)} | sent
        try:
            made = msgspec.convert(question_of(sent, draft, before), Question, strict=False)
            rows = [made if each is before or each.key == (before.key if before else "") else each for each in draft.questions]
            rows = rows if before else [*rows, made]
            _change(request, access, one, one.name, msgspec.structs.replace(draft, questions=rows))
            return _back(access, one, f"#q-{made.key}")
        except msgspec.ValidationError as problem:
            error = str(problem).partition(" - at `")[0]
        except AmityError as problem:
            error = problem.message
    place = next((n for n, each in enumerate(draft.questions) if before and each.key == before.key), len(draft.questions))
    labels = {
        "ask": "What is asked",
        "hint": "Hint",
        "low": "At the low end",
        "high": "At the high end",
        "options": "Answers, one a line",
    }
    texts = [
        {"name": f"{name}.{language}", "what": name, "label": label, "language": language, "shown": named(language), "value": given.get(f"{name}.{language}", "")}
        for name, label in labels.items() for language in draft.languages
    ]  # fmt: skip
    context = {
        "one": one, "before": before, "given": given, "texts": texts, "error": error, "kinds": KINDS, "looks": LOOKS, "several": len(draft.languages) > 1,
        "earlier": [each for each in draft.questions[:place] if each.kind != "statement"], "later": draft.questions[place + 1 :], "tests": TESTS, "end": END,
        "ifs": [_row(given, f"if{n}") for n in range(ROWS)], "thens": [_row(given, f"then{n}") for n in range(ROWS)], "tab": "edit",
    }  # fmt: skip
    return render(request, "listening/question.html", context, status=400 if error else 200)


def _row(given: dict[str, Any], name: str) -> dict[str, str]:
    return {"name": name} | {part: given.get(f"{name}.{part}", "") for part in ("question", "how", "to", "goto")}


def _settings(draft: Definition, given: dict[str, Any]) -> Definition:
    languages = given["languages"].replace(",", " ").split()
    if not languages:
        raise Invalid("A survey speaks at least one language.")
    made = written(draft) | {"languages": languages, "colour": given["colour"].strip().lower()}
    for name in _TEXTS:
        made[name] = text_in(given, name, [*dict.fromkeys([*languages, *draft.languages])])
    return read(json.dumps(_spoken(made, languages)))


def _spoken(made: Any, languages: list[str]) -> Any:
    """Return a definition without texts of languages that it doesn't speak any more."""
    if isinstance(made, list):
        return [_spoken(each, languages) for each in made]
    if not isinstance(made, dict):
        return made
    return {
        name: {code: text for code, text in value.items() if code in languages}
        if name in {"title", "intro", "thanks", "ask", "hint", "low", "high", "text"} and isinstance(value, dict)
        else _spoken(value, languages)
        for name, value in made.items()
    }


def _rows(draft: Definition) -> list[dict[str, Any]]:
    starts = {each[0].key: n + 1 for n, each in enumerate(pages(draft))}
    last = len(draft.questions) - 1
    return [
        {
            "one": question, "ask": said(question.ask, draft.languages[0], draft), "kind": KINDS[question.kind], "first": n == 0, "last": n == last,
            "page": starts.get(question.key, 0) if len(starts) > 1 else 0, "only_if": condition_words(question.only_if) if question.only_if else "",
            "then": [f"{f'if {condition_words(jump.when)}, ' if jump.when else ''}{'end' if jump.to == END else f'go to {jump.to}'}" for jump in question.then],
        }
        for n, question in enumerate(draft.questions)
    ]  # fmt: skip


def _drawn(draft: Definition, question: Question, language: str) -> dict[str, Any]:
    [field] = fields(
        draft, [question], language=language, answers={}, traits={}, wrong={}, heard={each.key: "…" for each in draft.questions}
    )
    return {"one": field, "only_if": condition_words(question.only_if) if question.only_if else ""}


def _change(request: HttpRequest, access: Access, one: Survey, name: str, definition: Definition) -> None:
    change_survey(access, survey_id=one.pk, name=name, definition=definition, request=request)


def _back(access: Access, one: Survey, fragment: str = "") -> HttpResponse:
    answer = redirect("listening:edit", workspace=access.workspace_slug, survey_id=one.pk)
    answer["Location"] += fragment
    return answer
