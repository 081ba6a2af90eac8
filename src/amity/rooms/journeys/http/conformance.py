"""`/api/v1/journeys/{id}/conformance`: how cases go against a journey's target, and who stands behind each number."""

# Annotations are real here, not text, because ninja reads them.
from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from django.http import HttpRequest
from ninja import Field, Query, Router, Schema

from amity.engines.past.behaviour.language import Window
from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers import api as customers
from amity.rooms.journeys.contracts import ConformanceFigures, DeviationFigure
from amity.rooms.journeys.http.funnels import FunnelCustomersOut, ShareOut, access_of, id_of, instant_of, share_out
from amity.rooms.journeys.queries.conformance.judging import cases_behind, judge
from amity.rooms.journeys.queries.conformance.kept import accepted_of, question_of
from amity.rooms.journeys.queries.maps.kept import accessible_journey
from amity.rooms.journeys.rules.funnels.lines import value_of, window_of
from amity.rooms.trust.api import requires
from amity.shell.problem import Problem

router = Router(tags=["journeys"])
_READ = {400: Problem, 401: Problem, 403: Problem, 404: Problem, 422: Problem, 429: Problem, 503: Problem}
_CASE = "What a case is: empty for the customer, `session_id`, a field, or a property such as `order_id`."
_PERIOD = "When cases began: `last:30:days`, `this:month`, `since:2026-01-01`, `between:2026-01-01:2026-01-31`; the map’s own unless told."
_PURPOSE = "What the customers’ data is used for, such as `necessary`. Must be given."
Kind = Literal["skipped", "stopped", "order", "often", "late", "channel"]


class DeviationOut(Schema):
    """A way to deviate. `cases` of all judged cases, `interactions` of all of theirs; null where something is missing."""

    kind: str
    stage: str = Field(description="The stage’s key on the map.")
    name: str
    cases: ShareOut
    interactions: ShareOut | None
    moves: int = Field(description="What it adds to the cost of all alignments.")
    customers: int
    spent: float = Field(description="By these customers, from the period’s beginning on, in the workspace’s currency.")
    accepted: bool


class ConformanceOut(Schema):
    """How cases conform. `waiting`: cases that aren’t over, and so aren’t judged. `fitness` is 1 less `cost` over `worst`."""

    as_of: datetime
    first: datetime | None = Field(description="From when on cases began; null for whenever.")
    last: datetime
    customers: int
    waiting: int
    conforming: ShareOut
    in_place: ShareOut
    fitness: float
    cost: int
    worst: int
    deviations: list[DeviationOut]


@router.get("/{journey_id}/conformance", response={200: ConformanceOut, **_READ}, summary="Get how cases conform to the target")
@requires("journeys.read")
def get_conformance(
    request: HttpRequest,
    journey_id: int,
    *,
    case: Annotated[str, Query(max_length=490, description=_CASE)] = "",
    period: Annotated[str | None, Query(max_length=60, description=_PERIOD)] = None,
    as_of: datetime | None = None,
) -> ConformanceOut:
    """Hold cases to a journey’s target, or its map while it has none, as of now or an instant."""
    one = accessible_journey(workspace_id=access_of(request).workspace_id, journey_id=id_of(journey_id))
    asked = question_of(one, case=_value(case), period=_window(period), its_own=period is None)
    return _figures(judge(asked, as_of=_as_of(as_of), accepted=accepted_of(one), **_place(request)))


@router.get(
    "/{journey_id}/conformance/customers",
    response={200: FunnelCustomersOut, **_READ},
    summary="Get the customers behind a deviation",
)
@requires("customers.read")
def get_customers(  # noqa: PLR0913  one argument for each parameter
    request: HttpRequest,
    journey_id: int,
    kind: Kind | Literal["all", "conforming", "waiting"],
    *,
    stage: Annotated[str, Query(max_length=12)] = "",
    case: Annotated[str, Query(max_length=490, description=_CASE)] = "",
    period: Annotated[str | None, Query(max_length=60, description=_PERIOD)] = None,
    as_of: datetime | None = None,
    start: Annotated[int, Query(ge=0, le=10**9)] = 0,
    limit: Annotated[int, Query(ge=1, le=1_000)] = 100,
    purpose: Annotated[str, Query(max_length=60, description=_PURPOSE)] = "",
) -> FunnelCustomersOut:
    """Return whose cases deviate so. Give the `as_of` of the numbers to get those that were judged."""
    access = access_of(request)
    one = accessible_journey(workspace_id=access.workspace_id, journey_id=id_of(journey_id))
    wanted = purpose.replace("\0", "").strip()
    if not wanted:
        raise Invalid("Say what the data is used for: give a purpose, such as purpose=necessary.", code="purpose_missing")
    asked = question_of(one, case=_value(case), period=_window(period), its_own=period is None)
    who, _ = cases_behind(asked, as_of=_as_of(as_of), kind=kind, stage=stage, accepted=accepted_of(one), **_place(request))
    stretch = who[start : start + limit]
    allowed = customers.permitted(workspace_id=access.workspace_id, customer_ids=stretch, purpose=wanted)
    shown = [each for each in stretch if each in allowed]
    more = start + limit if start + limit < len(who) else None
    return FunnelCustomersOut(number=len(who), customers=shown, withheld=len(stretch) - len(shown), next=more)


def _place(request: HttpRequest) -> dict[str, Any]:
    where = access_of(request).workspace
    return {"workspace_id": where.id, "time_zone": where.time_zone, "currency": where.currency}


def _value(case: str) -> str:
    return value_of(case.replace("\0", "").strip())


def _window(period: str | None) -> Window | None:
    try:
        found: Window | None = msgspec.convert(window_of((period or "").replace("\0", "")), Window | None)
    except msgspec.ValidationError as error:
        raise Invalid(f"That is no period: {error}.") from None
    return found


def _as_of(given: datetime | None) -> int:
    return now_ms() if given is None else instant_of(given)


def _figures(found: ConformanceFigures) -> ConformanceOut:
    return ConformanceOut(
        as_of=from_ms(found.as_of), first=from_ms(found.first) if found.first > 0 else None, last=from_ms(found.last),
        customers=found.customers, waiting=found.waiting, conforming=share_out(found.conforming), in_place=share_out(found.in_place),
        fitness=found.fitness, cost=found.cost, worst=found.worst, deviations=[_deviation(one) for one in found.deviations],
    )  # fmt: skip


def _deviation(one: DeviationFigure) -> DeviationOut:
    return DeviationOut(
        kind=one.kind, stage=one.stage, name=one.name, cases=share_out(one.cases),
        interactions=None if one.interactions is None else share_out(one.interactions), moves=one.moves, customers=one.customers,
        spent=one.spent, accepted=one.accepted,
    )  # fmt: skip
