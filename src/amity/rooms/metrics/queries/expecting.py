"""What a metric was to come to in a window, from the same hours of earlier weeks: the forecast of alerts, for a window of any length."""

from __future__ import annotations

from amity.engines.past.behaviour.asking import merged_there
from amity.engines.past.behaviour.windows import Span
from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.metrics.contracts import Forecast, Point
from amity.rooms.metrics.models import Metric
from amity.rooms.metrics.queries.lists import accessible_metric, definition_of, definitions_of, list_metrics, version_of
from amity.rooms.metrics.queries.measuring import Scope
from amity.rooms.metrics.queries.summing import Groups, sums_by_period
from amity.rooms.metrics.rules.compiling import Asked
from amity.rooms.metrics.rules.earlier import earlier
from amity.rooms.metrics.rules.figuring import TOTALS, figure_of, shape_of
from amity.rooms.metrics.rules.language import Definition
from amity.rooms.metrics.rules.statistics import Sums
from amity.rooms.metrics.rules.watching import Watch, judge

CHANCE = 0.05  # that a window in which nothing happened lies outside of its range


def expect(  # noqa: PLR0913  one argument for each part
    *, workspace_id: int, time_zone: str, metric_id: int, first: int, last: int, now: int = 0
) -> Forecast:
    """Return what a metric came to from `first` to `last` (ms), and what was expected of it. Raises Invalid, NotFound, NotRunning.

    Expected is what alerts expect (rules.watching): the median of the same hours of the six weeks before, moved by the median error of
    such forecasts; the range is their 95 % prediction interval.
    """
    metric = accessible_metric(workspace_id=workspace_id, metric_id=metric_id)
    definition = definition_of(version_of(metric))
    if not isinstance(definition.measure, TOTALS):
        raise Invalid("What was lost is read off a metric that adds up: a sum, or a count.")
    scope = Scope(workspace_id=workspace_id, time_zone=time_zone, now=now or now_ms())
    return _expected(metric, definition, scope, Span(first=first, last=last))


def metrics_that_add_up(workspace_id: int) -> list[tuple[int, str]]:
    """Return (id, name) of the metrics of which a loss can be told, by name."""
    found = list_metrics(workspace_id=workspace_id)
    held = definitions_of(found)
    return [(one.pk, one.name) for one in found if isinstance(definition_of(held[one.pk]).measure, TOTALS)]


def metric_of_origin(workspace_id: int, origin: str) -> int | None:
    """Return the id of the metric in use that was made of a shipped one."""
    return Metric.objects.filter(workspace_id=workspace_id, origin=origin, archived_at=None).values_list("pk", flat=True).first()


def _expected(metric: Metric, definition: Definition, scope: Scope, span: Span) -> Forecast:
    from amity.engines.past.client import ask, errors, past

    zone, measure = scope.zone(definition), definition.measure
    by, before = earlier(span, zone=zone)
    [row] = ask(package="amity.rooms.metrics", name="earliest", workspace_id=scope.workspace_id)
    before = [one for one in before if one.first >= int(row["first"])]  # nothing was counted yet isn't nothing happened
    spans = [*before, span]
    with errors():
        merged = merged_there(past(), scope.workspace_id)
    among = None
    if definition.among is not None:
        from amity.rooms.customers import api as customers

        among = customers.who_meets(definition.among, workspace_id=scope.workspace_id, time_zone=scope.time_zone, now=scope.now)
    asked = Asked(measure, workspace=scope.workspace_id, zone=zone, merged=merged, periods=spans, now=scope.now)
    sums = sums_by_period(asked, Groups(among=among))
    points = [
        Point(first=one.first, last=one.last, figure=figure_of(measure, sums.get(("", n), Sums()), days=1), whole=True)
        for n, one in enumerate(spans)
    ]
    step = judge(points, Watch(by=by, chance=CHANCE), zone=zone, shape=shape_of(measure), total=True)[-1]
    figure = step.point.figure
    return Forecast(
        metric_id=metric.pk, name=metric.name, unit=definition.unit, direction=definition.direction, value=figure.value or 0.0,
        expected=step.expected, low=step.low, high=step.high, events=figure.events, customers=figure.customers,
        weeks=len(before) // 7 if by == "day" else len(before), why=step.why,
    )  # fmt: skip
