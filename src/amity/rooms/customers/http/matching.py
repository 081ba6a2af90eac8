"""Proposals of who may be the same, as JSON: read them, decide, and have everybody compared.

Only ids and how the two compare are told, no value of anybody; who objects to being compared is in none of it.
"""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Annotated, Any, Literal, cast
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import from_ms
from amity.kernel.errors import NotFound
from amity.rooms.customers.actions.matching.ask import ask_matching, choose_matching, stop_matching
from amity.rooms.customers.actions.matching.decide import accept_match, block_match, reject_match
from amity.rooms.customers.actions.people import LONGEST_REASON, MOST_AT_ONCE
from amity.rooms.customers.models import MatchPair, MatchRun, MatchSetting
from amity.rooms.customers.queries.matching.groups import group_of
from amity.rooms.customers.queries.matching.pairs import Proposal, find_proposal, list_proposals
from amity.rooms.customers.queries.matching.runs import chosen_for, get_match_run, lacking, latest_run
from amity.rooms.customers.rules.matching.model import probability_of, weight_of
from amity.rooms.customers.rules.matching.waterfall import Step, steps_of
from amity.rooms.trust.api import requires
from amity.rooms.trust.contracts import Access
from amity.shell.problem import Problem

router = Router(tags=["identity"])
_PROBLEMS = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}
_MOST_ID = 2**53
Schedule = Literal["", "daily", "weekly"]


class MatchOut(Schema):
    """That two customers may be one person. `weight` is the log2 of the odds."""

    id: int
    first_id: UUID
    second_id: UUID
    weight: float
    probability: float


class MatchesOut(Schema):
    """What is proposed, heaviest first."""

    matches: list[MatchOut]
    total: int
    next: int | None = Field(description="Give it as `after` to get lighter ones; null at the end.")


class ComparisonOut(Schema):
    """What one comparison adds to the weight. `common` is the part of it that comes from how common the value is."""

    compared: str
    result: str
    weight: float
    common: float
    m: float | None
    u: float | None
    known: bool


class MatchDetailOut(MatchOut):
    """One proposal with its reasons; the steps' weights add up to `weight`. `group` is who hangs together with the two."""

    steps: list[ComparisonOut]
    group: list[UUID]


class AcceptIn(Schema):
    """Why they are one, and others of the group who are the same person too."""

    reason: str = Field("", max_length=LONGEST_REASON)
    also: list[UUID] = Field(default_factory=list, max_length=MOST_AT_ONCE)


class WhyIn(Schema):
    """Why."""

    reason: str = Field("", max_length=LONGEST_REASON)


class AcceptedOut(Schema):
    """The customer that they are now."""

    customer_id: UUID


class DecidedOut(Schema):
    """What was decided."""

    id: int
    state: Literal["rejected", "blocked"]


class RunOut(Schema):
    """How comparing everybody goes, or went. `share` is of the work, 0 to 1."""

    id: int
    state: Literal["waiting", "running", "done", "failed", "stopped"]
    asked_at: datetime
    finished_at: datetime | None
    doing: str
    share: float
    probability: float
    records: int
    pairs: int
    found: int
    proposed: int
    trouble: str


class MatchingOut(Schema):
    """What the workspace chose, what is lacking (empty: nothing), and the newest run."""

    schedule: Schedule
    probability: float
    lacking: str
    run: RunOut | None


class ChoiceIn(Schema):
    """How often everybody is compared, and how probable a proposal is at least."""

    schedule: Schedule
    probability: float = Field(ge=0.5, le=0.9999)


@router.get("/matches", response={200: MatchesOut, **_PROBLEMS}, summary="List who may be the same")
@requires("customers.read")
def list_matches(
    request: HttpRequest,
    probability: Annotated[float, Query(ge=0.0, lt=1.0, description="From which probability on.")] = 0.0,
    after: Annotated[int, Query(ge=0, le=1_000_000, description="`next` of an earlier answer.")] = 0,
    limit: Annotated[int, Query(ge=1, le=200, description="How many at once.")] = 50,
) -> MatchesOut:
    """Return the proposals that nobody decided about, of customers of today."""
    weight = weight_of(probability) if probability else -1_000.0
    found = list_proposals(workspace_id=_access(request).workspace_id, weight=weight)
    end = after + limit
    return MatchesOut(matches=[_match(one) for one in found[after:end]], total=len(found), next=end if end < len(found) else None)


@router.get("/matches/{int:match_id}", response={200: MatchDetailOut, **_PROBLEMS}, summary="Read why two may be the same")
@requires("customers.read")
def get_match(request: HttpRequest, match_id: int) -> MatchDetailOut:
    """Return one proposal with its reasons. 404 also for what was decided meanwhile."""
    workspace_id = _access(request).workspace_id
    row, one = _found(workspace_id, match_id)
    return MatchDetailOut(
        **_match(one).dict(),
        steps=[_step(step) for step in steps_of(prior=row.prior, parts=row.parts)],
        group=list(group_of(workspace_id=workspace_id, proposal=one).customers),
    )


@router.post("/matches/{int:match_id}/accept", response={201: AcceptedOut, **_PROBLEMS}, summary="Say that they are one")
@requires("identity.write")
def accept(request: HttpRequest, match_id: int, wanted: AcceptIn) -> Status[AcceptedOut]:
    """Join the two, and `also` others of their group, with the evidence in the ledger. The oldest one's id stays."""
    into = accept_match(_access(request), pair_id=_bounded(match_id), reason=wanted.reason, also=wanted.also, request=request)
    return Status(201, AcceptedOut(customer_id=into))


@router.post("/matches/{int:match_id}/reject", response={200: DecidedOut, **_PROBLEMS}, summary="Say not now")
@requires("identity.write")
def reject(request: HttpRequest, match_id: int, wanted: WhyIn) -> DecidedOut:
    """Leave the two as they are until what is compared of one of them changes."""
    reject_match(_access(request), pair_id=_bounded(match_id), reason=wanted.reason, request=request)
    return DecidedOut(id=match_id, state="rejected")


@router.post("/matches/{int:match_id}/block", response={200: DecidedOut, **_PROBLEMS}, summary="Say never")
@requires("identity.write")
def block(request: HttpRequest, match_id: int, wanted: WhyIn) -> DecidedOut:
    """Keep the two apart from now on, whatever evidence comes."""
    block_match(_access(request), pair_id=_bounded(match_id), reason=wanted.reason, request=request)
    return DecidedOut(id=match_id, state="blocked")


@router.get("/matching", response={200: MatchingOut, **_PROBLEMS}, summary="See how comparing customers stands")
@requires("customers.read")
def get_matching(request: HttpRequest) -> MatchingOut:
    """Return what the workspace chose and the newest run."""
    workspace_id = _access(request).workspace_id
    return _matching(chosen_for(workspace_id=workspace_id), latest_run(workspace_id=workspace_id))


@router.put("/matching", response={200: MatchingOut, **_PROBLEMS}, summary="Choose when customers are compared")
@requires("identity.write")
def choose(request: HttpRequest, wanted: ChoiceIn) -> MatchingOut:
    """Choose the schedule and the least probability; they hold from the next run on."""
    access = _access(request)
    chosen = choose_matching(access, schedule=wanted.schedule, probability=wanted.probability, request=request)
    return _matching(chosen, latest_run(workspace_id=access.workspace_id))


@router.post("/matching/runs", response={202: RunOut, **_PROBLEMS}, summary="Compare everybody")
@requires("identity.write")
def ask(request: HttpRequest) -> Status[RunOut]:
    """Have a worker compare everybody. 400 where that is under way, or where Splink is lacking."""
    return Status(202, _run(ask_matching(_access(request), request=request)))


@router.get("/matching/runs/{int:run_id}", response={200: RunOut, **_PROBLEMS}, summary="See how comparing everybody goes")
@requires("customers.read")
def get_run(request: HttpRequest, run_id: int) -> RunOut:
    """Return how far it is."""
    return _run(get_match_run(workspace_id=_access(request).workspace_id, run_id=_bounded(run_id)))


@router.delete("/matching/runs/{int:run_id}", response={200: RunOut, **_PROBLEMS}, summary="Stop comparing everybody")
@requires("identity.write")
def stop(request: HttpRequest, run_id: int) -> RunOut:
    """End a run; what was proposed before stays."""
    return _run(stop_matching(_access(request), run_id=_bounded(run_id), request=request))


def _access(request: HttpRequest) -> Access:
    return request.access  # type: ignore[attr-defined,no-any-return]


def _bounded(number: int) -> int:
    if number > _MOST_ID:
        raise NotFound("There is nothing with that number here.")
    return number


def _found(workspace_id: int, match_id: int) -> tuple[MatchPair, Proposal]:
    return find_proposal(workspace_id=workspace_id, pair_id=_bounded(match_id))


def _match(one: Proposal) -> MatchOut:
    return MatchOut(
        id=one.id, first_id=one.first, second_id=one.second, weight=one.weight, probability=probability_of(one.weight)
    )


def _step(one: Step) -> ComparisonOut:
    same: dict[str, Any] = {name: getattr(one, name) for name in ("weight", "common", "m", "u", "known")}
    return ComparisonOut(compared=one.title, result=one.level, **same)


def _matching(chosen: MatchSetting, run: MatchRun | None) -> MatchingOut:
    return MatchingOut(
        schedule=cast("Schedule", chosen.schedule),
        probability=chosen.probability,
        lacking=lacking(),
        run=None if run is None else _run(run),
    )


def _run(run: MatchRun) -> RunOut:
    same = ("state", "doing", "share", "probability", "records", "pairs", "found", "proposed", "trouble")
    return RunOut(
        id=run.pk,
        asked_at=from_ms(run.asked_at),
        finished_at=None if run.finished_at is None else from_ms(run.finished_at),
        **{name: getattr(run, name) for name in same},
    )
