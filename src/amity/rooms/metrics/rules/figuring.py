"""Which figure a measure's sums make, and in which shape people read it. Pure."""

from __future__ import annotations

from amity.rooms.metrics.contracts import Change, Figure, Shape
from amity.rooms.metrics.rules.language import (
    Ces,
    Count,
    Csat,
    Customers,
    Followed,
    Measure,
    Nps,
    Percentile,
    Retention,
    Session,
    Share,
    Stickiness,
    Sum,
    Wait,
)
from amity.rooms.metrics.rules.statistics import Cross, Sums, changed, net, proportion, ratio, total

TOTALS = (Count, Customers, Sum)
VALUES = (Percentile, Wait)
OF_CUSTOMERS = (Customers, Share, Retention, Stickiness)


def figure_of(measure: Measure, sums: Sums, *, days: int) -> Figure:
    """Return the figure of a period of so many calendar days."""
    match measure:
        case Count() | Customers() | Sum():
            return total(sums)
        case Share() | Retention() | Csat() | Ces(formula="positive") | Followed():
            return proportion(sums)
        case Nps() | Ces(formula="index"):
            return net(sums)
        case Stickiness():
            return ratio(sums, scale=1 / max(days, 1))
    return ratio(sums)


def change_between(measure: Measure, new: Sums, old: Sums, cross: Cross, *, days: tuple[int, int]) -> Change | None:
    """Return how the figure changed from old to new, whose calendar days are `days` (new, old)."""
    scale, before = 1.0, 1.0
    if shape_of(measure) == "score":
        scale = before = 100.0
    elif isinstance(measure, Stickiness):
        scale, before = 1 / max(days[0], 1), 1 / max(days[1], 1)
    return changed(new, old, cross, totals=isinstance(measure, TOTALS), scale=scale, old_scale=before)


def shape_of(measure: Measure, unit: str = "") -> Shape:
    """Return how the figure is written: a number, a share (0 to 1), a score (-100 to 100) or seconds, also of numbers whose unit says so."""
    match measure:
        case Share() | Retention() | Csat() | Ces(formula="positive") | Stickiness() | Followed():
            return "share"
        case Nps() | Ces(formula="index"):
            return "score"
        case Wait() | Session(take="seconds"):
            return "seconds"
    return "seconds" if unit == "seconds" else "number"
