"""What was answered: the funnel, each question with its interval, words, the customers behind a number, and all of it as a file."""

from __future__ import annotations

import csv
from collections.abc import Generator
from io import StringIO
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_safe

from amity.kernel.cells import safe_cell
from amity.kernel.clock import from_ms
from amity.rooms.customers import api as customers
from amity.rooms.listening.console.pages import found_survey
from amity.rooms.listening.console.shown import asked_in, drawn, funnel
from amity.rooms.listening.models import Survey
from amity.rooms.listening.queries.kept import is_changed, versions_of
from amity.rooms.listening.queries.results import cell_of, cells_of, results_of, rows_of, said_to, who_answered, whole
from amity.rooms.listening.rules.surveys.judging import in_words
from amity.rooms.listening.rules.surveys.language import Definition, Question
from amity.rooms.trust.api import page, record
from amity.rooms.trust.contracts import Access
from amity.shell.download import download

ON_A_PAGE = 50


@require_safe
@page("surveys.read")
def results(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """Show what was answered to a survey."""
    one, version = found_survey(access, survey_id), _version(request)
    found = results_of(one, version=version)
    context: dict[str, Any] = {
        "one": one,
        "tab": "results",
        "version": version,
        "versions": versions_of(one),
        "changed": is_changed(one),
    }
    if found is not None:
        voices = [_voices(access, one, each.question, version) for each in found.asked if each.question.kind == "text" and each.n]
        context |= {
            "found": found,
            "funnel": funnel(found),
            "asked": [drawn(found, each) for each in found.asked],
            "voices": voices,
        }
    return render(request, "listening/results.html", context)


@require_safe
@page("surveys.read")
def said(request: HttpRequest, *, access: Access, survey_id: int, key: str) -> HttpResponse:
    """Show all that was answered to a question in words, the newest first."""
    one, version = found_survey(access, survey_id), _version(request)
    definition, question = _question(one, key, version)
    start = _start(request)
    context = _voices(access, one, question, version, start=start, limit=ON_A_PAGE)
    count = len(context["rows"]) + context["withheld"]
    context |= {
        "one": one, "version": version, "ask": asked_in(definition, question), "start": start,
        "next": start + ON_A_PAGE if count == ON_A_PAGE else 0, "before": max(start - ON_A_PAGE, 0) if start else None,
    }  # fmt: skip
    return render(request, "listening/said.html", context)


@require_safe
@page("customers.read")
def people(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponse:
    """List the customers who answered so, of those who allow surveys."""
    one, version = found_survey(access, survey_id), _version(request)
    key, value = request.GET.get("question", ""), request.GET.get("answer", "")[:4_000].replace("\0", "")
    definition, question = _question(one, key, version)
    who, withheld, anonymous = who_answered(one, key, value, version=version)
    start = min(_start(request), len(who))
    stretch = who[start : start + ON_A_PAGE]
    lines = customers.lines_by_id(access.workspace_id, stretch)
    at = {"question": key, "answer": value} | ({"version": version} if version else {})
    context = {
        "one": one, "ask": asked_in(definition, question), "answer": in_words(definition, question, value, definition.languages[0]),
        "number": len(who), "withheld": withheld, "anonymous": anonymous, "at": at, "start": start, "end": start + len(stretch),
        "rows": [{"id": each, "line": lines.get(each)} for each in stretch], "version": version,
        "next": start + ON_A_PAGE if start + ON_A_PAGE < len(who) else 0, "before": max(start - ON_A_PAGE, 0) if start else None,
    }  # fmt: skip
    return render(request, "listening/people.html", context)


@require_GET
@page("customers.export")
def answers(request: HttpRequest, *, access: Access, survey_id: int) -> HttpResponseBase:
    """Download the completed responses; those of customers who allow surveys no more are left out."""
    one, version = found_survey(access, survey_id), _version(request)
    definition = whole(one, version)
    if definition is None:
        raise Http404("Nothing was asked yet.")
    record(access, action="survey.exported", target=f"survey:{one.pk}", after={"version": version}, request=request)
    return download(_lines(one, definition, version), name=f"survey-{one.pk}.csv", media_type="text/csv; charset=utf-8")


def _lines(one: Survey, definition: Definition, version: int) -> Generator[bytes]:
    keys, text = cells_of(definition), StringIO()
    table = csv.writer(text)
    table.writerow(["response_id", "version", "language", "begun_at", "completed_at", "customer_id", *map(safe_cell, keys)])
    for n, row in enumerate(rows_of(one, version=version)):
        about = [
            row.response_id,
            row.version,
            row.language,
            *(from_ms(at or 0).isoformat(timespec="milliseconds") for at in (row.begun_at, row.completed_at)),
        ]
        table.writerow([*about, row.customer_id or "", *(safe_cell(cell_of(row.answers.get(key))) for key in keys)])
        if n % 500 == 499:
            yield text.getvalue().encode()
            text.seek(0)
            text.truncate()
    yield text.getvalue().encode()


def _voices(  # noqa: PLR0913  one argument for each part
    access: Access, one: Survey, question: Question, version: int, *, start: int = 0, limit: int = 5
) -> dict[str, Any]:
    found, withheld = said_to(one, question, version=version, start=start, limit=limit)
    named = (
        customers.lines_by_id(access.workspace_id, [each.customer_id for each in found if each.customer_id])
        if access.can("customers.read")
        else {}
    )
    rows = [
        {"one": each, "line": named.get(each.customer_id) if each.customer_id else None, "score": f"{each.score[0].upper()} {each.score[1]}" if each.score else ""}
        for each in found
    ]  # fmt: skip
    return {"question": question, "rows": rows, "withheld": withheld}


def _question(one: Survey, key: str, version: int) -> tuple[Definition, Question]:
    definition = whole(one, version)
    question = definition.question(key) if definition else None
    if definition is None or question is None:
        raise Http404("There is no such question.")
    return definition, question


def _version(request: HttpRequest) -> int:
    given = request.GET.get("version", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0


def _start(request: HttpRequest) -> int:
    given = request.GET.get("from", "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0
