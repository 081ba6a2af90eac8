"""Segments by behaviour as JSON, below `/api/v1/segments`: have customers sorted, read what was found, who is in, keep one as a list."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import from_ms
from amity.kernel.errors import NotFound
from amity.rooms.customers.actions.clustering.ask import ask_clustering, keep_segment, stop_clustering
from amity.rooms.customers.http.purposes import PurposeQuery, allowing
from amity.rooms.customers.models import ClusterRun
from amity.rooms.customers.queries.clustering.behaviour import PURPOSE
from amity.rooms.customers.queries.clustering.runs import (
    get_run,
    lacking,
    latest_run,
    lists_of,
    members_of,
    shown_run,
    sizes_of,
)
from amity.rooms.customers.rules.clustering.model import LEAST_INTERACTIONS, USUAL
from amity.rooms.trust.api import requires
from amity.rooms.trust.contracts import Access
from amity.shell.problem import Problem

router = Router(tags=["segments"])
_PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}
_MOST_ID = 2**53
Group = Literal["channels", "value", "service", "rhythm", "events", "hours"]


class SegmentDifferenceOut(Schema):
    """How far a segment's mean lies from everybody else's, in standard deviations, with its 95% interval."""

    label: str
    d: float
    low: float
    high: float


class SortedSegmentOut(Schema):
    """A segment: how many are in it now, what sets it apart most, and the list that it is kept in, if it is."""

    segment: int
    name: str
    size: int
    told: list[SegmentDifferenceOut]
    audience_id: int | None


class SegmentsTriedOut(Schema):
    """A number of segments that was tried. `stability`: how far resamples agree (adjusted Rand index), 1 is always."""

    number: int
    silhouette: float
    stability: float
    low: float
    high: float
    smallest: float = Field(description="The smallest segment’s share of all, 0 to 1.")


class SortingRunOut(Schema):
    """How sorting customers goes, or went. `share` is of the work, 0 to 1; `withheld` don’t allow it, `few` did too little."""

    id: int
    state: Literal["waiting", "running", "done", "failed", "stopped"]
    asked_at: datetime
    finished_at: datetime | None
    doing: str
    share: float
    groups: list[str]
    least: int
    customers: int
    withheld: int
    few: int
    trouble: str


class SortingFoundOut(SortingRunOut):
    """A run with what it found. `sorted_at` is when members were last sorted by it."""

    sorted_at: datetime | None
    chosen: int | None
    tried: list[SegmentsTriedOut]
    segments: list[SortedSegmentOut]


class SegmentsOut(Schema):
    """The newest segments (null: nobody was sorted yet), the newest run, and what is lacking to sort (empty: nothing)."""

    found: SortingFoundOut | None
    run: SortingRunOut | None
    lacking: str


class SortIn(Schema):
    """By which kinds of behaviour, into how many segments (0: as the data say), and from how many interactions on."""

    groups: list[Group] = Field(cast("list[Group]", list(USUAL)), max_length=6)
    number: int = Field(0, ge=0, le=12)
    least: int = Field(LEAST_INTERACTIONS, ge=1, le=1_000)


class SegmentMemberOut(Schema):
    """A customer of a segment. `distance` is from its centre: who is nearest is most typical."""

    customer_id: UUID
    distance: float


class SegmentMembersOut(Schema):
    """Who is in a segment, the most typical first; `withheld` of this stretch don’t allow the purpose, or being sorted, any more."""

    members: list[SegmentMemberOut]
    withheld: int
    next: int | None = Field(description="Give it as `after` to get the next ones; null at the end.")


class SegmentNameIn(Schema):
    """What the list is to be called."""

    name: str = Field(max_length=200)


class SegmentKeptOut(Schema):
    """The list that holds the segment from now on."""

    audience_id: int


@router.get("", response={200: SegmentsOut, **_PROBLEMS}, summary="List segments")
@requires("customers.read")
def list_segments(request: HttpRequest) -> SegmentsOut:
    """Return the newest segments with their sizes of now."""
    workspace = _access(request).workspace_id
    shown, run = shown_run(workspace_id=workspace), latest_run(workspace_id=workspace)
    return SegmentsOut(
        found=None if shown is None else _found(shown),
        run=None if run is None else SortingRunOut(**_run(run)),
        lacking=lacking(),
    )


@router.post("/runs", response={202: SortingRunOut, **_PROBLEMS}, summary="Sort customers")
@requires("audiences.write")
def ask(request: HttpRequest, wanted: SortIn) -> Status[SortingRunOut]:
    """Have a worker sort who allows it. 400 where that is under way, or where scikit-learn is lacking."""
    run = ask_clustering(_access(request), groups=wanted.groups, number=wanted.number, least=wanted.least, request=request)
    return Status(202, SortingRunOut(**_run(run)))


@router.get("/runs/{int:run_id}", response={200: SortingFoundOut, **_PROBLEMS}, summary="Read one sorting")
@requires("customers.read")
def get_one(request: HttpRequest, run_id: int) -> SortingFoundOut:
    """Return how far it is, and once it is done what was found."""
    return _found(_get(request, run_id))


@router.delete("/runs/{int:run_id}", response={200: SortingRunOut, **_PROBLEMS}, summary="Stop sorting customers")
@requires("audiences.write")
def stop(request: HttpRequest, run_id: int) -> SortingRunOut:
    """End a run; what was found before stays."""
    return SortingRunOut(**_run(stop_clustering(_access(request), run_id=_bounded(run_id), request=request)))


@router.get(
    "/runs/{int:run_id}/{int:segment}/members", response={200: SegmentMembersOut, **_PROBLEMS}, summary="Who is in a segment"
)
@requires("customers.read")
def members(  # noqa: PLR0913, PLR0917  one argument for each parameter
    request: HttpRequest,
    run_id: int,
    segment: int,
    after: Annotated[int, Query(ge=0, le=10_000_000, description="`next` of an earlier answer.")] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    purpose: PurposeQuery = "",
) -> SegmentMembersOut:
    """Return who is in a segment, and allows both the purpose and being sorted now."""
    run = _get(request, run_id)
    if segment >= len(run.model.get("segments", ())):
        raise NotFound("There is no such segment.")
    rows = members_of(run.pk, segment, after=after, limit=limit + 1)
    stretch, workspace = rows[:limit], run.workspace_id
    ids = [who for who, _ in stretch]
    allowed = allowing(ids, workspace_id=workspace, purpose=purpose) & allowing(ids, workspace_id=workspace, purpose=PURPOSE)
    shown = [SegmentMemberOut(customer_id=who, distance=distance) for who, distance in stretch if who in allowed]
    return SegmentMembersOut(members=shown, withheld=len(stretch) - len(shown), next=after + limit if len(rows) > limit else None)


@router.post(
    "/runs/{int:run_id}/{int:segment}/list", response={201: SegmentKeptOut, **_PROBLEMS}, summary="Keep a segment as a list"
)
@requires("audiences.write")
def keep(request: HttpRequest, run_id: int, segment: int, given: SegmentNameIn) -> Status[SegmentKeptOut]:
    """Keep a segment as a list, an audience like any other; customers are then sorted anew every day by the same centres."""
    made = keep_segment(_access(request), run_id=_bounded(run_id), segment=_bounded(segment), name=given.name, request=request)
    return Status(201, SegmentKeptOut(audience_id=made.pk))


def _access(request: HttpRequest) -> Access:
    return request.access  # type: ignore[attr-defined,no-any-return]


def _bounded(number: int) -> int:
    if number > _MOST_ID:
        raise NotFound("There is nothing with that number here.")
    return number


def _get(request: HttpRequest, run_id: int) -> ClusterRun:
    return get_run(workspace_id=_access(request).workspace_id, run_id=_bounded(run_id))


def _run(run: ClusterRun) -> dict[str, Any]:
    same: dict[str, Any] = {name: getattr(run, name) for name in ("state", "doing", "share", "withheld", "few", "trouble")}
    return same | {
        "id": run.pk, "asked_at": from_ms(run.asked_at), "finished_at": None if run.finished_at is None else from_ms(run.finished_at),
        "groups": run.wanted["groups"], "least": run.wanted["least"], "customers": run.sorted_customers,
    }  # fmt: skip


def _found(run: ClusterRun) -> SortingFoundOut:
    sizes, lists = sizes_of(run.pk), lists_of(run)
    segments = [
        SortedSegmentOut(
            segment=number, name=one["name"], size=sizes.get(number, 0), told=[SegmentDifferenceOut(**each) for each in one["told"]],
            audience_id=lists[number].pk if number in lists else None,
        )
        for number, one in enumerate(run.model.get("segments", ()))
    ]  # fmt: skip
    return SortingFoundOut(
        **_run(run), sorted_at=None if run.sorted_at is None else from_ms(run.sorted_at), chosen=run.model.get("chosen"),
        tried=[SegmentsTriedOut(**one) for one in run.model.get("tried", ())], segments=segments,
    )  # fmt: skip
