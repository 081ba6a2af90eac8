"""Series and breakdowns as positions for an SVG, so that no style is needed; the same numbers stand in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import floor, log10

from amity.rooms.metrics.contracts import Measured, Point, Segment
from amity.rooms.metrics.rules.showing import part_shown, step_text
from amity.rooms.metrics.rules.statistics import POISSON
from amity.rooms.metrics.rules.wording import value_text

TOP, BOTTOM, LEFT, RIGHT = 16.0, 206.0, 9.0, 97.0
ROW = 40


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """A place on an axis: where, and what is written there."""

    at: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A series: bands and lines in parts, parted where too few are known; dots of parts of one point; gaps; both axes."""

    bands: list[str]
    lines: list[str]
    dots: list[tuple[str, str]]
    gaps: list[tuple[str, str]]
    y: list[Tick]
    x: list[Tick]
    said: str
    spark: str = ""


def line_of(one: Measured) -> Line | None:
    """Draw a series with its intervals; None where fewer than two points are known."""
    known = [point for point in one.series if _is_known(point)]
    if len(known) < 2:
        return None
    lows = [point.figure.low for point in known if point.figure.low is not None]
    highs = [point.figure.high for point in known if point.figure.high is not None]
    marks = nice(min(lows), max(highs), zero=one.shape in {"share", "number", "seconds"} and min(lows) >= 0)
    low, high = marks[0], marks[-1]
    wide = (RIGHT - LEFT) / max(len(one.series) - 1, 1)

    def x(n: int) -> float:
        return LEFT + n * wide

    def y(value: float | None) -> float:
        return BOTTOM - ((value or 0.0) - low) / (high - low) * (BOTTOM - TOP)

    bands, lines, dots, gaps = [], [], [], []
    for part in _parts(one.series):
        points = [(x(n), one.series[n].figure) for n in part]
        if len(points) == 1:
            dots.append((f"{points[0][0]:.2f}%", f"{y(points[0][1].value):.1f}"))
            continue
        lines.append(" ".join(f"{at:.2f},{y(figure.value):.1f}" for at, figure in points))
        over = [f"{at:.2f},{y(figure.high):.1f}" for at, figure in points]
        under = [f"{at:.2f},{y(figure.low):.1f}" for at, figure in reversed(points)]
        bands.append(" ".join([*over, *under]))
    for n, point in enumerate(one.series):
        if not _is_known(point) and point.whole:
            gaps.append((f"{max(x(n) - wide / 2, LEFT):.2f}%", f"{min(x(n) + wide / 2, RIGHT):.2f}%"))
    every = max(round(len(one.series) / 5), 1)  # on a phone, too
    first, last = known[0], known[-1]
    said = (
        f"From {value_text(first.figure.value, one.shape, one.unit)} on {step_text(first.first, one.by, one.zone)} to "
        f"{value_text(last.figure.value, one.shape, one.unit)} on {step_text(last.first, one.by, one.zone)}; the numbers are in the table"
    )
    return Line(
        bands=bands, lines=lines, dots=dots, gaps=gaps, said=said,
        y=[Tick(at=f"{y(mark):.1f}", text=value_text(mark, one.shape, one.unit)) for mark in marks],
        x=[
            Tick(at=f"{x(n):.2f}%", text=step_text(point.first, one.by, one.zone))
            for n, point in enumerate(one.series) if n % every == 0 and x(n) < RIGHT - 2
        ],
    )  # fmt: skip


def spark_of(one: Measured) -> str:
    """Draw a series as a small line of 96 by 24; empty where fewer than two points are known."""
    known = [(n, point.figure.value or 0.0) for n, point in enumerate(one.series) if _is_known(point) and point.whole]
    if len(known) < 2:
        return ""
    low, high = min(value for _, value in known), max(value for _, value in known)
    span, most = (high - low) or 1.0, max(len(one.series) - 1, 1)
    return " ".join(f"{2 + n / most * 92:.1f},{21 - (value - low) / span * 18:.1f}" for n, value in known)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """A segment as a dot on its interval; `few` has neither."""

    name: str
    y: int
    low: str
    high: str
    dot: str
    value: str
    n: str
    few: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Bars:
    """Segments under each other, and the axis below them."""

    bars: list[Bar]
    ticks: list[Tick]
    height: int
    foot: int


def bars_of(one: Measured) -> Bars | None:
    """Draw a breakdown; None where nothing is known."""
    known = [row for row in one.segments if not row.figure.few and row.figure.value is not None]
    if not known:
        return None
    lows, highs = [row.figure.low or 0.0 for row in known], [row.figure.high or 0.0 for row in known]
    marks = nice(min(lows), max(highs), zero=False)
    low, high = marks[0], marks[-1]

    def x(value: float | None) -> float:
        return 32 + ((value or 0.0) - low) / (high - low) * 48

    bars = []
    for n, row in enumerate(one.segments):
        shown = part_shown(row.figure, one)
        bars.append(
            Bar(
                name=segment_name(row), y=24 + ROW * n, low=f"{x(row.figure.low):.1f}%", high=f"{x(row.figure.high):.1f}%",
                dot=f"{x(row.figure.value):.1f}%", value=shown.value, n=shown.n.split(" ")[0], few=row.figure.few,
            )
        )  # fmt: skip
    height = ROW * len(bars) + 36
    ticks = [Tick(at=f"{x(mark):.1f}%", text=value_text(mark, one.shape, one.unit)) for mark in marks[:: max(len(marks) // 4, 1)]]
    return Bars(bars=bars, ticks=ticks, height=height, foot=height - 18)


def segment_name(row: Segment) -> str:
    """Return what a segment is called."""
    return "all others" if row.rest else row.value or "not known"


def nice(low: float, high: float, *, zero: bool) -> list[float]:
    """Return round marks from at most `low` to at least `high`, from 0 where that belongs."""
    low = 0.0 if zero else low
    if high <= low:
        high = low + (abs(low) or 1.0)
    rough = (high - low) / 4
    size = 10.0 ** floor(log10(rough))
    step = next(size * times for times in (1, 2, 2.5, 5, 10) if size * times >= rough)
    first = floor(low / step)
    marks = [first * step]
    while marks[-1] < high - step * 1e-9:
        first += 1
        marks.append(first * step)
    return marks


def _is_known(point: Point) -> bool:
    """Whether a point can be drawn; what is counted of a step that isn't over, or only in part in the window, would seem to fall."""
    in_part = point.figure.method == POISSON and not point.whole
    return not point.figure.few and point.figure.value is not None and not in_part


def _parts(series: Sequence[Point]) -> list[list[int]]:
    parts: list[list[int]] = [[]]
    for n, point in enumerate(series):
        if _is_known(point):
            parts[-1].append(n)
        elif parts[-1]:
            parts.append([])
    return [part for part in parts if part]
