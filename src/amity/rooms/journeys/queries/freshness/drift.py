"""Whether a map still says what customers do: its stages since it was last looked through, beside the time before."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.language import Event
from amity.engines.past.behaviour.moments import NAME, Moments, ask_moments
from amity.engines.past.behaviour.windows import resolve
from amity.kernel.clock import DAY
from amity.rooms.journeys.contracts import Share
from amity.rooms.journeys.rules.freshness.changes import Apart, apart, moved, pace
from amity.rooms.journeys.rules.funnels.attempts import Attempts, count_attempts
from amity.rooms.journeys.rules.intervals import share
from amity.rooms.journeys.rules.maps.language import JourneyMap, Measured, measured

LONGEST = 90 * DAY  # that is looked at on either side
OFTEN = 0.1  # of the cases: an interaction that a map should know
MOST_NEW = 12


@dataclass(frozen=True, slots=True, kw_only=True)
class StageDrift:
    """A stage, of those who came to the needed one before; the first of who began: how many a day. `change` is of that share or rate."""

    key: str
    name: str
    now: Share
    then: Share
    change: Apart
    moved: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """An interaction that the map doesn't know, by the share of cases in which it is done."""

    name: str
    now: Share
    then: Share
    change: Apart
    new: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Drift:
    """What the data did since a review and before: cases that began from `first_then` to before `first_now`, and from there to `last_now`."""

    first_then: int
    first_now: int
    last_now: int
    stages: Sequence[StageDrift]
    unknown: Sequence[Unknown]

    @property
    def number(self) -> int:
        """How many things moved or are new."""
        return sum(one.moved for one in self.stages) + sum(one.new for one in self.unknown)


def drift_of(content: JourneyMap, *, reviewed_at: int, workspace_id: int, time_zone: str, as_of: int) -> Drift | None:
    """Return what changed since a map was looked through (ms); None where too little can be measured, or not yet.

    Cases whose time isn't over are in neither side. Raises Invalid, NotRunning.
    """
    asked = measured(content)
    last_now = as_of - content.within.ms
    if asked is None or last_now - reviewed_at < DAY:
        return None
    zone = ZoneInfo(time_zone)
    period = resolve(asked.funnel.period, now=as_of, zone=zone)
    long = min(max(as_of - period.first, DAY), LONGEST)
    first_now, first_then = max(reviewed_at, last_now - LONGEST), reviewed_at - long

    def ask(events: Sequence[Event], shown: str = "") -> Moments:
        return ask_moments(events, workspace=workspace_id, now=as_of, zone=zone, first=first_then, last=as_of, shown=shown)

    walked = ask([step.event for step in asked.funnel.steps])
    optional = [step.optional for step in asked.funnel.steps]

    def count(first: int, last: int) -> Attempts:
        return count_attempts(walked, optional=optional, order="ordered", within=content.within.ms, first=first, last=last)

    then, now = count(first_then, reviewed_at - 1), count(first_now, last_now)
    days = ((last_now - first_now) / DAY, long / DAY)
    stages = _stages(content, asked, optional, now, then, days)
    named = ask([Event()], f"{NAME}")
    events = {step.event.name for step in asked.funnel.steps}
    unknown = _unknown(named, now, then, within=content.within.ms, known=events)
    return Drift(first_then=first_then, first_now=first_now, last_now=last_now, stages=stages, unknown=unknown)


def _stages(  # noqa: PLR0913, PLR0917  one argument for each part
    content: JourneyMap, asked: Measured, optional: Sequence[bool], now: Attempts, then: Attempts, days: tuple[float, float]
) -> list[StageDrift]:
    found = []
    for n, place in enumerate(asked.stages):
        before = max((k for k in range(n) if not optional[k]), default=0)
        of_now, of_then = (
            share(int(one.reached[:, n].sum()), int(one.reached[:, before].sum()) if n else len(one.reached))
            for one in (now, then)
        )
        change = apart(of_now, of_then) if n else pace(of_now.n, of_then.n, days_now=days[0], days_then=days[1])
        went = moved(change) if n else change.sure and not 2 / 3 < change.value < 3 / 2
        stage = content.stages[place]
        found.append(StageDrift(key=stage.key, name=stage.name, now=of_now, then=of_then, change=change, moved=went))
    return found


def _unknown(named: Moments, now: Attempts, then: Attempts, *, within: int, known: set[str]) -> list[Unknown]:
    """Return interactions that are frequent within cases of now and stand on no stage; those that became more first."""
    sides = [_in_cases(named, one, within) for one in (now, then)]
    found = []
    for hashed, number in sides[0].items():
        name = named.names.get(hashed, "")
        if not name or name in known or number < OFTEN * len(now.customers):
            continue
        of_now, of_then = share(number, len(now.customers)), share(sides[1].get(hashed, 0), len(then.customers))
        change = apart(of_now, of_then)
        found.append(Unknown(name=name, now=of_now, then=of_then, change=change, new=change.value > 0 and moved(change)))
    return sorted(found, key=lambda one: (-one.new, -one.now.value, one.name))[:MOST_NEW]


def _in_cases(named: Moments, attempts: Attempts, within: int) -> dict[int, int]:
    """Return in how many cases each interaction is done, by the hash of its name."""
    import numpy as np

    if not len(attempts.customers) or not len(named):
        return {}
    order = np.argsort(attempts.customers, kind="stable")
    who, begun = attempts.customers[order], attempts.at[order, 0]
    place = np.minimum(np.searchsorted(who, named.customers), len(who) - 1)
    inside = (who[place] == named.customers) & (named.at >= begun[place]) & (named.at <= begun[place] + within)
    values, code = np.unique(named.shown[inside], return_inverse=True)
    once = np.unique(place[inside] * max(len(values), 1) + code)
    counts = np.bincount(once % max(len(values), 1), minlength=len(values))
    return {int(value): int(count) for value, count in zip(values, counts, strict=True)}
