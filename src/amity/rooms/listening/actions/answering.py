"""What a visitor of a survey's page does: open it, send a page of answers. The same page sent twice is one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F

from amity.engines.present.bulk import run
from amity.kernel.clock import DAY, now_ms
from amity.rooms.collection import api as collection
from amity.rooms.listening.actions.rest import note, note_opening
from amity.rooms.listening.actions.surveys import LINK
from amity.rooms.listening.contracts import Answer
from amity.rooms.listening.models import Response, Shown, Survey
from amity.rooms.listening.queries.opened import Opened
from amity.rooms.listening.rules.surveys.facts import SHOWN, told
from amity.rooms.listening.rules.surveys.judging import Sent, judged
from amity.rooms.listening.rules.surveys.logic import kept, missing, next_page, pages, shown_on

TOO_QUICK = 1_000  # ms from a page's being made to its being sent: nobody reads and answers sooner


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What came of a page that was sent. `page` is the one to show now; None: all is answered."""

    page: int | None
    wrong: Mapping[str, str]
    answers: Mapping[str, Answer]
    too_quick: bool = False


def note_shown(opened: Opened) -> None:
    """Count that a survey was opened; of a customer who was asked by name, once, as an interaction too."""
    day = now_ms() // DAY
    with transaction.atomic():
        row, _ = Shown.objects.get_or_create(survey=opened.survey, version=opened.version, day=day)
        Shown.objects.filter(pk=row.pk).update(number=F("number") + 1)
        if opened.customer_id is not None and opened.response is None:
            note_opening(opened.survey, customer_id=opened.customer_id, channel=LINK)
            collection.record_fact(
                workspace_id=opened.survey.workspace_id, message_id=f"survey-{opened.response_id}-shown", name=SHOWN,
                properties=about(opened.survey, opened.version, str(opened.response_id)), customer_id=opened.customer_id,
                channel="survey", voice="ours",
            )  # fmt: skip


def take_page(opened: Opened, *, number: int, sent: Sent, language: str, made_at: int) -> Taken:
    """Keep what was sent of a page, and say where it goes on; what completes the response is told to the log, once."""
    one, now = opened.definition, now_ms()
    if not 0 <= number < len(pages(one)):
        return Taken(page=next_page(one, -1, {}), wrong={}, answers={})
    with transaction.atomic():
        row = _row(opened, language=language, now=now)
        if row.completed_at is not None:
            return Taken(page=None, wrong={}, answers=row.answers)
        shown = shown_on(one, number, row.answers)
        found, wrong = judged(shown, sent)
        asked = {question.key for question in shown}
        answers = {key: value for key, value in row.answers.items() if key not in asked} | found
        too_quick = row.pk is None and now - made_at < TOO_QUICK
        if wrong or too_quick:
            return Taken(page=number, wrong=wrong, answers=answers, too_quick=too_quick and not wrong)
        row.answers, row.language, row.updated_at = answers, language, now
        page = next_page(one, number, answers)
        if page is None:
            page = _lacking(opened, answers)
        if page is None:
            row.answers, row.completed_at = kept(one, answers), now
            _tell(opened, row)
            if row.customer_id is not None:
                note(opened.survey, customer_id=row.customer_id, clock="completed", channel=LINK)
        row.save()
    return Taken(page=page, wrong={}, answers=row.answers)


def about(survey: Survey, version: int, response: str) -> dict[str, str | int]:
    """Return what every interaction of a survey says of it."""
    return {"survey": survey.name, "survey_id": survey.pk, "version": version, "response_id": response}


def _row(opened: Opened, *, language: str, now: int) -> Response:
    """Return the response, locked, or one that is not kept yet: of two who send it at once, one waits here for the other."""
    run("SELECT pg_advisory_xact_lock(%b)", [int.from_bytes(opened.response_id.bytes[-8:], "big", signed=True)])
    found = Response.objects.select_for_update().filter(survey=opened.survey, response_id=opened.response_id).first()
    return found or Response(
        workspace_id=opened.survey.workspace_id, survey=opened.survey, version=opened.version, response_id=opened.response_id,
        customer_id=opened.customer_id, language=language, begun_at=now, updated_at=now,
    )  # fmt: skip


def _lacking(opened: Opened, answers: Mapping[str, Answer]) -> int | None:
    """Return the first page on which something required was left out: somebody may have come past it by hand."""
    left = missing(opened.definition, answers)
    every = pages(opened.definition)
    return next((n for n, page in enumerate(every) if left and left[0] in {one.key for one in page}), None)


def _tell(opened: Opened, row: Response) -> None:
    response = str(row.response_id)
    whose = {"customer_id": row.customer_id} if row.customer_id else {"anonymous_id": f"survey-{response}"}
    for one in told(
        opened.definition, row.answers, about=about(opened.survey, row.version, response), language=opened.definition.languages[0]
    ):
        collection.record_fact(
            workspace_id=row.workspace_id, message_id=f"survey-{response}-{one.part}", name=one.name, properties=one.properties,
            channel="survey", voice="said", time=row.completed_at, **whose,
        )  # fmt: skip
