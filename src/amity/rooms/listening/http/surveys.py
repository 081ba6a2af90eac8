"""Surveys as JSON, below `/api/v1/surveys`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import from_ms
from amity.kernel.errors import Forbidden, NotFound
from amity.rooms.listening.actions.surveys import (
    address_of,
    archive_survey,
    change_survey,
    create_survey,
    link_for,
    publish,
    set_closed,
)
from amity.rooms.listening.contracts import Score
from amity.rooms.listening.models import Survey
from amity.rooms.listening.queries.kept import accessible_survey, draft_of, list_surveys
from amity.rooms.listening.queries.results import results_of
from amity.rooms.listening.rules.surveys.language import read, schema
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["surveys"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}
_DEFINITION = "What is asked: see `/surveys/schema`."
Name = Annotated[str, Field(min_length=1, max_length=120)]


class SurveyOut(Schema):
    """A survey. `version` is the one that its link asks, 0 before the first; `url` asks everybody."""

    id: int
    name: str
    version: int
    closed: bool
    url: str
    created_at: datetime
    created_by: str


class SurveyLine(SurveyOut):
    """A survey in a list."""

    responses: int
    last_answer: datetime | None


class SurveyWhole(SurveyOut):
    """A survey with its draft."""

    definition: dict[str, Any]


class SurveysOut(Schema):
    """Surveys, the newest made first."""

    surveys: list[SurveyLine]
    next: int | None = Field(None, description="Give it as `before` to get earlier ones; null at the end.")


class SurveyIn(Schema):
    """A survey that nobody is asked yet."""

    name: Name
    definition: dict[str, Any] = Field(description=_DEFINITION)


class SurveyChange(Schema):
    """What is to change; what isn't told stays. A changed definition is a draft until it is published."""

    name: Name | None = None
    definition: dict[str, Any] | None = Field(None, description=_DEFINITION)
    closed: bool | None = None


class SurveyVersionOut(Schema):
    """A survey as it was published."""

    version: int
    published_at: datetime
    published_by: str


class SurveyLinkIn(Schema):
    """For whom a link is, and for how long."""

    customer_id: UUID
    days: Annotated[int, Field(ge=1, le=366)] = 30


class SurveyLinkOut(Schema):
    """A link with which one customer answers by name, once."""

    url: str


class SurveyScoreOut(Schema):
    """NPS (-100 to 100), CSAT (0 to 1) or CES (1 to 7) with its 95% interval; null of no answers."""

    kind: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    few: bool


class SurveyAnswerCountOut(Schema):
    """How many gave an answer: an option's key, a point, a date, a number, or true."""

    answer: str
    number: int


class SurveyQuestionOut(Schema):
    """What was answered to a question, of completed responses; `incomplete` answered it and didn't complete."""

    key: str
    kind: str
    n: int
    incomplete: int
    answers: list[SurveyAnswerCountOut]
    score: SurveyScoreOut | None


class SurveyResultsOut(Schema):
    """What was answered to a survey."""

    version: int = Field(description="0: all versions together")
    shown: int
    begun: int
    completed: int
    questions: list[SurveyQuestionOut]


@router.get("", response={200: SurveysOut, **_READ}, summary="List surveys")
@requires("surveys.read")
def get_surveys(
    request: HttpRequest,
    before: Annotated[int, Query(ge=0, lt=2**63)] = 0,
    limit: Annotated[int, Query(ge=1, le=200)] = 50,
) -> SurveysOut:
    """Return surveys, the newest made first."""
    found = list_surveys(workspace_id=_access(request).workspace_id, before=before, limit=limit + 1)
    rows = found[:limit]
    lines = [
        SurveyLine(**_out(one.survey), responses=one.responses, last_answer=from_ms(one.last) if one.last else None)
        for one in rows
    ]
    return SurveysOut(surveys=lines, next=rows[-1].survey.pk if len(found) > limit else None)


@router.post("", response={201: SurveyWhole, **_READ}, summary="Make a survey")
@requires("surveys.write")
def post_survey(request: HttpRequest, given: SurveyIn) -> Status[SurveyWhole]:
    """Make a survey; publish it to ask."""
    one = create_survey(_access(request), name=given.name, definition=read(json.dumps(given.definition)), request=request)
    return Status(201, _whole(one))


@router.get("/schema", response={200: dict[str, Any], **_READ}, summary="Get the JSON Schema of a survey's definition")
@requires("surveys.read")
def get_survey_schema(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001  the same for everybody who may read
    """Return the JSON Schema of what a survey asks."""
    return schema()


@router.get("/{survey_id}", response={200: SurveyWhole, **_READ}, summary="Get a survey")
@requires("surveys.read")
def get_survey(request: HttpRequest, survey_id: int) -> SurveyWhole:
    """Return a survey with its draft."""
    return _whole(_found(request, survey_id))


@router.patch("/{survey_id}", response={200: SurveyWhole, **_READ}, summary="Change a survey")
@requires("surveys.write")
def patch_survey(request: HttpRequest, survey_id: int, given: SurveyChange) -> SurveyWhole:
    """Change a survey's name or draft, close it or open it again."""
    one, access = _found(request, survey_id), _access(request)
    definition = draft_of(one) if given.definition is None else read(json.dumps(given.definition))
    one = change_survey(access, survey_id=one.pk, name=given.name or one.name, definition=definition, request=request)
    if given.closed is not None:
        one = set_closed(access, survey_id=one.pk, closed=given.closed, request=request)
    return _whole(one)


@router.delete("/{survey_id}", response={204: None, **_READ}, summary="Put a survey away")
@requires("surveys.write")
def delete_survey(request: HttpRequest, survey_id: int) -> Status[None]:
    """Put a survey away: its links stop; what was answered stays in the customers' stories."""
    archive_survey(_access(request), survey_id=_found(request, survey_id).pk, request=request)
    return Status(204, None)


@router.post("/{survey_id}/versions", response={201: SurveyVersionOut, **_READ}, summary="Publish a survey")
@requires("surveys.write")
def post_version(request: HttpRequest, survey_id: int) -> Status[SurveyVersionOut]:
    """Let a survey's links ask what its draft says; where nothing changed, the version that they ask stays."""
    made = publish(_access(request), survey_id=_found(request, survey_id).pk, request=request)
    out = SurveyVersionOut(version=made.number, published_at=from_ms(made.published_at), published_by=made.published_by)
    return Status(201, out)


@router.post("/{survey_id}/links", response={201: SurveyLinkOut, **_READ}, summary="Make a link for one customer")
@requires("surveys.write")
def post_survey_link(request: HttpRequest, survey_id: int, given: SurveyLinkIn) -> Status[SurveyLinkOut]:
    """Make a link with which one customer answers by name; `not_permitted` where they don't allow surveys."""
    access = _access(request)
    if not access.can("customers.read"):
        raise Forbidden("This token's role doesn't see customers.")
    one = _found(request, survey_id)
    url = link_for(access, survey_id=one.pk, customer_id=given.customer_id, days=given.days, request=request)
    return Status(201, SurveyLinkOut(url=url))


@router.get("/{survey_id}/results", response={200: SurveyResultsOut, **_READ}, summary="Get a survey's results")
@requires("surveys.read")
def get_survey_results(
    request: HttpRequest, survey_id: int, version: Annotated[int, Query(ge=0, lt=2**31)] = 0
) -> SurveyResultsOut:
    """Return what was answered, to all versions or to one; the same figures as on the survey's page."""
    found = results_of(_found(request, survey_id), version=version)
    if found is None:
        raise NotFound("Nothing was asked yet.")
    questions = [
        SurveyQuestionOut(
            key=each.question.key, kind=each.question.kind, n=each.n, incomplete=each.left, score=_score(each.score),
            answers=[SurveyAnswerCountOut(answer=value, number=number) for value, number in each.counts],
        )
        for each in found.asked
    ]  # fmt: skip
    return SurveyResultsOut(
        version=version, shown=found.shown, begun=found.begun, completed=found.completed, questions=questions
    )  # fmt: skip


def _access(request: HttpRequest) -> Any:
    return request.access  # type: ignore[attr-defined]


def _found(request: HttpRequest, survey_id: int) -> Survey:
    return accessible_survey(workspace_id=_access(request).workspace_id, survey_id=survey_id)


def _out(one: Survey) -> dict[str, Any]:
    return {
        "id": one.pk, "name": one.name, "version": one.live, "closed": one.closed_at is not None, "url": address_of(one.link_id),
        "created_at": from_ms(one.created_at), "created_by": one.created_by,
    }  # fmt: skip


def _whole(one: Survey) -> SurveyWhole:
    return SurveyWhole(**_out(one), definition=one.draft)


def _score(one: Score | None) -> SurveyScoreOut | None:
    if one is None:
        return None
    return SurveyScoreOut(kind=one.kind, value=one.value, low=one.low, high=one.high, n=one.n, method=one.method, few=one.few)
