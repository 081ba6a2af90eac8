"""Funnels as JSON, below `/api/v1/journeys/funnels`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
import json
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers import api as customers
from amity.rooms.journeys.actions.funnels import archive_funnel, change_funnel, create_funnel
from amity.rooms.journeys.contracts import FunnelFigures, GroupFigure, Share, StepFigure, Times
from amity.rooms.journeys.models import SavedFunnel
from amity.rooms.journeys.queries.funnels.count import check_asked, count_funnel, people_of
from amity.rooms.journeys.queries.funnels.kept import accessible_funnel, funnel_of, list_funnels
from amity.rooms.journeys.rules.funnels.language import read, schema
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["journeys"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}
_PURPOSE = "What the customers’ data is used for, such as `necessary`. Must be given."


class FunnelOut(Schema):
    """A funnel that is kept."""

    id: int
    name: str
    about: str
    definition: dict[str, Any]
    updated_at: datetime
    archived_at: datetime | None


class FunnelsOut(Schema):
    """Funnels by name."""

    funnels: list[FunnelOut]


class FunnelIn(Schema):
    """A funnel to keep. `definition` is of the funnel language; see `/journeys/funnels/schema`."""

    name: str
    about: str = ""
    definition: dict[str, Any]


class FunnelChange(Schema):
    """What is to change; what is left out stays."""

    name: str | None = None
    about: str | None = None
    definition: dict[str, Any] | None = None


class FunnelAsked(Schema):
    """A funnel to count, kept or not, as of an instant; now unless told."""

    definition: dict[str, Any]
    as_of: datetime | None = None


class ShareOut(Schema):
    """A share of `n` customers, with its 95% interval (Wilson). `few`: too few to say."""

    value: float
    n: int
    low: float
    high: float
    few: bool


class TimesOut(Schema):
    """Seconds, over `n` customers; `low` and `high` are the median's 95% interval, null where there are too few for one."""

    n: int
    p25: float
    median: float
    p75: float
    p90: float
    low: float | None
    high: float | None


class FunnelStepOut(Schema):
    """A step: `left` had come to the needed step before and not to this one."""

    number: int
    name: str
    optional: bool
    reached: int
    left: int
    of_first: ShareOut
    of_before: ShareOut
    from_first: TimesOut | None
    from_before: TimesOut | None


class FunnelGroupOut(Schema):
    """A group of customers; give `key` as `group` to get them."""

    key: str
    label: str
    steps: list[FunnelStepOut]


class FunnelFiguresOut(Schema):
    """A funnel as counted. Groups add up to the whole. `open`: not through, and their time isn't over yet."""

    as_of: datetime
    first: datetime | None = Field(description="From when on attempts began; null for whenever.")
    last: datetime
    steps: list[FunnelStepOut]
    groups: list[FunnelGroupOut]
    open: int


class FunnelCustomersOut(Schema):
    """Customers behind a number, who allow the purpose now; `withheld` is how many of this stretch don't."""

    number: int
    customers: list[UUID]
    withheld: int
    next: int | None = Field(description="Give it as `start` to get the next ones; null at the end.")


@router.get("", response={200: FunnelsOut, **_READ}, summary="List funnels")
@requires("journeys.read")
def list_all(request: HttpRequest, *, archived: bool = False) -> FunnelsOut:
    """Return all funnels in use, or the archived ones."""
    return FunnelsOut(funnels=[_funnel(one) for one in list_funnels(workspace_id=_workspace(request), archived=archived)])


@router.post("", response={201: FunnelOut, **_READ}, summary="Keep a funnel")
@requires("journeys.write")
def create(request: HttpRequest, given: FunnelIn) -> Status[FunnelOut]:
    """Keep a funnel under a name. A definition that is wrong is refused with what to mend."""
    funnel = read(json.dumps(given.definition))
    return Status(
        201, _funnel(create_funnel(access_of(request), name=given.name, about=given.about, funnel=funnel, request=request))
    )


@router.get("/schema", response={200: dict[str, Any], **_READ}, summary="Get the funnel language's JSON Schema")
@requires("journeys.read")
def get_schema(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001  the same for everybody who may read
    """Return the JSON Schema of funnels."""
    return schema()


@router.post("/count", response={200: FunnelFiguresOut, **_READ}, summary="Count a funnel")
@requires("journeys.read")
def count(request: HttpRequest, given: FunnelAsked) -> FunnelFiguresOut:
    """Count a funnel that needn't be kept."""
    access, funnel = access_of(request), read(json.dumps(given.definition))
    check_asked(funnel, workspace_id=access.workspace_id)
    as_of = now_ms() if given.as_of is None else instant_of(given.as_of)
    found = count_funnel(funnel, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone, as_of=as_of)
    return _figures(found)


@router.get("/{funnel_id}", response={200: FunnelOut, **_READ}, summary="Get a funnel")
@requires("journeys.read")
def get_one(request: HttpRequest, funnel_id: int) -> FunnelOut:
    """Return a funnel, an archived one too."""
    return _funnel(_found(request, funnel_id))


@router.patch("/{funnel_id}", response={200: FunnelOut, **_READ}, summary="Change a funnel")
@requires("journeys.write")
def change(request: HttpRequest, funnel_id: int, given: FunnelChange) -> FunnelOut:
    """Change the name, the description or the definition."""
    funnel = None if given.definition is None else read(json.dumps(given.definition))
    changed = change_funnel(
        access_of(request), funnel_id=id_of(funnel_id), name=given.name, about=given.about, funnel=funnel, request=request
    )
    return _funnel(changed)


@router.delete("/{funnel_id}", response={200: FunnelOut, **_READ}, summary="Archive a funnel")
@requires("journeys.write")
def archive(request: HttpRequest, funnel_id: int) -> FunnelOut:
    """Put a funnel away. Nothing is deleted."""
    return _funnel(archive_funnel(access_of(request), funnel_id=id_of(funnel_id), request=request))


@router.get("/{funnel_id}/count", response={200: FunnelFiguresOut, **_READ}, summary="Count a funnel that is kept")
@requires("journeys.read")
def count_one(request: HttpRequest, funnel_id: int, as_of: datetime | None = None) -> FunnelFiguresOut:
    """Count a funnel as of now or an instant."""
    access, funnel = access_of(request), funnel_of(_found(request, funnel_id))
    instant = now_ms() if as_of is None else instant_of(as_of)
    return _figures(count_funnel(funnel, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone, as_of=instant))


@router.get("/{funnel_id}/customers", response={200: FunnelCustomersOut, **_READ}, summary="Get the customers behind a number")
@requires("customers.read")
def get_customers(  # noqa: PLR0913  one argument for each parameter
    request: HttpRequest,
    funnel_id: int,
    step: Annotated[int, Query(ge=1, le=20)],
    *,
    left: bool = False,
    group: Annotated[str, Query(max_length=600)] = "",
    as_of: datetime | None = None,
    start: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    purpose: Annotated[str, Query(max_length=60, description=_PURPOSE)] = "",
) -> FunnelCustomersOut:
    """Return who reached a step, or `left` before it. Give the `as_of` of the numbers to get those who were counted."""
    access, funnel = access_of(request), funnel_of(_found(request, funnel_id))
    wanted = purpose.replace("\0", "").strip()
    if not wanted:
        raise Invalid("Say what the data is used for: give a purpose, such as purpose=necessary.", code="purpose_missing")
    who = people_of(
        funnel, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone,
        as_of=now_ms() if as_of is None else instant_of(as_of), step=step, left=left, group=group.replace("\0", ""),
    )  # fmt: skip
    stretch = who[start : start + limit]
    allowed = customers.permitted(workspace_id=access.workspace_id, customer_ids=stretch, purpose=wanted)
    shown = [one for one in stretch if one in allowed]
    more = start + limit if start + limit < len(who) else None
    return FunnelCustomersOut(number=len(who), customers=shown, withheld=len(stretch) - len(shown), next=more)


def access_of(request: HttpRequest) -> Any:
    """Return who asks, and where."""
    return request.access  # type: ignore[attr-defined]


def _workspace(request: HttpRequest) -> int:
    return int(access_of(request).workspace_id)


def id_of(number: int) -> int:
    """Return an id within what the database's columns hold; no funnel has one beyond."""
    return number if 0 < number < 2**63 else 0


def instant_of(given: datetime) -> int:
    """Return an instant in ms. Raises Invalid for one that no interaction has."""
    from datetime import UTC

    if not 1971 <= given.year <= 2098:
        raise Invalid("That instant is outside of the years 1971 to 2098.")
    return round((given if given.tzinfo else given.replace(tzinfo=UTC)).timestamp() * 1000)


def _found(request: HttpRequest, funnel_id: int) -> SavedFunnel:
    return accessible_funnel(workspace_id=_workspace(request), funnel_id=id_of(funnel_id))


def _funnel(one: SavedFunnel) -> FunnelOut:
    return FunnelOut(
        id=one.pk, name=one.name, about=one.about, definition=one.definition, updated_at=from_ms(one.updated_at),
        archived_at=None if one.archived_at is None else from_ms(one.archived_at),
    )  # fmt: skip


def _figures(found: FunnelFigures) -> FunnelFiguresOut:
    return FunnelFiguresOut(
        as_of=from_ms(found.as_of), first=from_ms(found.first) if found.first > 0 else None, last=from_ms(found.last),
        steps=[_step(one) for one in found.whole.steps], groups=[_group(one) for one in found.groups], open=found.open,
    )  # fmt: skip


def _group(one: GroupFigure) -> FunnelGroupOut:
    return FunnelGroupOut(key=one.key, label=one.label, steps=[_step(step) for step in one.steps])


def _step(one: StepFigure) -> FunnelStepOut:
    return FunnelStepOut(
        number=one.number, name=one.name, optional=one.optional, reached=one.reached, left=one.left,
        of_first=share_out(one.of_first), of_before=share_out(one.of_before), from_first=_times(one.from_first),
        from_before=_times(one.from_before),
    )  # fmt: skip


def share_out(one: Share) -> ShareOut:
    """Return a share as JSON."""
    return ShareOut(value=one.value, n=one.n, low=one.low, high=one.high, few=one.few)


def _times(one: Times | None) -> TimesOut | None:
    if one is None:
        return None
    low, high = (None, None) if one.low is None or one.high is None else (one.low / 1000, one.high / 1000)
    return TimesOut(
        n=one.n, p25=one.p25 / 1000, median=one.p50 / 1000, p75=one.p75 / 1000, p90=one.p90 / 1000, low=low, high=high
    )
