"""Synthetic checks and their runs as JSON, below `/api/v1/checks`. Secrets go in and never come out."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Annotated, Any, Literal

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import from_ms, now_ms
from amity.rooms.metrics.actions.checks import archive_check, pause_check, save_check, secrets_of
from amity.rooms.metrics.contracts import Figure
from amity.rooms.metrics.models import Check, CheckRun
from amity.rooms.metrics.queries.checks import Went, accessible_check, how_they_went, list_checks, list_runs
from amity.rooms.metrics.rules.checks.language import read_steps
from amity.rooms.trust.api import requires
from amity.rooms.trust.contracts import Access
from amity.shell.problem import Problem

router = Router(tags=["checks"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}
Text = Annotated[str, Field(max_length=2_000)]


class CheckMust(Schema):
    """What must hold of an answer. `name` is of a header, or a path into JSON as items[0].id."""

    of: Literal["status", "header", "text", "json", "duration"]
    test: Literal["is", "is_not", "contains", "lacks", "there", "at_most"]
    name: Annotated[str, Field(max_length=300)] = ""
    to: Text = ""


class CheckTake(Schema):
    """A value that later steps write as `${name}`: by a JSON path, a pattern's first group (RE2), or a header."""

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,30}$")]
    by: Literal["json", "pattern", "header"]
    of: Annotated[str, Field(min_length=1, max_length=300)]


class CheckStep(Schema):
    """One request. Without a `must`, any status below 400 will do."""

    url: Annotated[str, Field(min_length=1, max_length=2_000)]
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"] = "GET"
    name: Annotated[str, Field(max_length=120)] = ""
    headers: dict[str, Text] = {}
    body: Annotated[str, Field(max_length=20_000)] = ""
    takes: Annotated[list[CheckTake], Field(max_length=10)] = []
    musts: Annotated[list[CheckMust], Field(max_length=20)] = []


class CheckIn(Schema):
    """A check. `every` is in minutes: 1, 2, 5, 10, 15, 30, 60, 120, 240, 720 or 1440; `seconds` bound a run."""

    name: Annotated[str, Field(min_length=1, max_length=120)]
    steps: Annotated[list[CheckStep], Field(min_length=1, max_length=10)]
    every: Annotated[int, Field(ge=1, le=1_440)] = 5
    seconds: Annotated[int, Field(ge=1, le=60)] = 15
    secrets: dict[str, Text] | None = Field(
        None, description="By name. An empty value keeps what is held, a name that is left out is forgotten; null keeps all."
    )


class CheckShareOut(Schema):
    """The share of runs without fault, with Wilson's 95% interval and how many runs there were; null where none."""

    value: float | None
    low: float | None
    high: float | None
    n: int


class CheckRunOut(Schema):
    """One run. Where it failed: at which step, from 1, and why; `excerpt` begins what was answered there, without secrets."""

    id: int
    started_at: datetime
    ok: bool
    ms: int
    step: int
    reason: str
    said: str
    excerpt: str


class CheckOut(Schema):
    """A check, and how it went. `steps` is null for who may not change checks, `secrets` the names that are held."""

    id: int
    name: str
    every: int
    seconds: int
    paused: bool
    steps: list[CheckStep] | None
    secrets: list[str] | None
    day: CheckShareOut
    week: CheckShareOut
    last: CheckRunOut | None


class ChecksOut(Schema):
    """Checks by name."""

    checks: list[CheckOut]


class CheckRunsOut(Schema):
    """Runs, the newest first."""

    runs: list[CheckRunOut]
    next: int | None = Field(None, description="Give it as `before` to get earlier ones; null at the end.")


class CheckRunsQuery(Schema):
    """Which runs."""

    failed: bool = False
    before: Annotated[int, Field(ge=0, lt=2**63)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class CheckPauseIn(Schema):
    """Whether a check is to rest."""

    paused: bool


@router.get("", response={200: ChecksOut, **_READ}, summary="List checks")
@requires("metrics.read")
def get_checks(request: HttpRequest) -> ChecksOut:
    """Return every check in use, and how it went."""
    access = _access(request)
    found = list_checks(workspace_id=access.workspace_id)
    went = how_they_went(found, now=now_ms())
    return ChecksOut(checks=[_check(one, went[one.pk], access) for one in found])


@router.post("", response={201: CheckOut, **_READ}, summary="Make a check")
@requires("checks.write")
def post_check(request: HttpRequest, given: CheckIn) -> Status[CheckOut]:
    """Make a check; it runs for the first time within a minute."""
    return Status(201, _told(_saved(request, given), request))


@router.get("/{check_id}", response={200: CheckOut, **_READ}, summary="Get a check")
@requires("metrics.read")
def get_check(request: HttpRequest, check_id: int) -> CheckOut:
    """Return a check in use."""
    return _told(accessible_check(workspace_id=_access(request).workspace_id, check_id=_id(check_id)), request)


@router.put("/{check_id}", response={200: CheckOut, **_READ}, summary="Change a check")
@requires("checks.write")
def put_check(request: HttpRequest, check_id: int, given: CheckIn) -> CheckOut:
    """Write a check anew. Where it leads to another host than before, its secrets are to be given again."""
    return _told(_saved(request, given, _id(check_id)), request)


@router.delete("/{check_id}", response={204: None, **_READ}, summary="Archive a check")
@requires("checks.write")
def delete_check(request: HttpRequest, check_id: int) -> Status[None]:
    """Take a check out of use and forget its secrets; what it measured stays."""
    archive_check(_access(request), check_id=_id(check_id), request=request)
    return Status(204, None)


@router.post("/{check_id}/pause", response={200: CheckOut, **_READ}, summary="Let a check rest")
@requires("checks.write")
def post_pause(request: HttpRequest, check_id: int, given: CheckPauseIn) -> CheckOut:
    """Let a check rest, or run again."""
    return _told(pause_check(_access(request), check_id=_id(check_id), paused=given.paused, request=request), request)


@router.get("/{check_id}/runs", response={200: CheckRunsOut, **_READ}, summary="List a check's runs")
@requires("metrics.read")
def get_runs(request: HttpRequest, check_id: int, wanted: Annotated[CheckRunsQuery, Query()]) -> CheckRunsOut:
    """Return the runs of the last 30 days."""
    one = accessible_check(workspace_id=_access(request).workspace_id, check_id=_id(check_id))
    found = list_runs(check_id=one.pk, failed=wanted.failed, before=wanted.before, limit=wanted.limit + 1)
    stretch = found[: wanted.limit]
    return CheckRunsOut(runs=[_run(run) for run in stretch], next=stretch[-1].pk if len(found) > wanted.limit else None)


def _access(request: HttpRequest) -> Any:
    return request.access  # type: ignore[attr-defined]


def _id(number: int) -> int:
    return number if 0 < number < 2**63 else 0


def _saved(request: HttpRequest, given: CheckIn, check_id: int | None = None) -> Check:
    return save_check(
        _access(request), name=given.name, steps=read_steps([step.dict() for step in given.steps]), every=given.every, seconds=given.seconds,
        secrets=given.secrets, check_id=check_id, request=request,
    )  # fmt: skip


def _told(one: Check, request: HttpRequest) -> CheckOut:
    return _check(one, how_they_went([one], now=now_ms())[one.pk], _access(request))


def _check(one: Check, went: Went, access: Access) -> CheckOut:
    whole = access.can("checks.write")
    return CheckOut(
        id=one.pk, name=one.name, every=one.every, seconds=one.seconds, paused=one.paused_at is not None,
        steps=[CheckStep(**step) for step in one.steps] if whole else None, secrets=sorted(secrets_of(one)) if whole else None,
        day=_share(went.day), week=_share(went.week), last=_run(went.last) if went.last else None,
    )  # fmt: skip


def _share(figure: Figure) -> CheckShareOut:
    return CheckShareOut(value=figure.value, low=figure.low, high=figure.high, n=figure.events)


def _run(one: CheckRun) -> CheckRunOut:
    return CheckRunOut(
        id=one.pk, started_at=from_ms(one.started_at), ok=one.ok, ms=one.ms, step=one.step, reason=one.reason, said=one.said, excerpt=one.excerpt
    )  # fmt: skip
