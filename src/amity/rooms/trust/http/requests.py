"""Requests of people about their data as JSON, below `/api/v1/requests`."""

# Annotations are real here, not text, because ninja reads them.
from datetime import UTC, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone
from ninja import Field, Query, Router, Schema, Status

from amity.rooms.trust.actions.rights.archives import ask_archive, take_archive
from amity.rooms.trust.actions.rights.doing import correct, erase, opt_out, release, restrict
from amity.rooms.trust.actions.rights.requests import LONGEST, MOST_IDENTIFIERS, end, enter, extend, verify
from amity.rooms.trust.actions.rights.sealed import open_identifiers, unsealed
from amity.rooms.trust.api import requires
from amity.rooms.trust.contracts import Access
from amity.rooms.trust.models import RightsArchive, RightsRequest
from amity.rooms.trust.queries.rights import Wanted, accessible_request, is_urgent, list_requests
from amity.shell.problem import PROBLEMS

router = Router(tags=["data requests"])
Kind = Literal["access", "portability", "erasure", "rectification", "restriction", "opt_out"]
Law = Literal["gdpr", "ccpa", "lgpd", "pipeda"]


class IdentifierIO(Schema):
    """An identifier of any kind, or `customer_id`."""

    kind: str = Field(min_length=1, max_length=40)
    value: str = Field(min_length=1, max_length=300)


class RequestIn(Schema):
    """What somebody asks. `verified_how` says how you made sure that it is them; without it the request waits for that."""

    kind: Kind
    identifiers: list[IdentifierIO] = Field(min_length=1, max_length=MOST_IDENTIFIERS)
    law: Law | None = Field(None, description="The workspace's, unless given.")
    received_at: datetime | None = Field(None, description="Now, unless given; UTC without a zone.")
    contact: str = Field("", max_length=254)
    details: str = Field("", max_length=LONGEST)
    verified_how: str = Field("", max_length=LONGEST)
    outside_id: str = Field("", max_length=100, description="Your own id of it.")


class ArchiveOut(Schema):
    """The file that answers a request. `made_at` is null while it is being made; `trouble` says why it isn't yet."""

    made_at: datetime | None
    expires_at: datetime | None
    size: int | None
    sha256: str
    trouble: str


class RequestOut(Schema):
    """A request. `urgent` is `overdue`, `soon` (due within seven days) or empty."""

    id: UUID
    kind: str
    law: str
    state: str
    via: str
    hint: str = Field(description="Whom it is about, shortened.")
    outside_id: str
    received_at: datetime
    confirm_by: datetime | None
    due_at: datetime
    urgent: str
    verified_at: datetime | None
    finished_at: datetime | None
    archive: ArchiveOut | None
    erasures: list[UUID]


class StepOut(Schema):
    """One thing that happened."""

    what: str
    at: datetime
    by: str
    note: str


class WholeOut(RequestOut):
    """A request with whom it is about, which is empty once they are erased."""

    identifiers: list[IdentifierIO]
    contact: str
    details: str
    verified_how: str
    extended_because: str
    steps: list[StepOut]


class RequestsOut(Schema):
    """Requests in hand, soonest due first; where others are among them, the latest due first."""

    requests: list[RequestOut]
    next: str = Field(description="Give it as `after` to get the next ones; empty at the end.")


class HowIn(Schema):
    """How the person was recognised, or why it takes longer."""

    text: str = Field(min_length=1, max_length=LONGEST)


class EndIn(Schema):
    """How a request ends, and what the person was told."""

    state: Literal["done", "refused", "cancelled"]
    answer: str = Field("", max_length=LONGEST)


class CorrectionIn(Schema):
    """A trait and what is right; null: it is known to be empty."""

    name: str = Field(min_length=1, max_length=100)
    value: Any = None


class DoneOut(Schema):
    """For how many customers' ids something was done that hadn't been."""

    number: int


@router.get("", response={200: RequestsOut, **PROBLEMS}, summary="List data requests")
@requires("rights.enter")
def listing(  # noqa: PLR0913, PLR0917  each is a filter
    request: HttpRequest,
    state: Annotated[
        Literal["", "open_ones", "overdue", "soon", "unverified", "open", "done", "refused", "cancelled"],
        Query(description="`open_ones` are those that aren't at their end; empty: all."),
    ] = "open_ones",
    kind: Annotated[Literal["", Kind], Query()] = "",
    by: Annotated[str, Query(max_length=40, description="With `value`: only of this person. A kind of identifier.")] = "",
    value: Annotated[str, Query(max_length=300)] = "",
    after: Annotated[str, Query(max_length=200, description="`next` of an earlier answer.")] = "",
    limit: Annotated[int, Query(ge=1, le=200, description="How many at once.")] = 50,
) -> RequestsOut:
    """Return a page of requests."""
    wanted = Wanted(state=state, kind=kind, identifier=(by, value) if value else None)
    found = list_requests(workspace_id=_access(request).workspace_id, wanted=wanted, after=after, limit=limit)
    return RequestsOut(requests=[RequestOut(**_short(row)) for row in found.rows], next=found.next)


@router.post("", response={201: WholeOut, **PROBLEMS}, summary="Take a data request down")
@requires("rights.enter")
def create(request: HttpRequest, wanted: RequestIn) -> Status[WholeOut]:
    """Take down what somebody asks of their data. Nothing is done before a colleague or a further call does it."""
    received = wanted.received_at
    made = enter(
        _access(request),
        kind=wanted.kind,
        identifiers=[(one.kind, one.value) for one in wanted.identifiers],
        law=wanted.law or "",
        via="api",
        contact=wanted.contact,
        details=wanted.details,
        verified_how=wanted.verified_how,
        received_at=received.replace(tzinfo=UTC) if received is not None and received.tzinfo is None else received,
        outside_id=wanted.outside_id,
        request=request,
    )
    return Status(201, _whole(made))


@router.get("/{request_id}", response={200: WholeOut, **PROBLEMS}, summary="Read a data request")
@requires("rights.enter")
def one(request: HttpRequest, request_id: UUID) -> WholeOut:
    """Return a request with its steps."""
    return _read(request, request_id)


@router.post("/{request_id}/verification", response={200: WholeOut, **PROBLEMS}, summary="Note how somebody was recognised")
@requires("rights.write")
def verification(request: HttpRequest, request_id: UUID, how: HowIn) -> WholeOut:
    """Note that the person is who they say."""
    verify(_access(request), request_id=request_id, how=how.text, request=request)
    return _read(request, request_id)


@router.post("/{request_id}/extension", response={200: WholeOut, **PROBLEMS}, summary="Take more time")
@requires("rights.write")
def extension(request: HttpRequest, request_id: UUID, why: HowIn) -> WholeOut:
    """Move the day to the latest that the law allows, once, with the reason that the person is told."""
    extend(_access(request), request_id=request_id, because=why.text, request=request)
    return _read(request, request_id)


@router.post("/{request_id}/archive", response={202: WholeOut, **PROBLEMS}, summary="Have the copy made")
@requires("rights.write")
def archive(request: HttpRequest, request_id: UUID) -> Status[WholeOut]:
    """Have the archive of a request for access or portability made by a worker."""
    ask_archive(_access(request), request_id=request_id, request=request)
    return Status(202, _read(request, request_id))


@router.get("/{request_id}/archive.zip", response={200: None, **PROBLEMS}, summary="Download the copy")
@requires("rights.write")
def archive_file(request: HttpRequest, request_id: UUID) -> HttpResponseBase:
    """Return the ZIP file. That it was downloaded stands in the audit log."""
    file = take_archive(_access(request), request_id=request_id, request=request)
    return FileResponse(file, as_attachment=True, filename=f"data-{request_id}.zip", content_type="application/zip")


@router.post("/{request_id}/restriction", response={200: DoneOut, **PROBLEMS}, summary="Restrict somebody's data")
@requires("rights.write")
def restriction(request: HttpRequest, request_id: UUID) -> DoneOut:
    """Keep the data, and let nothing use it but what is strictly necessary."""
    return DoneOut(number=restrict(_access(request), request_id=request_id, request=request))


@router.delete("/{request_id}/restriction", response={200: DoneOut, **PROBLEMS}, summary="Lift a restriction")
@requires("rights.write")
def lift_restriction(request: HttpRequest, request_id: UUID) -> DoneOut:
    """Let the data be used again."""
    return DoneOut(number=release(_access(request), request_id=request_id, request=request))


@router.post("/{request_id}/refusal-of-sale", response={202: DoneOut, **PROBLEMS}, summary="Opt somebody out of sale and sharing")
@requires("rights.write")
def refusal_of_sale(request: HttpRequest, request_id: UUID) -> Status[DoneOut]:
    """Write the no into the history of consent, by way of the log."""
    return Status(202, DoneOut(number=opt_out(_access(request), request_id=request_id, request=request)))


@router.post("/{request_id}/corrections", response={202: WholeOut, **PROBLEMS}, summary="Correct a trait")
@requires("rights.write")
def correction(request: HttpRequest, request_id: UUID, right: CorrectionIn) -> Status[WholeOut]:
    """Let a trait be another value from now on, by way of the log."""
    correct(_access(request), request_id=request_id, name=right.name, value=right.value, request=request)
    return Status(202, _read(request, request_id))


@router.post("/{request_id}/erasure", response={202: WholeOut, **PROBLEMS}, summary="Erase somebody, as they asked")
@requires("rights.write")
def erasure(request: HttpRequest, request_id: UUID) -> Status[WholeOut]:
    """Begin to erase everybody whom the request's identifiers name. Nothing calls it back."""
    erase(_access(request), request_id=request_id, request=request)
    return Status(202, _read(request, request_id))


@router.post("/{request_id}/ending", response={200: WholeOut, **PROBLEMS}, summary="End a data request")
@requires("rights.write")
def ending(request: HttpRequest, request_id: UUID, how: EndIn) -> WholeOut:
    """Close a request, with what the person was told."""
    end(_access(request), request_id=request_id, state=how.state, answer=how.answer, request=request)
    return _read(request, request_id)


def _access(request: HttpRequest) -> Access:
    return request.access  # type: ignore[attr-defined,no-any-return]


def _read(request: HttpRequest, request_id: UUID) -> WholeOut:
    return _whole(accessible_request(_access(request).workspace_id, request_id))


def _short(row: RightsRequest) -> dict[str, Any]:
    same = (
        "kind",
        "law",
        "state",
        "via",
        "hint",
        "outside_id",
        "received_at",
        "confirm_by",
        "due_at",
        "verified_at",
        "finished_at",
    )
    made: RightsArchive | None = getattr(row, "archive", None)
    kept = ("made_at", "expires_at", "size", "sha256", "trouble")
    return {
        "id": row.pk,
        **{name: getattr(row, name) for name in same},
        "urgent": is_urgent(row, timezone.now()),
        "archive": None if made is None else ArchiveOut(**{name: getattr(made, name) for name in kept}),
        "erasures": [UUID(one) for one in row.erasures],
    }


def _whole(row: RightsRequest) -> WholeOut:
    return WholeOut(
        **_short(row),
        identifiers=[IdentifierIO(kind=kind, value=value) for kind, value in open_identifiers(row.subject)],
        contact=unsealed(row.contact),
        details=unsealed(row.details),
        verified_how=row.verified_how,
        extended_because=row.extended_because,
        steps=[StepOut(what=one.what, at=one.at, by=one.by, note=one.note) for one in row.steps.order_by("at", "id")],
    )
