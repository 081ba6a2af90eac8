"""Steps with what was expected of them as positions for an SVG: the band, the course, what was out, the episode shaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from amity.rooms.metrics.console.chart import BOTTOM, LEFT, RIGHT, TOP, Tick, nice
from amity.rooms.metrics.contracts import Shape
from amity.rooms.metrics.rules.showing import step_text
from amity.rooms.metrics.rules.watching import Judged
from amity.rooms.metrics.rules.wording import value_text


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """What is drawn: `bands` of what was expected, `lines` of what was, `dots` out of it, `shades` of episodes, both axes."""

    bands: list[str]
    middles: list[str]
    lines: list[str]
    dots: list[tuple[str, str]]
    shades: list[tuple[str, str]]
    y: list[Tick]
    x: list[Tick]
    said: str


def band_of(  # noqa: PLR0913  one argument for each part
    steps: Sequence[Judged], *, shape: Shape, unit: str, by: str, zone: str, shaded: Sequence[tuple[int, int]]
) -> Band | None:
    """Draw steps; `shaded` are first and last ms. None where fewer than two are known."""
    known = [one for one in steps if _known(one)]
    if len(known) < 2:
        return None
    heights = [one.point.figure.value or 0.0 for one in known]
    heights += [bound for one in steps for bound in (one.low, one.high) if bound is not None]
    marks = nice(min(heights), max(heights), zero=min(heights) >= 0 and shape != "score")
    low, high = marks[0], marks[-1]
    wide = (RIGHT - LEFT) / max(len(steps) - 1, 1)

    def x(n: float) -> float:
        return min(max(LEFT + n * wide, LEFT), RIGHT)

    def y(value: float | None) -> float:
        return BOTTOM - ((value or 0.0) - low) / (high - low) * (BOTTOM - TOP)

    bands = []
    for part in _runs(steps, lambda one: one.low is not None or one.high is not None):
        over = [f"{x(n):.2f},{y(high if steps[n].high is None else steps[n].high):.1f}" for n in part]
        under = [f"{x(n):.2f},{y(low if steps[n].low is None else steps[n].low):.1f}" for n in reversed(part)]
        bands.append(" ".join([*over, *under]))
    forecast = _runs(steps, lambda one: one.expected is not None)
    middles = [" ".join(f"{x(n):.2f},{y(steps[n].expected):.1f}" for n in part) for part in forecast]
    lines = [" ".join(f"{x(n):.2f},{y(steps[n].point.figure.value):.1f}" for n in part) for part in _runs(steps, _known)]
    dots = [(f"{x(n):.2f}%", f"{y(one.point.figure.value):.1f}") for n, one in enumerate(steps) if one.out]
    shades = []
    for first, last in shaded:
        at = [n for n, one in enumerate(steps) if one.point.last >= first and one.point.first <= last]
        if at:
            shades.append((f"{x(at[0] - 0.5):.2f}%", f"{x(at[-1] + 0.5) - x(at[0] - 0.5):.2f}%"))
    every = max(round(len(steps) / 5), 1)
    worst = max(known, key=lambda one: (bool(one.out), one.far))
    when = f"{step_text(worst.point.first, by, zone)}: {value_text(worst.point.figure.value, shape, unit)}"
    return Band(
        bands=bands, middles=middles, lines=lines, dots=dots, shades=shades, said=f"Furthest out on {when}; the numbers are in the table",
        y=[Tick(at=f"{y(mark):.1f}", text=value_text(mark, shape, unit)) for mark in marks],
        x=[
            Tick(at=f"{x(n):.2f}%", text=_at(one.point.first, by, zone, long=len(steps) > 30))
            for n, one in enumerate(steps) if n % every == 0 and x(n) < RIGHT - 2
        ],
    )  # fmt: skip


def _at(first: int, by: str, zone: str, *, long: bool) -> str:
    return step_text(first, "day" if by == "hour" and long else by, zone)


def _known(one: Judged) -> bool:
    return one.point.figure.value is not None and not one.point.figure.few and (one.point.whole or bool(one.out))


def _runs(steps: Sequence[Judged], there: Callable[[Judged], bool]) -> list[list[int]]:
    runs: list[list[int]] = [[]]
    for n, one in enumerate(steps):
        if there(one):
            runs[-1].append(n)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if len(run) > 1]
