"""What was answered: the funnel, each question's answers, words, and who gave them. Completed responses count; others are begun."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet, Sum

from amity.engines.present.bulk import run, texts
from amity.rooms.customers import api as customers
from amity.rooms.listening.contracts import Score
from amity.rooms.listening.models import Response, Shown, Survey
from amity.rooms.listening.queries.kept import version_of, versions_of
from amity.rooms.listening.rules.surveys.language import Definition, Question
from amity.rooms.listening.rules.surveys.scoring import score

_COUNTED = """
    SELECT a.key, x.value, count(*) FROM listening_response r CROSS JOIN LATERAL jsonb_each(r.answers) a
    CROSS JOIN LATERAL jsonb_array_elements_text(CASE jsonb_typeof(a.value) WHEN 'array' THEN a.value ELSE jsonb_build_array(a.value) END) x
    WHERE r.survey_id = %b AND r.completed_at IS NOT NULL AND (%b = 0 OR r.version = %b) AND a.key = ANY(%b::text[])
    GROUP BY 1, 2 ORDER BY 3 DESC, 2
"""
_ANSWERED = """
    SELECT a.key, count(*) FROM listening_response r CROSS JOIN LATERAL jsonb_object_keys(r.answers) AS a (key)
    WHERE r.survey_id = %b AND (%b = 0 OR r.version = %b) AND (r.completed_at IS NOT NULL) = %b GROUP BY 1
"""
_WHO = """
    SELECT r.customer_id FROM listening_response r WHERE r.survey_id = %b AND r.completed_at IS NOT NULL
        AND (%b = 0 OR r.version = %b) AND CASE jsonb_typeof(r.answers -> %b)
            WHEN 'array' THEN (r.answers -> %b) @> to_jsonb(%b::text) ELSE r.answers ->> %b = %b END
    ORDER BY r.completed_at DESC, r.id DESC
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question with what was answered: (answer as kept, how many), of n who answered it and completed the survey.

    `left` are those who answered it and haven't completed.
    """

    question: Question
    counts: Sequence[tuple[str, int]]
    n: int
    left: int
    score: Score | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Results:
    """What was answered to a survey, or to one version of it (0: all)."""

    definition: Definition
    version: int
    shown: int
    begun: int
    completed: int
    asked: Sequence[Asked]


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One answer in words: `customer` is who said it, where that may be told."""

    text: str
    at: int
    score: tuple[str, int] | None
    customer_id: UUID | None


def results_of(one: Survey, *, version: int = 0) -> Results | None:
    """Return a survey's results; None before it was published."""
    definition = whole(one, version)
    if definition is None:
        return None
    shown = Shown.objects.filter(survey=one, **({"version": version} if version else {}))
    counted = [question.key for question in definition.questions if question.kind not in {"text", "statement"}]
    rows: dict[str, list[tuple[str, int]]] = {}
    for key, value, number in run(_COUNTED, [one.pk, version, version, texts(counted)]):
        rows.setdefault(key, []).append((value, int(number)))
    done = {key: int(number) for key, number in run(_ANSWERED, [one.pk, version, version, True])}
    left = {key: int(number) for key, number in run(_ANSWERED, [one.pk, version, version, False])}
    asked = [
        Asked(
            question=question, counts=rows.get(question.key, []), n=done.get(question.key, 0), left=left.get(question.key, 0),
            score=score(question.kind, {int(value): number for value, number in rows.get(question.key, [])})
            if question.scale else None,
        )
        for question in definition.questions if question.kind != "statement"
    ]  # fmt: skip
    return Results(
        definition=definition, version=version, shown=shown.aggregate(all=Sum("number"))["all"] or 0,
        begun=_all(one, version).count(), completed=done_of(one, version).count(), asked=asked,
    )  # fmt: skip


def whole(one: Survey, version: int) -> Definition | None:
    """Return a version; of all, the newest with the questions that only earlier ones asked at its end."""
    if version:
        return version_of(one, version)
    import msgspec

    found: Definition | None = None
    for row in versions_of(one):
        each = version_of(one, row.number)
        if found is None or each is None:
            found = found or each
            continue
        known = {question.key for question in found.questions}
        older = [question for question in each.questions if question.key not in known]
        found = msgspec.structs.replace(found, questions=[*found.questions, *older])
    return found


def done_of(one: Survey, version: int = 0) -> QuerySet[Response]:
    """Return the completed responses."""
    return _all(one, version).exclude(completed_at=None)


def said_to(one: Survey, question: Question, *, version: int = 0, start: int = 0, limit: int = 30) -> tuple[list[Said], int]:
    """Return answers in words, the newest first, and how many of these are withheld: who gave them allows surveys no more."""
    rows = list(
        done_of(one, version).filter(answers__has_key=question.key).order_by("-completed_at", "-pk")[start : start + limit]
    )
    allowed = allowing(one.workspace_id, [row.customer_id for row in rows if row.customer_id])
    shown = [row for row in rows if row.customer_id is None or row.customer_id in allowed]
    found = [
        Said(
            text=str(row.answers[question.key]), at=row.completed_at or 0, score=_score_before(one, row, question),
            customer_id=row.customer_id,
        )
        for row in shown
    ]  # fmt: skip
    return found, len(rows) - len(shown)


def who_answered(one: Survey, key: str, value: str, *, version: int = 0) -> tuple[list[UUID], int, int]:
    """Return the customers who answered so and allow surveys, how many more don't allow them, and how many are anonymous."""
    rows = run(_WHO, [one.pk, version, version, key, key, value, key, value])
    named = list(dict.fromkeys(UUID(str(customer)) for (customer,) in rows if customer is not None))
    allowed = allowing(one.workspace_id, named)
    return [who for who in named if who in allowed], len(named) - len(allowed), sum(customer is None for (customer,) in rows)


def allowing(workspace_id: int, customer_ids: Sequence[UUID]) -> set[UUID]:
    """Return who of the customers allows that they are asked, and so that what they said is looked at by name."""
    return customers.permitted(workspace_id=workspace_id, customer_ids=customer_ids, purpose="surveys")


def rows_of(one: Survey, *, version: int = 0) -> Iterator[Response]:
    """Give the completed responses that may be taken out, the oldest first: anonymous, or of who allows surveys."""
    found, after = done_of(one, version).order_by("pk"), 0
    while stretch := list(found.filter(pk__gt=after)[:1_000]):
        allowed = allowing(one.workspace_id, [row.customer_id for row in stretch if row.customer_id])
        yield from (row for row in stretch if row.customer_id is None or row.customer_id in allowed)
        after = stretch[-1].pk


def _all(one: Survey, version: int) -> QuerySet[Response]:
    found = Response.objects.filter(survey=one)
    return found.filter(version=version) if version else found


def _score_before(one: Survey, row: Response, question: Question) -> tuple[str, int] | None:
    definition = version_of(one, row.version)
    found: tuple[str, int] | None = None
    for each in definition.questions if definition else ():
        if each.key == question.key:
            return found
        if each.scale is not None and isinstance(row.answers.get(each.key), int):
            found = (each.kind, row.answers[each.key])
    return found


def cells_of(definition: Definition) -> list[str]:
    """Return the keys of a file's columns of answers."""
    return [question.key for question in definition.questions if question.kind != "statement"]


def cell_of(answer: Any) -> str:
    """Return an answer as a cell."""
    if isinstance(answer, list):
        return "; ".join(map(str, answer))
    if isinstance(answer, bool):
        return "yes" if answer else "no"
    return "" if answer is None else f"{answer:g}" if isinstance(answer, float) else str(answer)
