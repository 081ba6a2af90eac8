"""Whom an incident met, where on their journeys they were, who complained, who was told, and what was lost against earlier weeks.

How many met it is everybody; what else is told of them is of those who allow analytics, as of the reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.language import Event
from amity.engines.past.behaviour.moments import Moments, ask_moments
from amity.kernel.clock import HOUR, now_ms
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers import api as customers
from amity.rooms.journeys.contracts import Share
from amity.rooms.journeys.models import Incident
from amity.rooms.journeys.queries.incidents.kept import told_of
from amity.rooms.journeys.queries.maps.kept import list_journeys, map_of
from amity.rooms.journeys.rules.incidents.language import CONTACTS, Told
from amity.rooms.journeys.rules.incidents.meeting import by_step, did_within, first_met, stage_at
from amity.rooms.journeys.rules.intervals import share
from amity.rooms.metrics import api as metrics
from amity.rooms.metrics.contracts import Forecast

if TYPE_CHECKING:
    import numpy as np

    from amity.rooms.journeys.rules.maps.language import Stage

PURPOSE = "analytics"
PARTS = ("affected", "complained", "silent", "told", "untold")


@dataclass(frozen=True, slots=True, kw_only=True)
class StageMet:
    """How many were at a stage when they met it. `part` names them."""

    part: str
    name: str
    owner: str
    number: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JourneyMet:
    """How many were on a journey when they met it, not yet through, by the stage that they had reached last."""

    journey_id: int
    name: str
    number: int
    stages: Sequence[StageMet]


@dataclass(frozen=True, slots=True, kw_only=True)
class Impact:
    """What an incident did, read at `as_of`, over `first` to `last` (ms).

    `affected`: everybody who met it, `times` how often; `withheld` of them don't allow analytics and are in nothing that follows.
    `complained` of those who met it within the time after, `usually` in as long a time before. `waiting`: whose time isn't over.
    `told` is none where nobody said what shows it. `loss` is none without a metric; `trouble` says why there is none.
    """

    as_of: int
    first: int
    last: int
    affected: int
    times: int
    withheld: int
    step: int
    by_step: Sequence[int]
    journeys: Sequence[JourneyMet]
    complained: Share
    usually: Share
    waiting: int
    told: Share | None
    loss: Forecast | None
    trouble: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Met:
    """Who met an incident and allows analytics: ids (`S16`, sorted) and when each first did; `everybody` with those who don't."""

    told: Told
    ids: np.ndarray
    at: np.ndarray
    everybody: np.ndarray
    everyone_at: np.ndarray
    times: int
    as_of: int
    first: int
    last: int
    zone: ZoneInfo
    workspace_id: int


def read_met(one: Incident, *, workspace_id: int, time_zone: str, now: int = 0) -> Met:
    """Return who met an incident. Raises Invalid, NotRunning."""
    import numpy as np

    told, as_of, zone = told_of(one), now or now_ms(), ZoneInfo(time_zone)
    last = min(one.last if one.last is not None else as_of, as_of)
    asked = ask_moments([told.affected], workspace=workspace_id, now=as_of, zone=zone, first=one.first, last=last)
    who, at = asked.customers, asked.at
    if told.among is not None:
        among = customers.who_meets(told.among, workspace_id=workspace_id, time_zone=time_zone, now=as_of)
        keep = np.isin(who, among)
        who, at = who[keep], at[keep]
    everybody, first = first_met(who, at)
    allowed = customers.permitted(workspace_id=workspace_id, customer_ids=map(_id, everybody), purpose=PURPOSE, at=as_of)
    keep = np.array([_id(each) in allowed for each in everybody], dtype=bool)
    return Met(
        told=told, ids=everybody[keep], at=first[keep], everybody=everybody, everyone_at=first, times=len(at), as_of=as_of, first=one.first,
        last=last, zone=zone, workspace_id=workspace_id,
    )  # fmt: skip


def read_impact(one: Incident, *, workspace_id: int, time_zone: str, now: int = 0) -> Impact:
    """Return what an incident did. Raises Invalid, NotRunning."""
    met = read_met(one, workspace_id=workspace_id, time_zone=time_zone, now=now)
    n = len(met.ids)
    step, counts = by_step(met.everyone_at, first=met.first // HOUR * HOUR, last=max(met.last - 1, met.first))
    loss, trouble = _loss(one, met, time_zone=time_zone)
    complained, before, told = _complained(met), _complained(met, before=True), _told(met)
    return Impact(
        as_of=met.as_of, first=met.first, last=met.last, affected=len(met.everybody), times=met.times, withheld=len(met.everybody) - n,
        step=step, by_step=counts, journeys=_journeys(met), complained=share(int(complained.sum()), n), usually=share(int(before.sum()), n),
        waiting=int((met.at + met.told.within.ms > met.as_of).sum()), told=None if told is None else share(int(told.sum()), n), loss=loss,
        trouble=trouble,
    )  # fmt: skip


def people_of(one: Incident, part: str, *, workspace_id: int, time_zone: str, now: int = 0) -> list[UUID]:
    """Return who is in a part of an impact, in the order of their ids, of those who allow analytics. Raises NotFound, Invalid.

    A part is one of PARTS, or a stage: `<journey>:<key>`.
    """
    met = read_met(one, workspace_id=workspace_id, time_zone=time_zone, now=now)
    match part:
        case "affected":
            return [_id(each) for each in met.ids]
        case "complained":
            inside = _complained(met)
        case "silent":
            inside = ~_complained(met)
        case "told" | "untold":
            told = _told(met)
            if told is None:
                raise Invalid("Nobody said what shows that a customer was told.")
            inside = told if part == "told" else ~told
        case _:
            inside = _at_stage(met, part)
    return [_id(each) for each in met.ids[inside]]


def _at_stage(met: Met, part: str) -> np.ndarray:
    number, _, key = part.partition(":")
    for journey in list_journeys(workspace_id=met.workspace_id):
        content = map_of(journey)
        if str(journey.pk) != number or content is None:
            continue
        stages = [each for each in content.stages if each.event is not None]
        for n, each in enumerate(stages[:-1]):
            if each.key == key:
                inside: np.ndarray = _stages(met, stages, content.within.ms) == n
                return inside
    raise NotFound("There is no such part of it.")


def _complained(met: Met, *, before: bool = False) -> np.ndarray:
    within = met.told.within.ms
    event = met.told.complaint or CONTACTS
    first, last = (met.first - within, met.last) if before else (met.first, met.last + within)
    found = _ask(met, [event], first, last)
    # Before: up to the moment itself, which is no complaint about it yet.
    after, until = (met.at - within - 1, met.at - 1) if before else (met.at, met.at + within)
    return did_within(met.ids, after, until, found.customers, found.at)


def _told(met: Met) -> np.ndarray | None:
    import numpy as np

    if met.told.told is None:
        return None
    found = _ask(met, [met.told.told], met.first, met.as_of)
    began, now = (np.full(len(met.ids), at) for at in (met.first - 1, met.as_of))
    return did_within(met.ids, began, now, found.customers, found.at)


def _journeys(met: Met) -> list[JourneyMet]:
    found = []
    for one in list_journeys(workspace_id=met.workspace_id):
        content = map_of(one)
        stages = [each for each in content.stages if each.event is not None] if content else []
        if content is None or len(stages) < 2 or not len(met.ids):
            continue
        at = _stages(met, stages, content.within.ms)
        parts = [
            StageMet(part=f"{one.pk}:{each.key}", name=each.name, owner=each.owner or one.owner, number=int((at == n).sum()))
            for n, each in enumerate(stages[:-1])  # who had reached the last one was through
        ]
        if sum(each.number for each in parts):
            found.append(JourneyMet(journey_id=one.pk, name=one.name, number=sum(each.number for each in parts), stages=parts))
    return sorted(found, key=lambda each: -each.number)


def _stages(met: Met, stages: Sequence[Stage], within: int) -> np.ndarray:
    events = [each.event for each in stages if each.event is not None]
    found = _ask(met, events, met.first - within, met.last)
    return stage_at(met.ids, met.at, within, found.customers, found.at, found.mask)


def _loss(one: Incident, met: Met, *, time_zone: str) -> tuple[Forecast | None, str]:
    metric_id = one.metric_id or metrics.metric_of_origin(met.workspace_id, "revenue")
    if metric_id is None:
        return None, ""
    try:
        return metrics.expect(
            workspace_id=met.workspace_id, time_zone=time_zone, metric_id=metric_id, first=met.first, last=met.last, now=met.as_of
        ), ""  # fmt: skip
    except (Invalid, NotFound) as error:
        return None, error.message


def _ask(met: Met, events: Sequence[Event], first: int, last: int) -> Moments:
    return ask_moments(events, workspace=met.workspace_id, now=met.as_of, zone=met.zone, first=first, last=min(last, met.as_of))


def _id(one: bytes) -> UUID:
    return UUID(bytes=bytes(one).ljust(16, b"\0"))


def ids_allowed(ids: Iterable[UUID], *, workspace_id: int, purpose: str) -> list[UUID]:
    """Return those of the customers whose data may be used for a purpose now, in their order. Raises Invalid for no purpose."""
    wanted = list(ids)
    allowed = customers.permitted(workspace_id=workspace_id, customer_ids=wanted, purpose=purpose)
    return [one for one in wanted if one in allowed]
