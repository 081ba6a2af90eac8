"""What could still be wrong with an adjusted effect: chance that looks like it, a reason that nobody sees, and so what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from typing import TYPE_CHECKING, Literal

from amity.rooms.journeys.rules.friction.partial import Z90, Fitted, weights

if TYPE_CHECKING:
    import numpy as np

Grade = Literal["experiment", "quasi-experiment", "adjusted", "correlation"]
MOST_LEFT_OUT = 0.2  # of those who met it: beyond, the comparison is about others than they
_BINS = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Placebo:
    """What the same comparison says of a friction that nobody met. 90% of tries lie from `low` to `high`.

    `chance`: of tries as far from zero as the real effect, one more counted in both (Phipson and Smyth 2010, eq. 2).
    """

    low: float
    high: float
    tries: int
    chance: float

    @property
    def passed(self) -> bool:
        """Whether nothing came of nothing: zero lies within."""
        return self.low <= 0 <= self.high


def placebo(fitted: Fitted, met: np.ndarray, *, seed: int, tries: int = 200) -> Placebo:
    """Deal out who met it anew among rows of like chance, and compare again (conditional permutation: Rosenbaum 1984).

    The outcome is what the effect leaves of it, so that zero is the truth, whatever the effect.
    """
    import numpy as np

    dice = np.random.default_rng(seed)
    rows = np.flatnonzero(fitted.compared)
    chance, d = fitted.chance[rows], met[rows].astype(np.float64)
    weigh = weights(fitted.chance, fitted.compared)[rows]
    y = (fitted.outcome[rows] - fitted.adjusted.value * fitted.exposure[rows]) * weigh
    order = np.argsort(chance, kind="stable")
    bins = [part for part in np.array_split(order, min(_BINS, len(order))) if len(part)]
    found = np.empty(tries)
    for n in range(tries):
        dealt = np.empty_like(d)
        for part in bins:
            dealt[part] = d[dice.permutation(part)]
        v = dealt - chance
        found[n] = (y @ v) / (weigh @ v**2)
    low, high = np.quantile(found, [0.05, 0.95])
    as_far = int((np.abs(found) >= abs(fitted.adjusted.value)).sum())
    return Placebo(low=float(low), high=float(high), tries=tries, chance=(as_far + 1) / (tries + 1))


def robustness(strength: float, freedom: float, *, beyond: float = 0.0) -> float:
    """Return the robustness value (Cinelli and Hazlett 2020, eq. 21): from 0 to 1.

    It is the share of what is left of both, meeting it and the outcome, that an unseen reason would have to explain to bring the
    effect to zero; with `beyond` (a t value, such as 1.645), to bring its interval to zero. `strength` is the partial correlation,
    `freedom` the degrees of freedom.
    """
    if abs(strength) >= 1:
        return 1.0
    f = abs(strength) / sqrt(1 - strength**2) - beyond / sqrt(freedom - 1)
    if f <= 0:
        return 0.0
    return (sqrt(f**4 + 4 * f**2) - f**2) / 2


def robustness_of(fitted: Fitted) -> tuple[float, float]:
    """Return the robustness values of a fitted effect and of its 90% interval; degrees of freedom are customers."""
    return tuple(robustness(fitted.strength, fitted.customers, beyond=one) for one in (0.0, Z90))  # type: ignore[return-value]


def grade(fitted: Fitted, tried: Placebo) -> Grade:
    """Return what the effect may be called: adjusted where those who met it have their like, and nothing comes of nothing."""
    return "adjusted" if fitted.overlap.share <= MOST_LEFT_OUT and tried.passed else "correlation"
