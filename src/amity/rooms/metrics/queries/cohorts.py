"""Who came back: cohorts by their first interaction, counted in the past, and the customers of a cell."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.asking import merged_there
from amity.engines.past.behaviour.windows import EARLIEST, Span
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.metrics.queries.measuring import Scope
from amity.rooms.metrics.queries.summing import Groups, Rows, asked_rows, fetch_rows, grouped
from amity.rooms.metrics.rules.cohorts import SHOWN, Grid, grid_of
from amity.rooms.metrics.rules.compiling import Asked
from amity.rooms.metrics.rules.language import Count, Definition, Retention
from amity.rooms.metrics.rules.periods import Step, steps

if TYPE_CHECKING:
    import numpy as np

_DAYS = {"week": 7, "month": 31}


def cohort_grid(definition: Definition, scope: Scope, *, by: str) -> Grid:
    """Return the cohorts of the interaction that a retention metric is of, by week or month. Raises Invalid, NotRunning."""
    scope = replace(scope, now=scope.now or now_ms())
    zone, every = _steps(definition, scope, by)
    asked = _asked(definition, scope, zone, by, every)
    if definition.among is None:
        sql = f"SELECT toInt64(v), p, count() FROM ({asked.returns()}) GROUP BY v, p"  # noqa: S608
        counts = {(int(v), int(p)): int(number) for v, p, number in asked_rows(sql, asked.params)}
    else:
        import numpy as np

        rows = _rows(asked, definition, scope)
        pairs, numbers = np.unique(
            np.stack([rows.parts["v"].astype(np.int64), rows.p.astype(np.int64)]), axis=1, return_counts=True
        )
        counts = {(int(v), int(p)): int(number) for v, p, number in zip(*pairs, numbers, strict=True)}
    return grid_of(counts, every, by=by, now=scope.now)


def customers_of_cell(  # noqa: PLR0913  one argument for each part
    definition: Definition, scope: Scope, *, by: str, first: int, later: int, after: UUID | None = None, limit: int = 50
) -> tuple[int, list[UUID]]:
    """Return how many customers are in a cell (of the cohort that began at `first`, ms), and some of them in the order of their ids."""
    import numpy as np

    scope = replace(scope, now=scope.now or now_ms())
    zone, every = _steps(definition, scope, by)
    at = next((n for n, step in enumerate(every) if step.first == first), None)
    if at is None:
        raise Invalid("That cohort isn't in the grid any more.")
    rows = _rows(_asked(definition, scope, zone, by, every), definition, scope)
    ids: np.ndarray = np.sort(rows.ids[(rows.parts["v"] == at) & (rows.p == later)])
    start = 0 if after is None else int(np.searchsorted(ids, np.array([after.bytes], dtype="S16")[0], side="right"))
    return len(ids), [UUID(bytes=bytes(one).ljust(16, b"\0")) for one in ids[start : start + limit]]


def _steps(definition: Definition, scope: Scope, by: str) -> tuple[ZoneInfo, list[Step]]:
    if by not in SHOWN:
        raise Invalid(f"Cohorts go by {' or '.join(SHOWN)}.")
    if not isinstance(definition.measure, Retention):
        raise Invalid("Cohorts are of a retention metric.")
    zone = scope.zone(definition)
    span = Span(first=scope.now - SHOWN[by] * _DAYS[by] * DAY, last=scope.now)
    return zone, steps(span, by, zone)[-SHOWN[by] :]


def _asked(definition: Definition, scope: Scope, zone: ZoneInfo, by: str, every: list[Step]) -> Asked:
    from amity.engines.past.client import errors, past

    with errors():
        merged = merged_there(past(), scope.workspace_id)
    assert isinstance(definition.measure, Retention)  # noqa: S101
    return Asked(
        Count(event=definition.measure.event), workspace=scope.workspace_id, zone=zone, merged=merged,
        periods=[Span(first=EARLIEST, last=scope.now)], calendar=(by, [one.key for one in every]),
    )  # fmt: skip


def _rows(asked: Asked, definition: Definition, scope: Scope) -> Rows:
    from amity.rooms.customers import api as customers

    among = None
    if definition.among is not None:
        among = customers.who_meets(definition.among, workspace_id=scope.workspace_id, time_zone=scope.time_zone, now=scope.now)
    return grouped(fetch_rows(asked, asked.returns(), ("v",)), Groups(among=among))
