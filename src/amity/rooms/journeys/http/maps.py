"""Journeys with what colleagues say of them, below `/api/v1/journeys`: maps, accepted deviations, comments, reviews, links that share."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from ninja import Field, Router, Schema, Status

from amity.kernel.clock import from_ms, now_ms
from amity.kernel.settings import settings
from amity.rooms.journeys.actions.allowances import accept_deviation, end_allowance
from amity.rooms.journeys.actions.comments import comment, settle
from amity.rooms.journeys.actions.reviews import review_journey
from amity.rooms.journeys.actions.sharing import share_journey, unshare_journey
from amity.rooms.journeys.http.funnels import access_of, id_of
from amity.rooms.journeys.models import Allowance, Comment, Journey, Review
from amity.rooms.journeys.queries.conformance.kept import accepted_of
from amity.rooms.journeys.queries.freshness.kept import reviews_of
from amity.rooms.journeys.queries.maps.kept import TARGET, accessible_journey, comments_of, list_journeys, map_of
from amity.rooms.journeys.rules.maps.language import written
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["journeys"])
_LIST = {400: Problem, 401: Problem, 403: Problem, 422: Problem, 429: Problem}
_READ = {**_LIST, 404: Problem}


class JourneyLineOut(Schema):
    """A journey in a list."""

    id: int
    name: str
    lifecycle: str
    owner: str
    version: int = Field(description="Of its map or target: grows with each change.")
    updated_at: datetime
    archived_at: datetime | None


class JourneysOut(Schema):
    """Journeys by the part of a customer’s life, then by name."""

    journeys: list[JourneyLineOut]


class AllowanceOut(Schema):
    """A deviation that is accepted: it doesn’t count against a case."""

    id: int
    kind: str
    stage: str = Field(description="The stage’s key on the map.")
    reason: str
    made_at: datetime
    made_by: str
    ended_at: datetime | None


class ReviewOut(Schema):
    """That somebody looked the map through."""

    version: int
    note: str
    due_at: datetime | None = Field(description="When the next look is due.")
    made_at: datetime
    made_by: str


class JourneyOut(JourneyLineOut):
    """A journey. `map` and `target` are its drawn maps; `shared_until` says how long its link holds, if there is one."""

    about: str
    map: dict[str, Any] | None
    target: dict[str, Any] | None
    allowances: list[AllowanceOut]
    reviews: list[ReviewOut]
    shared_until: datetime | None


class AllowanceIn(Schema):
    """Which deviation is fine, and why."""

    kind: str = Field(description="`skipped`, `stopped`, `order`, `often`, `late` or `channel`.")
    stage: str
    reason: str


class CommentOut(Schema):
    """What a colleague says of a stage or one of its lanes. `to`: a colleague’s id, or empty for all."""

    id: int
    stage: str
    lane: str
    body: str
    to: str
    made_at: datetime
    made_by: str
    settled_at: datetime | None
    settled_by: str


class CommentsOut(Schema):
    """What is open first, then the newest."""

    comments: list[CommentOut]


class CommentIn(Schema):
    """What to say, and where: a stage’s key, and one of its lanes or nothing."""

    stage: str
    lane: str = ""
    body: str
    to: str = ""


class CommentChange(Schema):
    """Whether it is settled."""

    settled: bool


class ReviewIn(Schema):
    """That the map is true now. `days`: until the next look, 0 for none, 30, 90, 180 or 365."""

    days: int = 90
    note: str = ""


class MapLinkIn(Schema):
    """How long the link holds: 7, 30, 90 or 365 days."""

    days: int = 30


class MapLinkOut(Schema):
    """A link that shows the map without signing in. It is told once."""

    url: str
    until: datetime


@router.get("", response={200: JourneysOut, **_LIST}, summary="List journeys")
@requires("journeys.read")
def list_all(request: HttpRequest, *, archived: bool = False) -> JourneysOut:
    """Return all journeys in use, or the archived ones."""
    found = list_journeys(workspace_id=access_of(request).workspace_id, archived=archived)
    return JourneysOut(journeys=[JourneyLineOut(**_line(one)) for one in found])


@router.get("/{journey_id}", response={200: JourneyOut, **_READ}, summary="Get a journey")
@requires("journeys.read")
def get_journey(request: HttpRequest, journey_id: int) -> JourneyOut:
    """Return a journey with its map, its target, what is accepted and who looked it through."""
    one = _found(request, journey_id)
    content, target = map_of(one), map_of(one, TARGET)
    until = one.shared_until if one.shared_until and one.shared_until > now_ms() else None
    return JourneyOut(
        **_line(one), about=one.about, map=written(content) if content else None, target=written(target) if target else None,
        allowances=[_allowance(each) for each in accepted_of(one).values()], reviews=[_review(each) for each in reviews_of(one)],
        shared_until=from_ms(until) if until else None,
    )  # fmt: skip


@router.post("/{journey_id}/allowances", response={200: AllowanceOut, **_READ}, summary="Accept a deviation")
@requires("journeys.write")
def post_allowance(request: HttpRequest, journey_id: int, given: AllowanceIn) -> AllowanceOut:
    """Accept a deviation of a stage from the target from now on."""
    made = accept_deviation(
        access_of(request), journey_id=id_of(journey_id), kind=given.kind, stage=given.stage, reason=given.reason, request=request
    )
    return _allowance(made)


@router.delete(
    "/{journey_id}/allowances/{allowance_id}", response={200: AllowanceOut, **_READ}, summary="Let a deviation count again"
)
@requires("journeys.write")
def delete_allowance(request: HttpRequest, journey_id: int, allowance_id: int) -> AllowanceOut:
    """End what was accepted; it stays in the books."""
    found = end_allowance(access_of(request), journey_id=id_of(journey_id), allowance_id=id_of(allowance_id), request=request)
    return _allowance(found)


@router.get("/{journey_id}/comments", response={200: CommentsOut, **_READ}, summary="List comments on a map")
@requires("journeys.read")
def get_comments(request: HttpRequest, journey_id: int) -> CommentsOut:
    """Return what colleagues said of a map, 200 at most."""
    return CommentsOut(comments=[_comment(each) for each in comments_of(_found(request, journey_id))])


@router.post("/{journey_id}/comments", response={200: CommentOut, **_READ}, summary="Comment on a map")
@requires("journeys.write")
def post_comment(request: HttpRequest, journey_id: int, given: CommentIn) -> CommentOut:
    """Say something of a stage, or of one of its lanes."""
    made = comment(
        access_of(request),
        journey_id=id_of(journey_id),
        stage=given.stage,
        lane=given.lane,
        body=given.body,
        to=given.to,
        request=request,
    )
    return _comment(made)


@router.patch("/{journey_id}/comments/{comment_id}", response={200: CommentOut, **_READ}, summary="Settle a comment")
@requires("journeys.write")
def patch_comment(request: HttpRequest, journey_id: int, comment_id: int, given: CommentChange) -> CommentOut:
    """Settle a comment, or open it again."""
    found = settle(
        access_of(request), journey_id=id_of(journey_id), comment_id=id_of(comment_id), settled=given.settled, request=request
    )
    return _comment(found)


@router.post("/{journey_id}/reviews", response={200: ReviewOut, **_READ}, summary="Say that a map is true")
@requires("journeys.write")
def post_review(request: HttpRequest, journey_id: int, given: ReviewIn) -> ReviewOut:
    """Say that the map was looked through; from now on it is compared with the time before."""
    return _review(
        review_journey(access_of(request), journey_id=id_of(journey_id), days=given.days, note=given.note, request=request)
    )


@router.post("/{journey_id}/link", response={200: MapLinkOut, **_READ}, summary="Share a map by a link")
@requires("journeys.write")
def post_link(request: HttpRequest, journey_id: int, given: MapLinkIn) -> MapLinkOut:
    """Make a link that shows what was drawn, and nothing of customers or colleagues; the one before ends."""
    secret = share_journey(access_of(request), journey_id=id_of(journey_id), days=given.days, request=request)
    one = _found(request, journey_id)
    return MapLinkOut(
        url=settings().public_console + reverse("journeys:shared_map", args=[secret]), until=from_ms(one.shared_until or 0)
    )


@router.delete("/{journey_id}/link", response={204: None, **_READ}, summary="End a map’s link")
@requires("journeys.write")
def delete_link(request: HttpRequest, journey_id: int) -> Status[None]:
    """End the link, if there is one."""
    unshare_journey(access_of(request), journey_id=id_of(journey_id), request=request)
    return Status(204, None)


def _found(request: HttpRequest, journey_id: int) -> Journey:
    return accessible_journey(workspace_id=access_of(request).workspace_id, journey_id=id_of(journey_id))


def _line(one: Journey) -> dict[str, Any]:
    return {
        "id": one.pk, "name": one.name, "lifecycle": one.lifecycle, "owner": one.owner, "version": one.number,
        "updated_at": from_ms(one.updated_at), "archived_at": from_ms(one.archived_at) if one.archived_at else None,
    }  # fmt: skip


def _allowance(one: Allowance) -> AllowanceOut:
    return AllowanceOut(
        id=one.pk, kind=one.kind, stage=one.stage, reason=one.reason, made_at=from_ms(one.made_at), made_by=one.made_by,
        ended_at=from_ms(one.ended_at) if one.ended_at else None,
    )  # fmt: skip


def _review(one: Review) -> ReviewOut:
    due = from_ms(one.due_at) if one.due_at else None
    return ReviewOut(version=one.number, note=one.note, due_at=due, made_at=from_ms(one.made_at), made_by=one.made_by)


def _comment(one: Comment) -> CommentOut:
    return CommentOut(
        id=one.pk, stage=one.stage, lane=one.lane, body=one.body, to=one.to_person, made_at=from_ms(one.made_at), made_by=one.made_by,
        settled_at=from_ms(one.settled_at) if one.settled_at else None, settled_by=one.settled_by,
    )  # fmt: skip
