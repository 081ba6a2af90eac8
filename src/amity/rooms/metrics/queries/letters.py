"""What a dashboard's letter says: each tile's figure with n, interval and the change since the period before; series as tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.template.loader import render_to_string

from amity.kernel.clock import from_ms
from amity.kernel.errors import AmityError, NotFound, NotRunning
from amity.kernel.settings import settings
from amity.rooms.metrics.contracts import Measured
from amity.rooms.metrics.models import Dashboard, DashboardLetter
from amity.rooms.metrics.queries.lists import accessible_metric, definition_of, version_of
from amity.rooms.metrics.queries.measuring import Scope, measure_definition
from amity.rooms.metrics.rules import periods
from amity.rooms.metrics.rules.showing import figure_shown, part_shown, step_text
from amity.rooms.metrics.rules.tiles import MetricTile, TextTile, bought, read_tiles
from amity.rooms.trust import api as trust

_ROWS = 31  # of a series or of parts, the newest


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a table: of a series or of parts. `full` is how much of the width its bar takes, from 0 to 100."""

    name: str
    value: str
    interval: str
    n: str
    full: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One figure of a letter in words; `why` it isn't there, `heading` instead of one, `warning` under a pair."""

    name: str = ""
    value: str = ""
    interval: str = ""
    n: str = ""
    change: str = ""
    why: str = ""
    heading: str = ""
    warning: str = ""
    rows: Sequence[Row] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A letter, as text and as HTML that says the same."""

    subject: str
    text: str
    html: str


def accessible_letter(*, workspace_id: int, letter_id: int) -> DashboardLetter:
    """Return a letter of a workspace. Raises NotFound."""
    found = DashboardLetter.objects.filter(workspace_id=workspace_id, pk=letter_id).first()
    if found is None:
        raise NotFound("There is no such letter here.")
    return found


def list_letters(dashboard: Dashboard) -> list[DashboardLetter]:
    """Return a dashboard's letters, the oldest first."""
    return list(DashboardLetter.objects.filter(dashboard=dashboard).order_by("pk"))


def letter_of(letter: DashboardLetter, *, slot: int) -> Made:
    """Return the letter of a turn (ms): every figure as of then, so that all who get it read the same."""
    dashboard = letter.dashboard
    place = trust.get_workspace_by_id(letter.workspace_id)
    scope = Scope(workspace_id=letter.workspace_id, time_zone=place.time_zone, now=slot)
    said: list[Said] = []
    for tile in read_tiles(dashboard.tiles):
        said += [Said(heading=tile.text)] if isinstance(tile, TextTile) else _said(tile, scope)
    at = from_ms(slot).astimezone(ZoneInfo(place.time_zone))
    context = {
        "name": dashboard.name, "about": dashboard.about, "company": place.name, "said": said, "at": f"{at.day} {at:%B %Y, %H:%M}", "zone": place.time_zone,
        "link": f"{settings().public_console}/w/{place.slug}/dashboards/{dashboard.pk}/", "by": letter.created_by,
    }  # fmt: skip
    return Made(
        subject=f"{dashboard.name}, {at.day} {at:%B %Y}", text=render_to_string("metrics/letters/dashboard.txt", context),
        html=render_to_string("metrics/letters/dashboard.html", context),
    )  # fmt: skip


def _said(tile: MetricTile, scope: Scope) -> list[Said]:
    try:
        one, measured = _measured(tile, tile.metric, scope)
        if tile.show != "pair" or tile.pair is None:
            return [one]
        other, beside = _measured(tile, tile.pair, scope)
    except NotRunning:
        raise  # later it will be measured
    except AmityError as error:
        return [Said(why=error.message)]
    warning = "Read these two together: one got better while the other got worse." if bought(measured, beside) else ""
    return [one, Said(heading=warning), other] if warning else [one, other]


def _measured(tile: MetricTile, metric_id: int, scope: Scope) -> tuple[Said, Measured]:
    metric = accessible_metric(workspace_id=scope.workspace_id, metric_id=metric_id)
    held = version_of(metric)
    definition = definition_of(held)
    by = ""
    if tile.show == "course":
        by = periods.fitting(periods.window_of(definition.within, now=scope.now, zone=scope.zone(definition)))
    found = measure_definition(
        definition,
        scope,
        by=by,
        breakdown=tile.breakdown if tile.show == "parts" else "",
        metric_id=metric.pk,
        version=held.number,
    )
    shown = figure_shown(found)
    value = shown.value if shown.few or not shown.unit else f"{shown.value} {shown.unit}"
    return Said(name=metric.name, value=value, interval=shown.interval, n=shown.n, change=shown.said, rows=_rows(found)), found


def _rows(one: Measured) -> list[Row]:
    parts = [
        (step_text(point.first, one.by, one.zone) + ("" if point.whole else ", in part"), point.figure) for point in one.series
    ]
    parts += [("all others" if part.rest else part.value or "not known", part.figure) for part in one.segments]
    most = max((abs(figure.value or 0.0) for _, figure in parts if not figure.few), default=0.0) or 1.0
    rows = []
    for name, figure in parts[-_ROWS:] if one.series else parts[:_ROWS]:
        shown = part_shown(figure, one)
        full = 0 if figure.few else round(abs(figure.value or 0.0) / most * 100)
        rows.append(Row(name=name, value=shown.value, interval=shown.interval, n=shown.n, full=full))
    return rows
