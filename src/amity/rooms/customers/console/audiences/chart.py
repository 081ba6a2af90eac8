"""Size over time as a line of steps: points for an SVG, so that no style is needed; the same numbers stand in a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 640.0, 120.0


@dataclass(frozen=True, kw_only=True)
class Chart:
    """The path, and the scale's top and its span (ms)."""

    path: str
    most: int
    first: int
    last: int


def chart(points: Sequence[tuple[int, int]], *, now: int) -> Chart | None:
    """Draw (instant in ms, size), oldest first, up to now; from zero. None where there is nothing to compare."""
    if len(points) < 2:
        return None
    first, most = points[0][0], max(size for _, size in points) or 1
    span = max(now - first, 1)
    parts = []
    for n, (instant, size) in enumerate([*points, (now, points[-1][1])]):
        x, y = round((instant - first) / span * WIDTH, 1), round(HEIGHT - size / most * HEIGHT, 1)
        parts.append(f"M{x} {y}" if not n else f"H{x}V{y}")
    return Chart(path="".join(parts), most=most, first=first, last=now)
