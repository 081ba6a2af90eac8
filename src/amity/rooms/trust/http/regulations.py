"""Segment's regulations, in the Public API's wire shape, below `/api/v1/regulations`: user ids are erased, kept out, taken on again."""

# Annotations are real here, not text, because ninja reads them.
from base64 import b64decode, b64encode
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from amity.kernel.errors import Invalid
from amity.rooms.trust.actions.rights.regulations import call_off, regulate, subjects_left
from amity.rooms.trust.actions.rights.sealed import open_identifiers
from amity.rooms.trust.api import requires
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import Regulation, RightsRequest
from amity.rooms.trust.queries.regulations import accessible_regulation, list_regulations
from amity.rooms.trust.rules.regulations import MOST_SUBJECTS, status

router = Router(tags=["regulations"])
RegulationType = Literal[
    "SUPPRESS_WITH_DELETE", "SUPPRESS_WITH_DELETE_INTERNAL", "DELETE_ONLY", "DELETE_INTERNAL", "SUPPRESS_ONLY", "UNSUPPRESS"
]
RegulationStatus = Literal["FAILED", "FINISHED", "INITIALIZED", "INVALID", "NOT_SUPPORTED", "PARTIAL_SUCCESS", "RUNNING"]


class SegmentError(Schema):
    """One thing that is wrong."""

    type: str
    message: str


class SegmentProblem(Schema):
    """What every error below `/regulations` looks like."""

    errors: list[SegmentError]


_PROBLEMS = dict.fromkeys((400, 401, 403, 404, 422, 429, 503), SegmentProblem)


class RegulationIn(Schema):
    """User ids, and what is to become of them."""

    regulationType: RegulationType  # noqa: N815  the wire's names
    subjectType: Literal["USER_ID"] = "USER_ID"  # noqa: N815
    subjectIds: list[Annotated[str, Field(min_length=1, max_length=300)]] = Field(min_length=1, max_length=MOST_SUBJECTS)  # noqa: N815


class MadeOut(Schema):
    """A regulation's id."""

    regulateId: str  # noqa: N815


class MadeAnswer(Schema):
    """The answer to a new regulation."""

    data: MadeOut


class RegulationOut(Schema):
    """One regulation. There are no streams: a regulation holds for the workspace."""

    id: str
    workspaceId: str  # noqa: N815
    overallStatus: RegulationStatus  # noqa: N815
    finishedAt: datetime | None = None  # noqa: N815
    createdAt: datetime  # noqa: N815
    streamStatus: list[dict[str, Any]]  # noqa: N815


class OneOut(Schema):
    """One regulation."""

    regulation: RegulationOut


class OneAnswer(Schema):
    """The answer for one regulation."""

    data: OneOut


class RegulationEntryOut(Schema):
    """A regulation in a list. `subjects` are those ids of which something is left to do: of who is erased nothing is kept."""

    id: str
    subjectType: str  # noqa: N815
    subjects: list[str]
    status: RegulationStatus
    createdAt: datetime  # noqa: N815
    regulationType: str  # noqa: N815
    finishedAt: datetime | None = None  # noqa: N815


class PaginationOut(Schema):
    """Where the page is, and the next one; `next` is missing at the end."""

    current: str
    next: str | None = None
    totalEntries: int  # noqa: N815


class ListOut(Schema):
    """Regulations, newest first."""

    regulations: list[RegulationEntryOut]
    pagination: PaginationOut


class ListAnswer(Schema):
    """The answer for a page of regulations."""

    data: ListOut


class StatusOut(Schema):
    """That it worked."""

    status: Literal["SUCCESS"] = "SUCCESS"


class StatusAnswer(Schema):
    """The answer to a deletion."""

    data: StatusOut


@router.post("", response={200: MadeAnswer, **_PROBLEMS}, summary="Create a regulation")
@requires("rights.write")
def create_regulation(request: HttpRequest, wanted: RegulationIn) -> MadeAnswer:
    """Erase user ids, keep them out, or take them on again; a worker does it. Each that is erased is a data request, too."""
    made = regulate(_access(request), kind=wanted.regulationType, subjects=wanted.subjectIds, request=request)
    return MadeAnswer(data=MadeOut(regulateId=str(made.pk)))


@router.get("", response={200: ListAnswer, **_PROBLEMS}, exclude_none=True, summary="List regulations")
@requires("rights.read")
def get_regulations(
    request: HttpRequest,
    wanted: Annotated[RegulationStatus | Literal[""], Query(alias="status")] = "",
    types: Annotated[list[RegulationType], Query(alias="regulationTypes")] = [],  # noqa: B006  ninja copies it
    count: Annotated[int, Query(alias="pagination[count]", ge=1, le=200)] = 10,
    cursor: Annotated[str, Query(alias="pagination[cursor]", max_length=20)] = "MA==",
) -> ListAnswer:
    """Return a page of regulations."""
    access, after = _access(request), _offset(cursor)
    found = list_regulations(workspace_id=access.workspace_id, status=wanted, kinds=types, after=after, limit=count)
    following = after + len(found.rows)
    pagination = PaginationOut(
        current=cursor, next=_cursor(following) if following < found.total else None, totalEntries=found.total
    )
    return ListAnswer(data=ListOut(regulations=[_entry(row) for row in found.rows], pagination=pagination))


@router.get("/{regulate_id}", response={200: OneAnswer, **_PROBLEMS}, exclude_none=True, summary="See how a regulation stands")
@requires("rights.read")
def get_regulation(request: HttpRequest, regulate_id: UUID) -> OneAnswer:
    """Return one regulation."""
    row = accessible_regulation(_access(request).workspace_id, regulate_id)
    out = RegulationOut(
        id=str(row.pk),
        workspaceId=str(row.workspace_id),
        overallStatus=_status(row),
        finishedAt=row.finished_at,
        createdAt=row.asked_at,
        streamStatus=[],
    )
    return OneAnswer(data=OneOut(regulation=out))


@router.delete("/{regulate_id}", response={200: StatusAnswer, **_PROBLEMS}, summary="Delete a regulation that hasn't begun")
@requires("rights.write")
def delete_regulation(request: HttpRequest, regulate_id: UUID) -> StatusAnswer:
    """Call a regulation off while it is INITIALIZED."""
    call_off(_access(request), regulation_id=regulate_id, request=request)
    return StatusAnswer(data=StatusOut())


def _access(request: HttpRequest) -> Access:
    return request.access  # type: ignore[attr-defined,no-any-return]


def _status(row: Regulation) -> Any:
    return status(total=row.total, left=row.left, finished=row.finished_at is not None)


def _entry(row: Regulation) -> RegulationEntryOut:
    begun = RightsRequest.objects.filter(workspace_id=row.workspace_id, batch=row.pk.hex).exclude(subject="")
    ids = [value for sealed in begun.values_list("subject", flat=True) for _, value in open_identifiers(sealed)]
    return RegulationEntryOut(
        id=str(row.pk),
        subjectType="USER_ID",
        subjects=[*ids, *subjects_left(row)],
        status=_status(row),
        createdAt=row.asked_at,
        regulationType=row.kind,
        finishedAt=row.finished_at,
    )


def _cursor(offset: int) -> str:
    return b64encode(str(offset).encode()).decode()


def _offset(cursor: str) -> int:
    try:
        return int(b64decode(cursor, validate=True)[:9])
    except ValueError:
        raise Invalid("That is no cursor of this list.") from None
