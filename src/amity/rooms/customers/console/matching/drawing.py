"""The waterfall as a picture: a bar for each comparison, from the sum before to the sum after, all on one scale of match weight."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor

from amity.rooms.customers.rules.matching.waterfall import Step

_NARROWEST = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One line of the picture: what it says, and its bar between `x` and `x + width` of 100. It begins at `before_x`, ends at `after_x`."""

    step: Step
    said: str
    css: str
    x: float
    width: float
    before_x: float
    after_x: float
    zero: float
    last: bool


def bars_of(steps: Sequence[Step]) -> list[Bar]:
    """Return the lines of a waterfall, and its sum as the last one."""
    ends = [0.0, *(one.after for one in steps)]
    low, high = floor(min(ends)) - 1, ceil(max(ends)) + 1

    def x(weight: float) -> float:
        return round((weight - low) * 100 / (high - low), 2)

    total = steps[-1].after
    together = Step(title="Together", level="", weight=total, before=0.0, after=total)
    return [
        Bar(
            step=one,
            said=f"{one.weight:+.1f}".replace("-", "−") if one.known else "0",
            css=_css(one, last=one is together),
            x=min(x(one.before), x(one.after)),
            width=max(round(abs(x(one.after) - x(one.before)), 2), _NARROWEST),
            before_x=x(one.before),
            after_x=x(one.after),
            zero=x(0),
            last=one is together,
        )
        for one in (*steps, together)
    ]


def _css(one: Step, *, last: bool) -> str:
    if not one.known:
        return "unknown"
    return "sum" if last else "for" if one.weight >= 0 else "against"
