"""A metric's steps held against what was to be expected of them, and which segments explain a change."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.asking import merged_there
from amity.engines.past.behaviour.language import Between
from amity.engines.past.behaviour.windows import Span
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.metrics.contracts import Point
from amity.rooms.metrics.models import AlertRule
from amity.rooms.metrics.queries.breaking import AUDIENCE, TRAIT, broken
from amity.rooms.metrics.queries.measuring import Scope, measure_definition
from amity.rooms.metrics.queries.summing import Groups, sums_by_period
from amity.rooms.metrics.rules.compiling import REST, Asked
from amity.rooms.metrics.rules.explaining import Part, Sides, parts_of, ranked
from amity.rooms.metrics.rules.figuring import TOTALS, VALUES, shape_of
from amity.rooms.metrics.rules.language import Definition
from amity.rooms.metrics.rules.statistics import Sums
from amity.rooms.metrics.rules.watching import PLANS, Judged, Watch, judge

WEEKS = 4  # what an episode is explained against: the same time in so many weeks before
_AT_ONCE = 30  # days whose hours are read at once


def watch_of(rule: AlertRule) -> Watch:
    """Return what a rule watches for."""
    return Watch(
        by=rule.step, side=rule.side, limit=rule.limit, back=rule.back, sure=rule.sure, chance=rule.chance, row=rule.row,  # type: ignore[arg-type]
    )  # fmt: skip


def judged_steps(  # noqa: PLR0913  one argument for each part
    definition: Definition, scope: Scope, watch: Watch, *, first: int, last: int = 0, grace: int = 0
) -> list[Judged]:
    """Return the steps from `first` (ms) to `last` (now, unless told) with what was expected of each. Raises Invalid, NotRunning.

    A step counts as over once it has been so for `grace` ms: interactions of its end may be under way.
    """
    scope = replace(scope, now=scope.now or now_ms())
    zone, last = scope.zone(definition), last or scope.now
    reach = 0 if watch.limit is not None else PLANS[watch.by].days * DAY
    points = _points(definition, scope, watch.by, zone, Span(first=first - reach, last=last))
    points = [replace(one, whole=one.whole and one.last + grace <= scope.now) for one in points]
    steps = judge(
        points, watch, zone=zone, shape=shape_of(definition.measure), total=isinstance(definition.measure, TOTALS)
    )  # fmt: skip
    return [one for one in steps if first <= one.point.last and one.point.first <= last]


def explained(definition: Definition, scope: Scope, breakdowns: list[str], *, first: int, last: int) -> list[Part]:
    """Return which segments explain the change of a time (ms) against the same time in the weeks before, those that do most first.

    Percentiles and retention aren't sums of their segments' parts: nothing is returned of them. A breakdown that is none is left out.
    """
    from amity.engines.past.client import errors, past

    measure = definition.measure
    if isinstance(measure, VALUES) or not breakdowns or measure.__struct_config__.tag in {"retention", "session"}:
        return []
    scope = replace(scope, now=scope.now or now_ms())
    zone, length = scope.zone(definition), last - first + 1
    apart = -(-length // (7 * DAY)) * 7 * DAY
    spans = [Span(first=first - n * apart, last=last - n * apart) for n in range(WEEKS, -1, -1)]
    with errors():
        merged = merged_there(past(), scope.workspace_id)
    among = None
    if definition.among is not None:
        from amity.rooms.customers import api as customers

        among = customers.who_meets(definition.among, workspace_id=scope.workspace_id, time_zone=scope.time_zone, now=scope.now)
    parts: list[Part] = []
    for of in breakdowns:
        held = of.startswith((TRAIT, AUDIENCE))

        def asked(top: list[str] | None = None, of: str = "" if held else of) -> Asked:
            return Asked(
                measure, workspace=scope.workspace_id, zone=zone, merged=merged, periods=spans, of=of, top=top, now=scope.now
            )

        try:
            one = broken(of, asked(), workspace_id=scope.workspace_id, time_zone=scope.time_zone)
        except Invalid:
            continue
        top = None if held else list(one.top or ())
        if len(one.segments or top or ()) < 2:
            continue  # what is all of it explains nothing
        sums = sums_by_period(asked(top), Groups(among=among, segments=one.segments), top=top or ())
        names = {g for g, _ in sums}
        sides = {
            g: Sides(now=sums.get((g, WEEKS), Sums()), before=[sums.get((g, n), Sums()) for n in range(WEEKS)]) for g in names
        }
        scale = 100.0 if shape_of(measure) == "score" else 1.0
        parts += parts_of(of, sides, total=isinstance(measure, TOTALS), scale=scale, rest=REST)
    return ranked(parts)


def _points(definition: Definition, scope: Scope, by: str, zone: ZoneInfo, span: Span) -> list[Point]:
    """Return a series of whole days, read in parts where a step is an hour."""
    day, until = (datetime.fromtimestamp(at / 1000, zone).date() for at in (max(span.first, 0), span.last))
    if by == "week":
        day -= timedelta(days=day.weekday())
    points: list[Point] = []
    while day <= until:
        end = min(day + timedelta(days=_AT_ONCE - 1), until) if by == "hour" else until
        within = Between(first=day.isoformat(), last=end.isoformat())
        points += measure_definition(definition, scope, within=within, by=by, compare=False, figure=False).series
        day = end + timedelta(days=1)
    return [one for one in points if one.first <= scope.now]
