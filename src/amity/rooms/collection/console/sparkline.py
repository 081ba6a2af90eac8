"""The last 24 hours as bars: positions for an SVG, so that no style is needed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

HEIGHT = 28.0
STEP = 5.0
BAR = 3.5
LEAST = 1.5  # units: a single interaction is still seen


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One hour: accepted from the ground up, rejected on top of it. `top` and heights in SVG units."""

    x: float
    top: float
    height: float
    bad_top: float
    bad_height: float


@dataclass(frozen=True, kw_only=True)
class Sparkline:
    """Bars, the drawing's width, and the sentence that says the same."""

    bars: list[Bar]
    width: float
    said: str


def sparkline(hours: Sequence[tuple[datetime, int, int]], *, unit: str = "hour") -> Sparkline:
    """Draw (hour or other unit of time, accepted, rejected), oldest first; bars start at zero and share one scale."""
    most = max((a + r for _, a, r in hours), default=0)
    bars = [_bar(n, accepted, rejected, most) for n, (_, accepted, rejected) in enumerate(hours) if accepted or rejected]
    accepted, rejected = sum(a for _, a, _ in hours), sum(r for _, _, r in hours)
    said = f"{accepted:,} accepted and {rejected:,} rejected in {len(hours)} {unit}s, at most {most:,} in one {unit}"
    return Sparkline(bars=bars, width=max(len(hours), 1) * STEP, said=said)


def _bar(n: int, accepted: int, rejected: int, most: int) -> Bar:
    good = _height(accepted, most)
    bad = _height(rejected, most)
    good, bad = (good, min(bad, HEIGHT - good)) if good <= HEIGHT - LEAST or not bad else (HEIGHT - LEAST, LEAST)
    return Bar(
        x=round(n * STEP, 2),
        top=round(HEIGHT - good, 2),
        height=round(good, 2),
        bad_top=round(HEIGHT - good - bad, 2),
        bad_height=round(bad, 2),
    )


def _height(count: int, most: int) -> float:
    return max(HEIGHT * count / most, LEAST) if count else 0.0
