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

from amity.rooms.journeys.rules.friction.series import Products, learned, products

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


class Rows:
    """The rows that are `here`, with all columns that a model may have: what they have in common is worked out once.

    `x` has a row for each row that is here, without a constant; `outcome` and `who` (whole numbers) are of all rows.
    """

    def __init__(
        self, outcome: np.ndarray, who: np.ndarray, here: np.ndarray, x: np.ndarray, splits: Sequence[np.ndarray]
    ) -> None:
        import numpy as np

        self.outcome, self.who, self.here = outcome, who, here
        self.y, self.x = outcome[here], np.column_stack([np.ones(int(here.sum())), x])
        self.folds = [[np.flatnonzero(fold[who[here]] == k) for k in range(FOLDS)] for fold in splits]
        self.parts = [[products(self.x[place], self.y[place][:, None]) for place in places] for places in self.folds]
        self.errors: dict[tuple[int, ...], list[np.ndarray]] = {}

    def left(self, columns: Sequence[int]) -> list[np.ndarray]:
        """Return for each split what a model of some columns leaves of each row, squared: it was learned on other customers."""
        import numpy as np

        asked = (0, *(1 + n for n in columns))
        if asked not in self.errors:
            chosen, some = np.array(asked), self.x[:, asked]
            self.errors[asked] = []
            for places, parts in zip(self.folds, self.parts, strict=True):
                whole = reduce(add, parts)
                foretold = np.empty(len(self.y))
                for place, part in zip(places, parts, strict=True):
                    foretold[place] = (some[place] @ learned(_some(whole - part, chosen)))[:, 0]
                self.errors[asked].append((self.y - foretold) ** 2)
        return self.errors[asked]

    def gain(self, before: Sequence[int], more: Sequence[int]) -> Gain:
        """Return what some columns gain over those known `before`; shares are of all rows.

        Over several splits: median and spread by Chernozhukov et al. (2018), definition 3.3.
        """
        import numpy as np

        apart = (self.outcome - self.outcome.mean()) ** 2
        spread = float(apart.sum())
        if spread <= 0:
            return Gain(value=0.0, error=0.0)
        tried = []
        for without, with_more in zip(self.left(before), self.left([*before, *more]), strict=True):
            better = np.zeros(len(self.outcome))
            better[self.here] = without - with_more
            value = float(better.sum()) / spread
            each = np.bincount(self.who, weights=better - value * apart)
            tried.append((value, sqrt(float(each @ each)) / spread))
        middle = float(np.median([value for value, _ in tried]))
        return Gain(value=middle, error=sqrt(float(np.median([error**2 + (value - middle) ** 2 for value, error in tried]))))


def _some(given: Products, columns: np.ndarray) -> Products:
    import numpy as np

    return Products(given.n, given.xx[np.ix_(columns, columns)], given.xy[columns], given.yy)


def sure(chances: Sequence[float], *, level: float = 0.05) -> list[bool]:
    """Return which gains are more than chance, so that with 95% none of those called so is nothing (Holm 1979)."""
    order = sorted(range(len(chances)), key=lambda n: chances[n])
    found = [False] * len(chances)
    for done, n in enumerate(order):
        if chances[n] > level / (len(chances) - done):
            break
        found[n] = True
    return found
