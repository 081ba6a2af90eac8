"""Metrics as JSON, below `/api/v1/metrics`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.engines.past.behaviour.language import Window
from amity.kernel.clock import from_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.api import named_purpose, permitted
from amity.rooms.metrics.actions.metrics import archive_metric, change_metric, check, create_metric, take_shipped
from amity.rooms.metrics.contracts import Change, Figure, Measured
from amity.rooms.metrics.models import Metric, MetricVersion
from amity.rooms.metrics.queries.behind import SIDES, Chosen, customers_behind
from amity.rooms.metrics.queries.lists import (
    accessible_metric,
    definition_of,
    definitions_of,
    list_metrics,
    version_of,
    versions_of,
)
from amity.rooms.metrics.queries.measuring import Scope, measure_definition
from amity.rooms.metrics.rules.language import read, schema
from amity.rooms.metrics.rules.sentences import sentence
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["metrics"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}
_window = msgspec.json.Decoder(Window)
_Text = Annotated[str, Field(max_length=500)]
_WINDOW = 'A window as JSON, such as {"kind": "last", "amount": 7, "unit": "days"}; the metric\'s own unless given.'
_BREAKDOWN = "A property (`properties.plan`), a field (`channel`), `trait:<name>` or `audience:<id>,<id>`."
_PURPOSE = "What the data is used for: `necessary` to serve the customers, or another of the workspace's purposes. Must be given."


class MetricOut(Schema):
    """A metric with the definition in force."""

    id: int
    name: str
    about: str
    owner: str
    version: int
    definition: dict[str, Any]
    sentence: str
    updated_at: datetime
    archived_at: datetime | None


class MetricsOut(Schema):
    """Metrics by name."""

    metrics: list[MetricOut]


class MetricVersionOut(Schema):
    """One version of a metric's definition."""

    number: int
    definition: dict[str, Any]
    sentence: str
    note: str
    made_at: datetime
    made_by: str


class MetricVersionsOut(Schema):
    """All versions of a metric, the newest first."""

    versions: list[MetricVersionOut]


class MetricIn(Schema):
    """A new metric. `definition` is of the language of metrics."""

    name: str
    about: str = ""
    owner: str = ""
    definition: dict[str, Any]


class MetricChange(Schema):
    """What is to change; what is left out stays. Another definition makes a new version; `note` says why."""

    name: str | None = None
    about: str | None = None
    owner: str | None = None
    definition: dict[str, Any] | None = None
    note: str = ""


class FigureOut(Schema):
    """A value with its 95 % interval and what it stands on. `few`: too few to say anything; rank nothing by it."""

    value: float | None
    low: float | None
    high: float | None
    method: str = Field(description="How the interval was worked out.")
    events: int
    customers: int
    few: bool


class ChangeOut(Schema):
    """New less old. `adjusted` is p after Benjamini and Hochberg over the segments compared; `clear`: it is at most 0.05."""

    by: float
    low: float
    high: float
    p: float
    adjusted: float
    clear: bool


class PointOut(Schema):
    """One step of a series. `whole`: all of it lies within the window and is over."""

    first: datetime
    last: datetime
    figure: FigureOut
    whole: bool


class SegmentOut(Schema):
    """One value of the breakdown; `rest`: all values beyond the largest."""

    value: str
    rest: bool
    figure: FigureOut
    previous: FigureOut | None
    change: ChangeOut | None


class MeasuredOut(Schema):
    """A metric, measured. `shape` says how the value is to be read: a number, a share (0 to 1), a score (-100 to 100), seconds."""

    metric_id: int | None
    version: int
    shape: Literal["number", "share", "score", "seconds"]
    unit: str
    direction: Literal["up", "down", "none"]
    zone: str
    first: datetime
    last: datetime
    figure: FigureOut
    previous: FigureOut | None
    change: ChangeOut | None
    series: list[PointOut]
    segments: list[SegmentOut]


class MeasureQuery(Schema):
    """How a metric is to be measured."""

    within: _Text = Field("", description=_WINDOW)
    by: Literal["", "hour", "day", "week", "month"] = Field("", description="Step of a series.")
    breakdown: _Text = Field("", description=_BREAKDOWN)
    compare: bool = Field(True, description="With the figure before.")
    version: Annotated[int, Field(ge=0, le=10**6)] = Field(0, description="Another version than the one in force.")


class PreviewIn(MeasureQuery):
    """A definition to measure without keeping it."""

    definition: dict[str, Any]


class BehindOut(Schema):
    """A customer's part of a figure: interactions that count, and what it adds above (`y`) and below (`x`) the line."""

    customer_id: UUID
    events: int
    y: float
    x: float


class BehindsOut(Schema):
    """Customers behind a figure in the order of their ids, of those who allow the purpose; `total` is how many the figure counts."""

    total: int
    withheld: int = Field(description="How many of this stretch don't allow the purpose.")
    customers: list[BehindOut]
    next: str | None = Field(description="Give it as `after` to get the next ones; null at the end.")


class BehindQuery(Schema):
    """Which customers, for what."""

    purpose: Annotated[str, Field(max_length=60)] = Field("", description=_PURPOSE)
    within: _Text = Field("", description=_WINDOW)
    breakdown: _Text = Field("", description=_BREAKDOWN)
    value: _Text = Field("", description="The breakdown's value.")
    side: Literal["", "plus", "minus", "yes", "no"] = Field("", description=f"One of {', '.join(filter(None, SIDES))}.")
    after: Annotated[str, Field(pattern=r"^([0-9a-f]{32})?$")] = ""
    limit: Annotated[int, Field(ge=1, le=1_000)] = 100


@router.get("", response={200: MetricsOut, **_READ}, summary="List metrics")
@requires("metrics.read")
def get_metrics(request: HttpRequest, *, archived: bool = False) -> MetricsOut:
    """Return all metrics in use, or the archived ones."""
    found = list_metrics(workspace_id=_access(request).workspace_id, archived=archived)
    held = definitions_of(found)
    return MetricsOut(metrics=[_metric(one, held[one.pk]) for one in found])


@router.post("", response={201: MetricOut, **_READ}, summary="Make a metric")
@requires("metrics.write")
def post_metric(request: HttpRequest, given: MetricIn) -> Status[MetricOut]:
    """Make a metric. A definition that is wrong is refused with what to mend."""
    definition = read(json.dumps(given.definition))
    made = create_metric(
        _access(request), name=given.name, about=given.about, owner=given.owner, definition=definition, request=request
    )
    return Status(201, _metric(made, version_of(made)))


@router.get("/schema", response={200: dict[str, Any], **_READ}, summary="Get the language's JSON Schema")
@requires("metrics.read")
def get_metric_schema(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001  the same for everybody who may read
    """Return the JSON Schema of definitions."""
    return schema()


@router.post("/shipped", response={200: MetricsOut, **_READ}, summary="Take the shipped metrics")
@requires("metrics.write")
def post_shipped(request: HttpRequest) -> MetricsOut:
    """Make the metrics that come with Amity and whose interactions arrive here; returns those that are new."""
    made = take_shipped(_access(request), request=request)
    held = definitions_of(made)
    return MetricsOut(metrics=[_metric(one, held[one.pk]) for one in made])


@router.post("/preview", response={200: MeasuredOut, **_READ}, summary="Measure a definition")
@requires("metrics.write")
def post_preview(request: HttpRequest, given: PreviewIn) -> MeasuredOut:
    """Return what a definition comes to, without keeping it."""
    access = _access(request)
    definition = read(json.dumps(given.definition))
    check(definition, workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    return _measured(
        measure_definition(
            definition,
            _scope(access),
            within=_within(given.within),
            by=given.by,
            breakdown=given.breakdown,
            compare=given.compare,
        )
    )


@router.get("/{metric_id}", response={200: MetricOut, **_READ}, summary="Get a metric")
@requires("metrics.read")
def get_metric(request: HttpRequest, metric_id: int) -> MetricOut:
    """Return a metric, an archived one too."""
    one = _found(request, metric_id)
    return _metric(one, version_of(one))


@router.patch("/{metric_id}", response={200: MetricOut, **_READ}, summary="Change a metric")
@requires("metrics.write")
def patch_metric(request: HttpRequest, metric_id: int, given: MetricChange) -> MetricOut:
    """Change a metric; another definition makes the next version, and the ones before stay."""
    definition = None if given.definition is None else read(json.dumps(given.definition))
    one = change_metric(
        _access(request), metric_id=_id(metric_id), name=given.name, about=given.about, owner=given.owner, definition=definition,
        note=given.note, request=request,
    )  # fmt: skip
    return _metric(one, version_of(one))


@router.delete("/{metric_id}", response={200: MetricOut, **_READ}, summary="Archive a metric")
@requires("metrics.write")
def delete_metric(request: HttpRequest, metric_id: int) -> MetricOut:
    """Put a metric away; its versions stay."""
    one = archive_metric(_access(request), metric_id=_id(metric_id), request=request)
    return _metric(one, version_of(one))


@router.get("/{metric_id}/versions", response={200: MetricVersionsOut, **_READ}, summary="List a metric's versions")
@requires("metrics.read")
def get_metric_versions(request: HttpRequest, metric_id: int) -> MetricVersionsOut:
    """Return every version of a metric's definition."""
    return MetricVersionsOut(versions=[_version(one) for one in versions_of(_found(request, metric_id))])


@router.get("/{metric_id}/measure", response={200: MeasuredOut, **_READ}, summary="Measure a metric")
@requires("metrics.read")
def measure_metric(request: HttpRequest, metric_id: int, wanted: Annotated[MeasureQuery, Query()]) -> MeasuredOut:
    """Return a metric's figure with its interval, the one before, a series and a breakdown where they are asked for."""
    one = _found(request, metric_id)
    held = version_of(one, wanted.version)
    return _measured(
        measure_definition(
            definition_of(held), _scope(_access(request)), within=_within(wanted.within), by=wanted.by, breakdown=wanted.breakdown,
            compare=wanted.compare, metric_id=one.pk, version=held.number,
        )
    )  # fmt: skip


@router.get("/{metric_id}/customers", response={200: BehindsOut, **_READ}, summary="List the customers behind a figure")
@requires("customers.read")
def metric_customers(request: HttpRequest, metric_id: int, wanted: Annotated[BehindQuery, Query()]) -> BehindsOut:
    """Return the customers whom a figure counts and who allow the purpose now. Ask anew each time that you use them."""
    access = _access(request)
    purpose = named_purpose(wanted.purpose)
    one = _found(request, metric_id)
    total, rows = customers_behind(
        definition_of(version_of(one)), _scope(access), within=_within(wanted.within),
        chosen=Chosen(breakdown=wanted.breakdown, value=wanted.value, side=wanted.side),
        after=UUID(wanted.after) if wanted.after else None, limit=wanted.limit + 1,
    )  # fmt: skip
    stretch = rows[: wanted.limit]
    allowed = permitted(workspace_id=access.workspace_id, customer_ids=[row.customer_id for row in stretch], purpose=purpose)
    shown = [
        BehindOut(customer_id=row.customer_id, events=row.events, y=row.y, x=row.x)
        for row in stretch
        if row.customer_id in allowed
    ]
    more = stretch[-1].customer_id.hex if len(rows) > wanted.limit else None
    return BehindsOut(total=total, withheld=len(stretch) - len(shown), customers=shown, next=more)


def _access(request: HttpRequest) -> Any:
    return request.access  # type: ignore[attr-defined]


def _scope(access: Any) -> Scope:
    return Scope(workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)


def _id(number: int) -> int:
    """Return an id within what the database's columns hold; no metric has one beyond."""
    return number if 0 < number < 2**63 else 0


def _found(request: HttpRequest, metric_id: int) -> Metric:
    return accessible_metric(workspace_id=_access(request).workspace_id, metric_id=_id(metric_id))


def _within(text: str) -> Any:
    if not text:
        return None
    try:
        return _window.decode(text)
    except (msgspec.ValidationError, msgspec.DecodeError) as error:
        raise Invalid(f"`within` is no window: {error}.") from None


def _metric(one: Metric, held: MetricVersion) -> MetricOut:
    return MetricOut(
        id=one.pk, name=one.name, about=one.about, owner=one.owner, version=one.version, definition=held.definition,
        sentence=sentence(definition_of(held)), updated_at=from_ms(one.updated_at),
        archived_at=None if one.archived_at is None else from_ms(one.archived_at),
    )  # fmt: skip


def _version(one: MetricVersion) -> MetricVersionOut:
    return MetricVersionOut(
        number=one.number, definition=one.definition, sentence=sentence(definition_of(one)), note=one.note,
        made_at=from_ms(one.made_at), made_by=one.made_by,
    )  # fmt: skip


def _measured(one: Measured) -> MeasuredOut:
    return MeasuredOut(
        metric_id=one.metric_id, version=one.version, shape=one.shape, unit=one.unit, direction=one.direction, zone=one.zone,
        first=from_ms(one.first), last=from_ms(one.last), figure=_figure(one.figure),
        previous=None if one.previous is None else _figure(one.previous), change=_change(one.change),
        series=[PointOut(first=from_ms(p.first), last=from_ms(p.last), figure=_figure(p.figure), whole=p.whole) for p in one.series],
        segments=[
            SegmentOut(
                value=s.value, rest=s.rest, figure=_figure(s.figure), previous=None if s.previous is None else _figure(s.previous),
                change=_change(s.change),
            )
            for s in one.segments
        ],
    )  # fmt: skip


def _figure(one: Figure) -> FigureOut:
    return FigureOut(
        value=one.value, low=one.low, high=one.high, method=one.method, events=one.events, customers=one.customers, few=one.few
    )


def _change(one: Change | None) -> ChangeOut | None:
    if one is None:
        return None
    return ChangeOut(by=one.by, low=one.low, high=one.high, p=one.p, adjusted=one.adjusted, clear=one.clear)
