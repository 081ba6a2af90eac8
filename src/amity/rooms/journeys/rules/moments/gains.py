"""How much better an outcome is foretold by knowing more: the gain in explained variance, with its interval.

    gain = Σ over who came [ (y - foretold without)² - (y - foretold with)² ]  ÷  Σ over all (y - mean)²

the difference in R² of two predictions (Williamson, Gilbert, Carone and Simon 2021, Nonparametric variable importance assessment
using machine learning techniques, Biometrics 77, eq. 1), each made for a customer by a model that was learned on other customers.
Standard errors are those of customers, by the influence that each has on it (the same, theorem 1). Where nothing is gained, the
figure is a little below zero, for a model that knows more errs more: to claim a gain from nothing is rarer than promised.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from math import erfc, sqrt
from operator import add
from typing import TYPE_CHECKING

from amity.rooms.journeys.rules.friction.series import learned, products

if TYPE_CHECKING:
    import numpy as np

Z95 = 1.959963984540054
FOLDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Gain:
    """A gain as a share of the outcome's variance, with its standard error; the interval holds with 95%."""

    value: float
    error: float

    @property
    def low(self) -> float:
        return self.value - Z95 * self.error

    @property
    def high(self) -> float:
        return self.value + Z95 * self.error

    @property
    def chance(self) -> float:
        """How likely chance alone gains as much or more (one-sided, normal)."""
        return 0.5 * erfc(self.value / self.error / sqrt(2)) if self.error > 0 else 1.0


def folds_of(customers: int, *, seed: int, splits: int = 3) -> list[np.ndarray]:
    """Return for each split which fold each customer is in."""
    import numpy as np

    dice = np.random.default_rng(seed)
    return [dice.permutation(customers) % FOLDS for _ in range(splits)]


def gain(  # noqa: PLR0913  one argument for each part
    outcome: np.ndarray, before: np.ndarray, more: np.ndarray, who: np.ndarray, *, here: np.ndarray, splits: Sequence[np.ndarray]
) -> Gain:
    """Return what `more` columns gain over those known `before`, of the rows that are marked `here`; shares are of all rows.

    `before` and `more` have a row for each row that is here, `outcome` and `who` (whole numbers) for all. Over several splits:
    median and spread by Chernozhukov et al. (2018), definition 3.3.
    """
    import numpy as np

    y, mine = outcome[here], who[here]
    spread = float(((outcome - outcome.mean()) ** 2).sum())
    if spread <= 0:
        return Gain(value=0.0, error=0.0)
    one = np.ones((len(y), 1))
    without, with_more = np.column_stack([one, before]), np.column_stack([one, before, more])
    tried = []
    for fold in splits:
        less = [(y - foretold(x, y, fold[mine])) ** 2 for x in (without, with_more)]
        better = np.zeros(len(outcome))
        better[here] = less[0] - less[1]
        value = float(better.sum()) / spread
        each = np.bincount(who, weights=better - value * (outcome - outcome.mean()) ** 2)
        tried.append((value, sqrt(float(each @ each)) / spread))
    middle = float(np.median([value for value, _ in tried]))
    return Gain(value=middle, error=sqrt(float(np.median([error**2 + (value - middle) ** 2 for value, error in tried]))))


def foretold(x: np.ndarray, y: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Return what is foretold of each row by a model that was learned on the other folds. `x` has its constant in front."""
    import numpy as np

    places = [np.flatnonzero(fold == k) for k in range(FOLDS)]
    parts = [products(x[place], y[place][:, None]) for place in places]
    whole = reduce(add, parts)
    found = np.empty(len(y))
    for place, part in zip(places, parts, strict=True):
        found[place] = (x[place] @ learned(whole - part))[:, 0]
    return found


def sure(chances: Sequence[float], *, level: float = 0.05) -> list[bool]:
    """Return which gains are more than chance, so that with 95% none of those called so is nothing (Holm 1979)."""
    order = sorted(range(len(chances)), key=lambda n: chances[n])
    found = [False] * len(chances)
    for done, n in enumerate(order):
        if chances[n] > level / (len(chances) - done):
            break
        found[n] = True
    return found
