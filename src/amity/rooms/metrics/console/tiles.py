"""One tile of a dashboard, measured and drawn."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError
from amity.rooms.metrics.console.chart import bars_of, line_of
from amity.rooms.metrics.console.pages import within_of
from amity.rooms.metrics.contracts import Measured
from amity.rooms.metrics.queries.lists import accessible_metric, definition_of, version_of
from amity.rooms.metrics.queries.measuring import Scope, measure_definition
from amity.rooms.metrics.rules import periods
from amity.rooms.metrics.rules.showing import figure_shown
from amity.rooms.metrics.rules.tiles import MetricTile, TextTile, Tile, bought


def tile_context(tile: Tile, scope: Scope, *, window: str) -> dict[str, Any]:
    """Return what a tile's template needs: its metric measured as it is to be shown, or why it can't be."""
    if isinstance(tile, TextTile):
        return {"tile": tile}
    context: dict[str, Any] = {"tile": tile}
    try:
        metric, measured = _measured(tile, tile.metric, scope, window)
        context |= {"metric": metric, "measured": measured, "shown": figure_shown(measured)}
        if tile.show == "course":
            context["line"] = line_of(measured)
        if tile.show == "parts":
            context["bars"] = bars_of(measured)
        if tile.show == "pair" and tile.pair is not None:
            other, beside = _measured(tile, tile.pair, scope, window)
            context |= {"other": other, "other_shown": figure_shown(beside), "bought": bought(measured, beside)}
    except AmityError as error:
        context["failed"] = error.message
    return context


def _measured(tile: MetricTile, metric_id: int, scope: Scope, window: str) -> tuple[Any, Measured]:
    metric = accessible_metric(workspace_id=scope.workspace_id, metric_id=metric_id)
    held = version_of(metric)
    definition, within = definition_of(held), within_of(window)
    by = ""
    if tile.show == "course":
        zone = ZoneInfo(definition.zone or scope.time_zone)
        by = periods.fitting(periods.window_of(within or definition.within, now=scope.now or now_ms(), zone=zone))
    return metric, measure_definition(
        definition, scope, within=within, by=by, breakdown=tile.breakdown if tile.show == "parts" else "", metric_id=metric.pk,
        version=held.number,
    )  # fmt: skip
