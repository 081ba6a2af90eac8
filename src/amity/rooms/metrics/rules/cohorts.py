"""Cohorts: customers by the period of their first interaction, and the share of them in each period after. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from amity.rooms.metrics.contracts import Figure
from amity.rooms.metrics.rules.periods import Step
from amity.rooms.metrics.rules.statistics import Sums, proportion

SHOWN: Mapping[str, int] = {"week": 16, "month": 12}


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """So many of a cohort had it again, `later` periods after. `whole`: that period is over, so the share can't grow any more."""

    later: int
    back: int
    figure: Figure
    whole: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cohort:
    """Customers whose first interaction fell into a step; `whole`: that is over, so nobody joins them any more."""

    step: Step
    customers: int
    whole: bool
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True, kw_only=True)
class Grid:
    """Cohorts, the oldest first, and all of them together over the periods that are over."""

    by: str
    cohorts: Sequence[Cohort]
    together: Sequence[Cell]


def grid_of(counts: Mapping[tuple[int, int], int], steps: Sequence[Step], *, by: str, now: int) -> Grid:
    """Return the grid of how many customers of each (cohort, periods later) there are."""
    cohorts = []
    for n, step in enumerate(steps):
        size = counts.get((n, 0), 0)
        cells = [
            _cell(later, counts.get((n, later), 0), size, whole=steps[n + later].last <= now) for later in range(len(steps) - n)
        ]
        cohorts.append(Cohort(step=step, customers=size, whole=step.last <= now, cells=cells))
    together = []
    for later in range(len(steps)):
        over = [one for one in cohorts if later < len(one.cells) and one.cells[later].whole]
        size = sum(one.customers for one in over)
        if size:
            together.append(_cell(later, sum(one.cells[later].back for one in over), size, whole=True))
    return Grid(by=by, cohorts=cohorts, together=together)


def _cell(later: int, back: int, size: int, *, whole: bool) -> Cell:
    """Return a cell with Wilson's interval; each customer counts once."""
    sums = Sums(n=size, events=back, y=float(back), x=float(size), yy=float(back), xx=float(size), xy=float(back))
    return Cell(later=later, back=back, figure=proportion(sums), whole=whole)
