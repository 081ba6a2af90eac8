"""The customers behind a figure: as many as the figure says, with what each brings to it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

from amity.engines.past.behaviour.asking import merged_there
from amity.engines.past.behaviour.language import Window
from amity.engines.past.behaviour.windows import Span
from amity.kernel.clock import now_ms
from amity.rooms.customers import api as customers
from amity.rooms.metrics.queries.breaking import Breakdown, broken
from amity.rooms.metrics.queries.measuring import Scope
from amity.rooms.metrics.queries.summing import Groups, fetch_rows, grouped
from amity.rooms.metrics.rules.compiling import Asked
from amity.rooms.metrics.rules.figuring import VALUES
from amity.rooms.metrics.rules.language import Definition, Retention
from amity.rooms.metrics.rules.periods import before, window_of

if TYPE_CHECKING:
    import numpy as np

SIDES = ("", "plus", "minus", "yes", "no")


@dataclass(frozen=True, slots=True, kw_only=True)
class Behind:
    """A customer's part: `events` that count, and y and x of the figure; of a percentile, y is their largest value."""

    customer_id: UUID
    events: int
    y: float
    x: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """Which customers of a figure: of one value of a breakdown, in one span (ms) of it, on one `side`.

    `plus` and `minus`: those with such answers; `yes` and `no`: of a share, those who count above the line and those who don't.
    """

    breakdown: str = ""
    value: str = ""
    first: int | None = None
    last: int | None = None
    side: str = ""


def customers_behind(  # noqa: PLR0913  one argument for each part
    definition: Definition, scope: Scope, *, within: Window | None = None, chosen: Chosen = Chosen(), after: UUID | None = None,
    limit: int = 50,
) -> tuple[int, list[Behind]]:  # fmt: skip
    """Return how many customers are behind a figure, and some of them in the order of their ids. Raises Invalid, NotRunning."""
    import numpy as np

    from amity.engines.past.client import errors, past

    scope = replace(scope, now=scope.now or now_ms())
    zone = scope.zone(definition)
    window = within or definition.within
    span = window_of(window, now=scope.now, zone=zone)
    if chosen.first is not None and chosen.last is not None:
        span = Span(first=chosen.first, last=chosen.last)
        previous = Span(first=2 * span.first - span.last - 1, last=span.first - 1)
    else:
        previous = before(window, span, now=scope.now, zone=zone)
    spans = [previous, span] if isinstance(definition.measure, Retention) else [span]
    with errors():
        merged = merged_there(past(), scope.workspace_id)
    of = chosen.breakdown if ":" not in chosen.breakdown else ""
    asked = Asked(
        definition.measure, workspace=scope.workspace_id, zone=zone, merged=merged, periods=spans, of=of,
        top=[chosen.value] if of else None, now=scope.now,
    )  # fmt: skip
    by = (
        broken(chosen.breakdown, asked, workspace_id=scope.workspace_id, time_zone=scope.time_zone)
        if ":" in chosen.breakdown
        else Breakdown()
    )
    among = None
    if definition.among is not None:
        among = customers.who_meets(definition.among, workspace_id=scope.workspace_id, time_zone=scope.time_zone, now=scope.now)
    groups = Groups(among=among, segments=by.segments)
    single = isinstance(definition.measure, VALUES)
    sql, parts = (asked.values(), ("v",)) if single else (asked.contributions(), ("events", "y", "x", "plus", "minus"))
    rows = grouped(fetch_rows(asked, sql, parts, top=[chosen.value] if of else ()), groups)
    keep = rows.p == len(spans) - 1
    if chosen.breakdown:
        wanted = [n for n, name in enumerate(rows.names) if name == chosen.value]
        keep &= np.isin(rows.g, wanted)
    if single:
        ids, whose = np.unique(rows.ids[keep], return_inverse=True)
        y = np.full(len(ids), -np.inf)
        np.maximum.at(y, whose, rows.parts["v"][keep])
        events = x = np.bincount(whose, minlength=len(ids)).astype(np.float64)
    else:
        keep &= _on_side(rows.parts, chosen.side)
        ids, events, y, x = rows.ids[keep], rows.parts["events"][keep], rows.parts["y"][keep], rows.parts["x"][keep]
        order = np.argsort(ids)
        ids, events, y, x = ids[order], events[order], y[order], x[order]
    start = 0 if after is None else int(np.searchsorted(ids, np.array([after.bytes], dtype="S16")[0], side="right"))
    page: Sequence[int] = range(start, min(start + limit, len(ids)))
    return len(ids), [
        Behind(customer_id=UUID(bytes=bytes(ids[n]).ljust(16, b"\0")), events=int(events[n]), y=float(y[n]), x=float(x[n]))
        for n in page
    ]


def _on_side(parts: Mapping[str, np.ndarray], side: str) -> np.ndarray:
    import numpy as np

    found: np.ndarray = np.ones(len(parts["y"]), dtype=bool)
    match side:
        case "plus" | "minus":
            found = parts[side] > 0
        case "yes":
            found = parts["y"] > 0
        case "no":
            found = parts["y"] <= 0
    return found
