"""Measure a metric: its figure, the one before, its series, its breakdown. What every page, answer and file reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.asking import merged_there
from amity.engines.past.behaviour.language import Window
from amity.engines.past.behaviour.windows import EARLIEST, Span
from amity.kernel.clock import DAY, now_ms
from amity.kernel.intervals import Z95
from amity.rooms.metrics.contracts import Change, Figure, Measured, Point, Segment
from amity.rooms.metrics.queries.breaking import Breakdown, broken
from amity.rooms.metrics.queries.summing import Compared, Groups, fetch_rows, grouped, sums_by_period, sums_compared
from amity.rooms.metrics.rules.compiling import REST, Asked
from amity.rooms.metrics.rules.figuring import OF_CUSTOMERS, VALUES, change_between, figure_of, shape_of
from amity.rooms.metrics.rules.language import Definition, Percentile, Retention, Wait
from amity.rooms.metrics.rules.periods import before, days_of, steps, window_of
from amity.rooms.metrics.rules.quantiles import quantile
from amity.rooms.metrics.rules.statistics import CLEAR, Cross, Sums, adjusted, change_of

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """Whose metric, as of when: a workspace, its time zone, an instant (ms)."""

    workspace_id: int
    time_zone: str
    now: int = 0

    def zone(self, definition: Definition) -> ZoneInfo:
        """Return the metric's own zone, or the workspace's."""
        return ZoneInfo(definition.zone or self.time_zone)


def measure_definition(  # noqa: PLR0913  one argument for each part
    definition: Definition, scope: Scope, *, within: Window | None = None, by: str = "", breakdown: str = "", compare: bool = True,
    figure: bool = True, metric_id: int | None = None, version: int = 0,
) -> Measured:  # fmt: skip
    """Return a definition measured. `within` takes the place of its window; `by` makes a series, `breakdown` segments.

    `compare`: with the figure before. Raises Invalid with what to mend, NotRunning.
    """
    scope = replace(scope, now=scope.now or now_ms())
    zone = scope.zone(definition)
    window = within or definition.within
    span = window_of(window, now=scope.now, zone=zone)
    work = _Work(definition, scope, zone, span, before(window, span, now=scope.now, zone=zone))
    whole = work.figures(Breakdown(), compare=compare) if figure else {}
    now, was, change = whole.get("", work.nothing())
    return Measured(
        metric_id=metric_id, version=version, of_customers=isinstance(definition.measure, OF_CUSTOMERS), shape=shape_of(definition.measure, definition.unit), unit=definition.unit,
        direction=definition.direction, zone=zone.key, first=work.first(), last=span.last, figure=now,
        previous=was if compare else None, change=change if compare else None, by=by,
        series=work.series(by) if by else (), segments=work.segments(breakdown, compare=compare) if breakdown else (),
    )  # fmt: skip


class _Work:
    """One definition over one window."""

    def __init__(self, definition: Definition, scope: Scope, zone: ZoneInfo, span: Span, previous: Span) -> None:
        from amity.engines.past.client import errors, past

        self.definition, self.scope, self.zone, self.span, self.previous = definition, scope, zone, span, previous
        self.measure = definition.measure
        with errors():
            self.merged = merged_there(past(), scope.workspace_id)

    def first(self) -> int:
        """Return where the window begins; for all of the past, a year that dates can have."""
        return max(self.span.first, 0) if self.span.first == EARLIEST else self.span.first

    def nothing(self) -> tuple[Figure, Figure, None]:
        """Return what a measure comes to where nothing happened."""
        none = self._figure(Sums(), self.span)
        return none, none, None

    def figures(self, one: Breakdown, *, compare: bool) -> Mapping[str, tuple[Figure, Figure | None, Change | None]]:
        """Return figure, the one before and the change by segment."""
        spans = [self.previous, self.span] if compare or isinstance(self.measure, Retention) else [self.span]
        if compare and isinstance(self.measure, Retention):
            length = self.previous.last - self.previous.first + 1
            spans = [Span(first=self.previous.first - length, last=self.previous.first - 1), *spans]
        new, old = len(spans) - 1, len(spans) - 2
        asked = self._asked(spans, one)
        groups = self._groups(one)
        if isinstance(self.measure, VALUES):
            return self._values_compared(asked, groups, one.top or (), new=new, old=old)
        found = sums_compared(asked, groups, new=new, old=old, top=one.top or ())
        return {g: self._pair(each) for g, each in found.items()}

    def series(self, by: str) -> list[Point]:
        """Return the figure of each calendar step."""
        ahead = 1 if isinstance(self.measure, Retention) else 0
        every = steps(self._floor(), by, self.zone, ahead=ahead)
        first = self._floor().first if not ahead else every[0].first
        asked = self._asked([Span(first=first, last=self.span.last)], Breakdown(), calendar=(by, [one.key for one in every]))
        groups = self._groups(Breakdown())
        if isinstance(self.measure, VALUES):
            found = self._values_by_period(asked, groups)
        else:
            sums = sums_by_period(asked, groups)
            found = {p: self._figure(one, Span(first=every[p].first, last=every[p].last)) for (_, p), one in sums.items()}
        points = []
        for n, step in enumerate(every[ahead:], ahead):
            figure = found.get(n) or self._figure(Sums(), Span(first=step.first, last=step.last))
            whole = step.first >= self.span.first and step.last <= min(self.span.last, self.scope.now)
            points.append(Point(first=step.first, last=step.last, figure=figure, whole=whole))
        return points

    def segments(self, breakdown: str, *, compare: bool) -> list[Segment]:
        """Return the figure of each value of a breakdown, the largest first; changes adjusted for how many there are."""
        asked = self._asked([self.span], Breakdown(of=breakdown))
        one = broken(breakdown, asked, workspace_id=self.scope.workspace_id, time_zone=self.scope.time_zone)
        found = self.figures(one, compare=compare)
        rows = [
            Segment(value="" if g == REST else g, rest=g == REST, figure=now, previous=was, change=change)
            for g, (now, was, change) in found.items()
            if now.events or now.customers or (was and was.events)
        ]
        rows.sort(key=lambda row: (row.rest, -row.figure.events, row.value))
        return _adjusted(rows)

    def _floor(self) -> Span:
        """Return the window, where it is all of the past from the first interaction that there is."""
        if self.span.first > EARLIEST:
            return self.span
        from amity.engines.past.client import ask

        [row] = ask(package="amity.rooms.metrics", name="earliest", workspace_id=self.scope.workspace_id)
        return Span(first=max(int(row["first"]), self.span.last - 700 * DAY), last=self.span.last)

    def _asked(self, spans: Sequence[Span], one: Breakdown, calendar: tuple[str, Sequence[int]] | None = None) -> Asked:
        of = one.of if one.of and ":" not in one.of else ""
        return Asked(
            self.measure, workspace=self.scope.workspace_id, zone=self.zone, merged=self.merged, periods=spans, calendar=calendar,
            of=of, top=one.top, now=self.scope.now,
        )  # fmt: skip

    def _groups(self, one: Breakdown) -> Groups:
        among = None
        if self.definition.among is not None:
            from amity.rooms.customers import api as customers

            among = customers.who_meets(
                self.definition.among, workspace_id=self.scope.workspace_id, time_zone=self.scope.time_zone, now=self.scope.now
            )
        return Groups(among=among, segments=one.segments)

    def _figure(self, sums: Sums, span: Span) -> Figure:
        if isinstance(self.measure, VALUES):
            return _quantile((), (), 50)
        return figure_of(self.measure, sums, days=days_of(span, self.zone) if span.first > EARLIEST else 1)

    def _pair(self, one: Compared) -> tuple[Figure, Figure, Change | None]:
        new, old = self._figure(one.new, self.span), self._figure(one.old, self.previous)
        if new.few or old.few:
            return new, old, None
        days = (1, 1) if self.span.first == EARLIEST else (days_of(self.span, self.zone), days_of(self.previous, self.zone))
        return new, old, change_between(self.measure, one.new, one.old, one.cross, days=days)

    def _values_compared(
        self, asked: Asked, groups: Groups, top: Sequence[str], *, new: int, old: int
    ) -> dict[str, tuple[Figure, Figure | None, Change | None]]:
        import numpy as np

        rows = grouped(fetch_rows(asked, asked.values(), ("v",), top=top), groups)
        found: dict[str, tuple[Figure, Figure | None, Change | None]] = {}
        for n in np.unique(rows.g):
            now, was = (self._of(rows.ids, rows.parts["v"], (rows.g == n) & (rows.p == p)) for p in (new, old))
            found[rows.names[n]] = now, was, _moved(now, was)
        return found

    def _values_by_period(self, asked: Asked, groups: Groups) -> dict[int, Figure]:
        import numpy as np

        rows = grouped(fetch_rows(asked, asked.values(), ("v",)), groups)
        return {int(p): self._of(rows.ids, rows.parts["v"], rows.p == p) for p in np.unique(rows.p)}

    def _of(self, ids: object, values: object, where: object) -> Figure:
        assert isinstance(self.measure, Percentile | Wait)  # noqa: S101
        return _quantile(values[where], ids[where], float(self.measure.at))  # type: ignore[index]


def _quantile(values: object, ids: object, at: float) -> Figure:
    import numpy as np

    _, whose = np.unique(np.asarray(ids), return_inverse=True)
    return quantile(np.asarray(values, dtype=np.float64), whose, at=at)


def _moved(now: Figure, was: Figure) -> Change | None:
    """Return how a percentile changed, its error read off the widths of both intervals, as if nobody were in both."""
    if now.few or was.few or now.value is None or was.value is None:
        return None
    widths = [((one.high or 0.0) - (one.low or 0.0)) / (2 * Z95) for one in (now, was)]
    return change_of(now.value - was.value, (widths[0] ** 2 + widths[1] ** 2) ** 0.5)


def _adjusted(rows: Sequence[Segment]) -> list[Segment]:
    compared = [n for n, row in enumerate(rows) if row.change is not None]
    found = list(rows)
    ps = adjusted([row.change.p for row in rows if row.change is not None])
    for n, p in zip(compared, ps, strict=True):
        change = found[n].change
        if change is not None:
            found[n] = replace(found[n], change=replace(change, adjusted=p, clear=p <= CLEAR))
    return found


__all__ = ["Cross", "Scope", "measure_definition"]
