"""Tests of journeys, run against what is there now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from amity.engines.past.behaviour.language import Since, Window
from amity.kernel.errors import Invalid, NotFound
from amity.rooms.journeys.models import Journey
from amity.rooms.journeys.queries.conformance.judging import Judged, judged_cases
from amity.rooms.journeys.queries.conformance.kept import accepted_of, question_of
from amity.rooms.journeys.queries.funnels.count import count_funnel
from amity.rooms.journeys.queries.maps.kept import list_journeys, map_of
from amity.rooms.journeys.rules.checks.language import TIMES, Check, Checks
from amity.rooms.journeys.rules.conformance.language import Conformance
from amity.rooms.journeys.rules.funnels.lines import value_of
from amity.rooms.journeys.rules.intervals import share
from amity.rooms.journeys.rules.maps.language import measured
from amity.rooms.metrics import api as metrics

if TYPE_CHECKING:
    from amity.rooms.journeys.contracts import FunnelFigures
    from amity.rooms.trust.contracts import WorkspaceInfo

_BEGINNING = "1971-01-01"  # of a metric, which always has a window


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a test came out: `passed`, what was found in words, of how many."""

    journey: str
    check: Check
    passed: bool
    found: str
    n: int


@dataclass(frozen=True, slots=True, kw_only=True)
class _Value:
    value: float | None
    n: int
    low: float | None = None
    high: float | None = None


def run_checks(asked: Sequence[Checks], *, where: WorkspaceInfo, as_of: int) -> list[Outcome]:
    """Return the outcome of each test at an instant (ms). Raises Invalid, with the line, for what isn't there; NotRunning."""
    return [outcome for one in asked for outcome in _Run(one, where, as_of).outcomes()]


class _Run:
    """The tests of one journey; what several of them need is asked once."""

    def __init__(self, asked: Checks, where: WorkspaceInfo, as_of: int) -> None:
        self.asked, self.where, self.as_of = asked, where, as_of
        self.journey = self._journey()
        self.period: Window | None = msgspec.convert(asked.period, Window | None)
        self._figures: FunnelFigures | None = None
        self._judged: tuple[Conformance, Judged] | None = None

    def outcomes(self) -> list[Outcome]:
        return [self._outcome(one) for one in self.asked.checks]

    def _outcome(self, one: Check) -> Outcome:
        try:
            found = {
                "metric": self._metric, "time": self._time, "reach": self._reach, "rework": self._rework, "fitness": self._fitness,
                "conforming": self._conforming, "deviation": self._deviation,
            }[one.subject](one)  # fmt: skip
        except (Invalid, NotFound) as error:
            said = error.message
            raise Invalid(said if said.startswith("Line ") else f"Line {one.line}: {said}") from None
        unit = one.unit if one.subject != "metric" else ""
        if found.n < one.least:
            return Outcome(
                journey=self.journey.name,
                check=one,
                passed=False,
                found=f"only n = {found.n:,}, and {one.least:,} are needed",
                n=found.n,
            )
        if found.value is None:
            return Outcome(journey=self.journey.name, check=one, passed=False, found="nothing to measure", n=found.n)
        between = ""
        if found.low is not None and found.high is not None:
            between = f" (95%: {_said(found.low, one, unit)} to {_said(found.high, one, unit)})"
        return Outcome(
            journey=self.journey.name, check=one, passed=one.holds(found.value),
            found=f"{_said(found.value, one, unit)}{between}, n = {found.n:,}", n=found.n,
        )  # fmt: skip

    def _journey(self) -> Journey:
        named = [one for one in list_journeys(workspace_id=self.where.id) if one.name == self.asked.journey]
        if not named:
            raise Invalid(f"Line {self.asked.line}: there is no journey named {self.asked.journey!r} in {self.where.slug}.")
        return named[0]

    def _funnel(self) -> FunnelFigures:
        if self._figures is None:
            content = map_of(self.journey)
            asked = measured(content) if content is not None else None
            if asked is None:
                raise Invalid("the map names the events of fewer than two stages, so nothing of it is counted.")
            funnel = asked.funnel if self.asked.its_own else msgspec.structs.replace(asked.funnel, period=self.period)
            self._figures = count_funnel(funnel, workspace_id=self.where.id, time_zone=self.where.time_zone, as_of=self.as_of)
        return self._figures

    def _cases(self) -> tuple[Conformance, Judged]:
        if self._judged is None:
            asked = question_of(self.journey, case=value_of(self.asked.case), period=self.period, its_own=self.asked.its_own)
            self._judged = (asked, judged_cases(
                asked, workspace_id=self.where.id, time_zone=self.where.time_zone, currency=self.where.currency, as_of=self.as_of
            ))  # fmt: skip
        return self._judged

    def _step(self, one: Check) -> Any:
        steps = self._funnel().whole.steps
        if not one.name:
            return steps[-1]
        return steps[_place(one.name, [step.name for step in steps])]

    def _time(self, one: Check) -> _Value:
        took = self._step(one).from_first
        if took is None:
            return _Value(value=None, n=0)
        value = {"p25": took.p25, "p75": took.p75, "p90": took.p90}.get(one.at, took.p50)
        middle = one.at in {"median", "p50"}
        return _Value(value=value, n=took.n, low=took.low if middle else None, high=took.high if middle else None)

    def _reach(self, one: Check) -> _Value:
        found = self._step(one).of_first
        return _Value(value=found.value, n=found.n, low=found.low, high=found.high)

    def _rework(self, one: Check) -> _Value:
        """Return how often, on average, a case does stages beyond the first time, of those that may not come again or of one stage."""
        import numpy as np

        asked, judged = self._cases()
        again = np.maximum(judged.times - 1, 0)
        if one.name:
            each = again[:, _place(one.name, [stage.name for stage in asked.stages])]
        else:
            each = again[:, [not stage.repeats for stage in asked.stages]].sum(axis=1)
        n = len(each)
        if n < 2:
            return _Value(value=float(each.mean()) if n else None, n=n)
        mean, half = float(each.mean()), 1.959963984540054 * float(each.std(ddof=1)) / n**0.5
        return _Value(value=mean, n=n, low=max(mean - half, 0.0), high=mean + half)

    def _fitness(self, one: Check) -> _Value:  # noqa: ARG002  as the others
        _, judged = self._cases()
        return _Value(value=judged.found.fitness, n=len(judged.customers))

    def _conforming(self, one: Check) -> _Value:  # noqa: ARG002  as the others
        asked, judged = self._cases()
        good = int(judged.conforming(accepted_of(self.journey), [stage.key for stage in asked.stages]).sum())
        found = share(good, len(judged.customers))
        return _Value(value=found.value, n=found.n, low=found.low, high=found.high)

    def _deviation(self, one: Check) -> _Value:
        asked, judged = self._cases()
        stage = _place(one.name, [each.name for each in asked.stages])
        number = next((len(each.cases) for each in judged.deviations if (each.kind, each.stage) == (one.at, stage)), 0)
        found = share(number, len(judged.customers))
        return _Value(value=found.value, n=found.n, low=found.low, high=found.high)

    def _metric(self, one: Check) -> _Value:
        named = [each for each in metrics.list_metrics(workspace_id=self.where.id) if one.name in {each.name, str(each.pk)}]
        if not named:
            raise Invalid(f"there is no metric named {one.name!r} in {self.where.slug}.")
        found = metrics.measure(
            workspace_id=self.where.id, time_zone=self.where.time_zone, metric_id=named[0].pk, compare=False, now=self.as_of,
            within=None if self.asked.its_own else self.period or Since(date=_BEGINNING),
        )  # fmt: skip
        scale = _scale(one, found.shape, found.unit)
        figure = found.figure

        def scaled(value: float | None) -> float | None:
            return None if value is None else value * scale

        return _Value(value=scaled(figure.value), n=figure.events, low=scaled(figure.low), high=scaled(figure.high))


def _scale(one: Check, shape: str, unit: str) -> float:
    """Return what a metric's value is multiplied by, to be in the unit of the test. Raises Invalid where the units don't fit."""
    if shape == "share":
        if one.unit != "%":
            raise Invalid("this metric is a share: give a percent sign.")
        return 100.0
    mine = 1_000 if shape == "seconds" else TIMES.get(unit)
    if one.unit in TIMES and mine is not None:
        return mine / TIMES[one.unit]
    if one.unit or shape == "seconds":
        raise Invalid(
            f"this metric is counted in {unit or 'numbers'}" + ("; give a unit of time." if shape == "seconds" else ".")
        )
    return 1.0


def _place(name: str, names: Sequence[str]) -> int:
    if name not in names:
        raise Invalid(f"the map has no measured stage named {name!r}. There are: {', '.join(names)}.")
    return names.index(name)


def _said(value: float, one: Check, unit: str) -> str:
    if one.subject == "time":
        return f"{value / TIMES[unit]:,.3g} {unit}"
    if unit == "%":
        return f"{value:.1%}"
    return f"{value:,.4g}{' ' if one.unit not in {'', '%'} else ''}{one.unit}"
