"""The only door to metrics for other rooms and this room's own pages: one figure for everybody who asks."""

from __future__ import annotations

from amity.engines.past.behaviour.language import Window
from amity.rooms.metrics.actions.checking import forget_old_runs, work_next_checks
from amity.rooms.metrics.actions.letters import work_next_post
from amity.rooms.metrics.actions.metrics import archive_metric, change_metric, create_metric, take_shipped
from amity.rooms.metrics.actions.notices import work_next_notice
from amity.rooms.metrics.actions.watching import work_next_alert_rule
from amity.rooms.metrics.contracts import Measured
from amity.rooms.metrics.queries.behind import Chosen, customers_behind
from amity.rooms.metrics.queries.expecting import expect, metric_of_origin, metrics_that_add_up
from amity.rooms.metrics.queries.lists import accessible_metric, definition_of, list_metrics, version_of
from amity.rooms.metrics.queries.measuring import Scope, measure_definition
from amity.rooms.metrics.queries.told import alert_choices, alert_told
from amity.rooms.metrics.queries.waiting import waiting
from amity.rooms.metrics.rules.language import read, schema, written

__all__ = [
    "Chosen", "Scope", "accessible_metric", "alert_choices", "alert_told", "archive_metric", "change_metric", "create_metric",
    "customers_behind", "expect", "forget_old_runs", "list_metrics", "measure", "measure_definition", "metric_of_origin", "metrics_that_add_up", "read",
    "schema", "take_shipped", "waiting", "work_next_alert_rule", "work_next_checks", "work_next_notice", "work_next_post", "written",
]  # fmt: skip


def measure(  # noqa: PLR0913  one argument for each part
    *, workspace_id: int, time_zone: str, metric_id: int, version: int = 0, within: Window | None = None, by: str = "",
    breakdown: str = "", compare: bool = True, now: int = 0,
) -> Measured:  # fmt: skip
    """Return a metric measured: pages, the API, files and other rooms all read this, so a figure can't have two values.

    `version` is the one in force unless told. `by` is hour, day, week or month; `breakdown` a property (`properties.plan`), a field
    (`channel`), `trait:<name>` or `audience:<id>,<id>`. Raises NotFound, Invalid with what to mend, NotRunning.
    """
    metric = accessible_metric(workspace_id=workspace_id, metric_id=metric_id)
    held = version_of(metric, version)
    return measure_definition(
        definition_of(held), Scope(workspace_id=workspace_id, time_zone=time_zone, now=now), within=within, by=by,
        breakdown=breakdown, compare=compare, metric_id=metric.pk, version=held.number,
    )  # fmt: skip
