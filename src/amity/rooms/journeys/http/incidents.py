"""Incidents and what they did as JSON, below `/api/v1/incidents`. The token's workspace is the only one that is ever read."""

# Annotations are real here, not text, because ninja reads them.
import json
from datetime import datetime
from typing import Annotated, Any, Literal
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, Query, Router, Schema, Status

from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers import api as customers
from amity.rooms.journeys.actions.incidents import keep_incident, list_for_follow_up, write_note
from amity.rooms.journeys.contracts import Share
from amity.rooms.journeys.http.funnels import ShareOut, access_of, id_of, instant_of, share_out
from amity.rooms.journeys.models import Incident, IncidentEntry
from amity.rooms.journeys.queries.incidents.impact import Impact, JourneyMet, ids_allowed, people_of, read_impact
from amity.rooms.journeys.queries.incidents.kept import (
    accessible_incident,
    entries_of,
    incident_by_key,
    list_incidents,
    told_of,
)
from amity.rooms.journeys.rules.incidents.language import read, schema
from amity.rooms.journeys.rules.texts import storable
from amity.rooms.metrics import api as metrics
from amity.rooms.metrics.contracts import Forecast
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["incidents"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem}
Severity = Literal["critical", "major", "minor"]
State = Literal["open", "watching", "over", "withdrawn"]
_PURPOSE = "What the data is used for, such as necessary; customers who don't allow it are withheld."
_DEFINITION = "What shows that somebody met it, complained, was told: see `/incidents/schema`."
Title = Annotated[str, Field(min_length=1, max_length=120)]
Row = Annotated[int, Field(gt=0, lt=2**63)]


class IncidentOut(Schema):
    """An incident. `last` is null while it goes on."""

    id: int
    title: str
    severity: Severity
    status: State
    first: datetime
    last: datetime | None
    owner: str
    definition: dict[str, Any]
    metric_id: int | None
    alert_id: int | None
    key: str
    created_at: datetime
    created_by: str


class IncidentEntryOut(Schema):
    """A line of the timeline."""

    kind: Literal["note", "change", "list"]
    text: str
    at: datetime
    made_by: str
    audience_id: int | None


class IncidentWhole(IncidentOut):
    """An incident with its timeline, the oldest first."""

    timeline: list[IncidentEntryOut]


class IncidentsOut(Schema):
    """Incidents, the newest made first."""

    incidents: list[IncidentOut]
    next: int | None = Field(None, description="Give it as `before` to get earlier ones; null at the end.")


class IncidentIn(Schema):
    """An incident. A time without a zone is UTC. Without a `definition` it is that of the alert's metric."""

    title: Title
    severity: Severity = "major"
    status: State | None = Field(None, description="Open unless told; over where only an end is told.")
    first: datetime | None = Field(None, description="Now, or the alert's beginning, unless told.")
    last: datetime | None = None
    owner: Annotated[str, Field(max_length=120)] = ""
    definition: dict[str, Any] | None = Field(None, description=_DEFINITION)
    metric_id: Row | None = Field(None, description="What was lost is read off it; the shipped revenue unless told.")
    alert_id: Row | None = None
    key: Annotated[str, Field(max_length=120)] = Field(
        "", description="What the sender knows it by: telling the same again changes it."
    )
    note: Annotated[str, Field(max_length=4_000)] = ""


class IncidentChange(Schema):
    """What is to change; what isn't told stays."""

    title: Title | None = None
    severity: Severity | None = None
    status: State | None = None
    first: datetime | None = None
    last: datetime | None = None
    owner: Annotated[str, Field(max_length=120)] | None = None
    definition: dict[str, Any] | None = Field(None, description=_DEFINITION)
    metric_id: Row | None = None


class IncidentNoteIn(Schema):
    """What happened, now unless told when."""

    text: Annotated[str, Field(min_length=1, max_length=4_000)]
    at: datetime | None = None


class StageMetOut(Schema):
    """How many were at a stage when they met it; `part` names them."""

    part: str
    name: str
    owner: str
    customers: int


class JourneyMetOut(Schema):
    """How many were on a journey when they met it, by the stage that they had reached last."""

    journey_id: int
    name: str
    customers: int
    stages: list[StageMetOut]


class LossOut(Schema):
    """What a metric came to, and what was expected of the same hours of earlier weeks, with its 95% range.

    `lost` is expected less come (come less expected where less is better), with its range; null where nothing is expected (`why`).
    """

    metric_id: int
    metric: str
    unit: str
    value: float
    expected: float | None
    low: float | None
    high: float | None
    lost: float | None
    lost_low: float | None
    lost_high: float | None
    events: int
    customers: int
    weeks: int
    why: str


class ImpactOut(Schema):
    """What an incident did. All but `affected` and `times` are of customers who allow analytics."""

    as_of: datetime
    first: datetime
    last: datetime
    affected: int
    times: int
    withheld: int
    complained: ShareOut
    usually: ShareOut = Field(description="The same customers in as long a time before they met it.")
    waiting: int = Field(description="Customers who may still complain: their time isn't over.")
    told: ShareOut | None = Field(description="Null where nobody said what shows that a customer was told.")
    journeys: list[JourneyMetOut]
    loss: LossOut | None
    trouble: str


class IncidentCustomersOut(Schema):
    """Who is in a part of the impact."""

    number: int
    customers: list[UUID]
    withheld: int
    next: int | None = Field(None, description="Give it as `start` to get more; null at the end.")


class FollowUpIn(Schema):
    """Which part of the impact becomes a list, under which name, to be used for what."""

    name: Title
    part: Annotated[str, Field(min_length=1, max_length=60)] = "affected"
    purpose: Annotated[str, Field(min_length=1, max_length=60)]


class FollowUpOut(Schema):
    """The list that was made; `withheld` are left out because they don't allow the purpose."""

    audience_id: int
    withheld: int


class IncidentsQuery(Schema):
    """Which incidents."""

    state: Literal["all", "open", "over"] = "all"
    before: Annotated[int, Field(ge=0, lt=2**63)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = 50


@router.get("", response={200: IncidentsOut, **_READ}, summary="List incidents")
@requires("journeys.read")
def get_incidents(request: HttpRequest, wanted: Annotated[IncidentsQuery, Query()]) -> IncidentsOut:
    """Return incidents, the newest made first."""
    found = list_incidents(workspace_id=_workspace(request), state=wanted.state, before=wanted.before, limit=wanted.limit + 1)
    stretch = found[: wanted.limit]
    return IncidentsOut(incidents=[_incident(one) for one in stretch], next=stretch[-1].pk if len(found) > wanted.limit else None)


@router.post("", response={200: IncidentOut, 201: IncidentOut, **_READ}, summary="Open an incident")
@requires("incidents.write")
def post_incident(request: HttpRequest, given: IncidentIn) -> Status[IncidentOut]:
    """Open an incident; one that is known by the same `key` is changed instead, so a monitor may tell it again and again."""
    access = access_of(request)
    known = incident_by_key(workspace_id=access.workspace_id, key=storable(given.key).strip())
    alert = metrics.alert_told(workspace_id=access.workspace_id, alert_id=given.alert_id) if given.alert_id else None
    definition = given.definition or (known.definition if known else None)
    if definition is None and alert is not None and alert.event is not None:
        definition = {"affected": alert.event}
    if definition is None:
        raise Invalid('Say in `definition` which interactions show that somebody met it: {"affected": {"name": "Error Shown"}}.')
    first = instant_of(given.first) if given.first else known.first if known else alert.first if alert else now_ms()
    last = instant_of(given.last) if given.last else known.last if known else None
    status = given.status or ("over" if given.last else known.status if known else "open")
    one = keep_incident(
        access, incident_id=known.pk if known else None, title=given.title, severity=given.severity, status=status, first=first, last=last,
        told=read(json.dumps(definition)), owner=given.owner or (known.owner if known else ""),
        metric_id=given.metric_id or (known.metric_id if known else None), alert_id=given.alert_id or (known.alert_id if known else None),
        key=given.key, request=request,
    )  # fmt: skip
    if given.note.strip():
        write_note(access, incident_id=one.pk, text=given.note, request=request)
    return Status(200 if known else 201, _incident(one))


@router.get("/schema", response={200: dict[str, Any], **_READ}, summary="Get the JSON Schema of an incident's definition")
@requires("journeys.read")
def get_incident_schema(request: HttpRequest) -> dict[str, Any]:  # noqa: ARG001  the same for everybody who may read
    """Return the JSON Schema of what shows that somebody met an incident."""
    return schema()


@router.get("/{incident_id}", response={200: IncidentWhole, **_READ}, summary="Get an incident")
@requires("journeys.read")
def get_incident(request: HttpRequest, incident_id: int) -> IncidentWhole:
    """Return an incident with its timeline."""
    one = _found(request, incident_id)
    return IncidentWhole(**_incident(one).dict(), timeline=[_entry(each) for each in entries_of(one)])


@router.patch("/{incident_id}", response={200: IncidentOut, **_READ}, summary="Change an incident")
@requires("incidents.write")
def patch_incident(request: HttpRequest, incident_id: int, given: IncidentChange) -> IncidentOut:
    """Change an incident; `{"status": "over"}` ends it now."""
    one = _found(request, incident_id)
    last = one.last if given.last is None else instant_of(given.last)
    changed = keep_incident(
        access_of(request), incident_id=one.pk, title=given.title or one.title, severity=given.severity or one.severity,
        status=given.status or one.status, first=one.first if given.first is None else instant_of(given.first), last=last,
        told=told_of(one) if given.definition is None else read(json.dumps(given.definition)),
        owner=one.owner if given.owner is None else given.owner, metric_id=given.metric_id or one.metric_id, alert_id=one.alert_id,
        request=request,
    )  # fmt: skip
    return _incident(changed)


@router.post("/{incident_id}/notes", response={201: IncidentEntryOut, **_READ}, summary="Write on an incident's timeline")
@requires("incidents.write")
def post_incident_note(request: HttpRequest, incident_id: int, given: IncidentNoteIn) -> Status[IncidentEntryOut]:
    """Write down what happened."""
    at = None if given.at is None else instant_of(given.at)
    made = write_note(access_of(request), incident_id=id_of(incident_id), text=given.text, at=at, request=request)
    return Status(201, _entry(made))


@router.get("/{incident_id}/impact", response={200: ImpactOut, **_READ}, summary="Get what an incident did")
@requires("journeys.read")
def get_impact(request: HttpRequest, incident_id: int) -> ImpactOut:
    """Return whom it met, where on their journeys, who complained, who was told and what was lost, as of now."""
    access = access_of(request)
    found = read_impact(_found(request, incident_id), workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    return _impact(found)


@router.get("/{incident_id}/customers", response={200: IncidentCustomersOut, **_READ}, summary="Get the customers of an incident")
@requires("customers.read")
def get_incident_customers(  # noqa: PLR0913  one argument for each parameter
    request: HttpRequest,
    incident_id: int,
    *,
    part: Annotated[
        str, Query(max_length=60, description="affected, complained, silent, told, untold, or a stage's part")
    ] = "affected",
    start: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    purpose: Annotated[str, Query(max_length=60, description=_PURPOSE)] = "",
) -> IncidentCustomersOut:
    """Return who is in a part of the impact."""
    access, one = access_of(request), _found(request, incident_id)
    wanted = customers.named_purpose(purpose.replace("\0", "").strip())
    who = people_of(one, part.replace("\0", ""), workspace_id=access.workspace_id, time_zone=access.workspace.time_zone)
    stretch = who[start : start + limit]
    shown = ids_allowed(stretch, workspace_id=access.workspace_id, purpose=wanted)
    more = start + limit if start + limit < len(who) else None
    return IncidentCustomersOut(number=len(who), customers=shown, withheld=len(stretch) - len(shown), next=more)


@router.post("/{incident_id}/lists", response={201: FollowUpOut, **_READ}, summary="Make a list of whom to follow up")
@requires("audiences.write")
def post_follow_up(request: HttpRequest, incident_id: int, given: FollowUpIn) -> Status[FollowUpOut]:
    """Make a list (an audience without conditions) of who is in a part of the impact and allows a purpose."""
    one = _found(request, incident_id)
    audience, withheld = list_for_follow_up(
        access_of(request), incident_id=one.pk, part=given.part.replace("\0", ""), name=given.name,
        purpose=given.purpose.replace("\0", "").strip(), request=request,
    )  # fmt: skip
    return Status(201, FollowUpOut(audience_id=audience, withheld=withheld))


def _workspace(request: HttpRequest) -> int:
    return int(access_of(request).workspace_id)


def _found(request: HttpRequest, incident_id: int) -> Incident:
    return accessible_incident(workspace_id=_workspace(request), incident_id=id_of(incident_id))


def _incident(one: Incident) -> IncidentOut:
    return IncidentOut(
        id=one.pk, title=one.title, severity=one.severity, status=one.status, first=from_ms(one.first),  # type: ignore[arg-type]
        last=None if one.last is None else from_ms(one.last), owner=one.owner, definition=one.definition, metric_id=one.metric_id,
        alert_id=one.alert_id, key=one.key, created_at=from_ms(one.created_at), created_by=one.created_by,
    )  # fmt: skip


def _entry(one: IncidentEntry) -> IncidentEntryOut:
    return IncidentEntryOut(kind=one.kind, text=one.text, at=from_ms(one.at), made_by=one.made_by, audience_id=one.audience_id)  # type: ignore[arg-type]


def _impact(found: Impact) -> ImpactOut:
    return ImpactOut(
        as_of=from_ms(found.as_of), first=from_ms(found.first), last=from_ms(found.last), affected=found.affected, times=found.times,
        withheld=found.withheld, complained=share_out(found.complained), usually=share_out(found.usually), waiting=found.waiting,
        told=_share(found.told), journeys=[_journey(one) for one in found.journeys], loss=_loss(found.loss), trouble=found.trouble,
    )  # fmt: skip


def _share(one: Share | None) -> ShareOut | None:
    return None if one is None else share_out(one)


def _journey(one: JourneyMet) -> JourneyMetOut:
    stages = [StageMetOut(part=each.part, name=each.name, owner=each.owner, customers=each.number) for each in one.stages]
    return JourneyMetOut(journey_id=one.journey_id, name=one.name, customers=one.number, stages=stages)


def _loss(one: Forecast | None) -> LossOut | None:
    if one is None:
        return None
    lost, low, high = one.lost or (None, None, None)
    return LossOut(
        metric_id=one.metric_id, metric=one.name, unit=one.unit, value=one.value, expected=one.expected, low=one.low, high=one.high, lost=lost,
        lost_low=low, lost_high=high, events=one.events, customers=one.customers, weeks=one.weeks, why=one.why,
    )  # fmt: skip
