"""Annotations on charts: lines where something happened, and below the chart links that a keyboard reaches."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from amity.rooms.metrics.console.chart import LEFT, RIGHT
from amity.rooms.metrics.contracts import Point
from amity.rooms.metrics.models import Annotation
from amity.rooms.metrics.queries.annotations import MOST_ON_A_CHART, list_annotations


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """An annotation at a place of a chart, in percent; `wide` is 0 for what happened at once."""

    one: Annotation
    at: str
    wide: str
    dot: str


def marks_on(points: Sequence[Point], *, workspace_id: int) -> list[Mark]:
    """Return the annotations of a series' time with their places on its chart, in order of time."""
    if len(points) < 2:
        return []
    found = list_annotations(workspace_id=workspace_id, first=points[0].first, last=points[-1].last, limit=MOST_ON_A_CHART)
    return placed(list(reversed(found)), [(one.first, one.last) for one in points])


def placed(annotations: Sequence[Annotation], steps: Sequence[tuple[int, int]]) -> list[Mark]:
    """Return where annotations stand on steps (first and last ms) that are drawn from LEFT to RIGHT."""
    wide = (RIGHT - LEFT) / max(len(steps) - 1, 1)
    marks = []
    for one in annotations:
        begins = _place(one.first, steps)
        ends = begins if one.last is None else _place(one.last, steps)
        at, length = LEFT + begins * wide, (ends - begins) * wide
        marks.append(Mark(one=one, at=f"{at:.2f}%", wide=f"{length:.2f}%", dot=f"{at + length / 2:.2f}%"))
    return marks


def _place(instant: int, steps: Sequence[tuple[int, int]]) -> int:
    """Return the step that an instant falls into: the first for what was before, the last for what comes after."""
    return next((n for n, (_, last) in enumerate(steps) if instant <= last), len(steps) - 1)
