"""What meeting a friction does to an outcome, other things equal: a cross-fitted partially linear model, next to the plain difference.

    outcome = effect × met + g(what was known before) + chance        met = m(what was known before) + chance

The effect is the slope of what is left of the outcome on what is left of having met it (Robinson 1988, eq. 3.2), where both are
predicted for each customer from models that were learned on other customers: Chernozhukov, Chetverikov, Demirer, Duflo, Hansen,
Newey and Robins (2018), Double/debiased machine learning, definition 3.2 (DML2) with the Neyman-orthogonal score 4.4. Where the
effect differs between customers, the plain slope is their mean weighted by how open it was whether they would meet it, m(1 - m)
(Angrist and Krueger 1999, eq. 34). Rows weigh 1 / (1 - m) here, so that it is the mean over those who met it: the tilt by m of Li,
Morgan and Zaslavsky (2018), table 1.

Rows of one customer stay in one fold, and standard errors are those of customers, whatever the variances (Liang and Zeger 1986). The
split is drawn several times; median and spread by definition 3.3 of the first paper.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from math import sqrt
from operator import add
from typing import TYPE_CHECKING

from amity.rooms.journeys.rules.friction.series import learned, products

if TYPE_CHECKING:
    import numpy as np

Z90 = 1.6448536269514722
FOLDS = 5
HIGHEST = 0.9  # who meets it almost surely can't be compared with anybody
LOWEST = 0.1  # of the mean chance: who can hardly meet it says nothing about those who do
FEWEST = 30  # customers who met it, and who didn't, below which nothing is said


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """An effect in the outcome's unit with its standard error; the interval holds with 90%."""

    value: float
    error: float

    @property
    def low(self) -> float:
        return self.value - Z90 * self.error

    @property
    def high(self) -> float:
        return self.value + Z90 * self.error


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How comparable who met it and who didn't are. `low` and `high` bound the chances that are compared.

    `rows` all there are, `below` and `above` those left out for too low or too high a chance, `met_left_out` how many of them met it.
    """

    low: float
    high: float
    rows: int
    met: int
    below: int
    above: int
    met_left_out: int

    @property
    def share(self) -> float:
        """The share of those who met it that is left out; from 0 to 1."""
        return self.met_left_out / self.met if self.met else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Fitted:
    """A fitted model. `gap` is plain minus adjusted, with an error that knows that both are of the same customers.

    `strength` is the partial correlation of having met it and the outcome. `compared`: rows in the comparison, as a mask.
    `outcome` and `exposure` are what the models leave of both, `chance` the predicted chance: of the median split, all rows.
    """

    adjusted: Effect
    plain: Effect
    gap: Effect
    overlap: Overlap
    customers: int
    strength: float
    compared: np.ndarray
    outcome: np.ndarray
    exposure: np.ndarray
    chance: np.ndarray

    @property
    def misled(self) -> bool:
        """Whether the plain difference misleads: it differs from the adjusted one by more than chance does (95%)."""
        return abs(self.gap.value) > 1.959963984540054 * self.gap.error


def fit(  # noqa: PLR0913  one argument for each part
    outcome: np.ndarray, met: np.ndarray, known: np.ndarray, customer: np.ndarray, *, seed: int, splits: int = 3
) -> Fitted:
    """Fit the model. `met` is 0 or 1; `known` n × p, as `widened` makes it; `customer` tells whose row it is (whole numbers).

    Raises ValueError where fewer than 30 customers met it or didn't, or none of them can be compared.
    """
    import numpy as np

    y, d = outcome.astype(np.float64), met.astype(np.float64)
    who = np.unique(customer, return_inverse=True)[1]
    if min(len(np.unique(who[d > 0])), len(np.unique(who[d == 0]))) < FEWEST:
        raise ValueError("Too few customers met it, or too few didn’t.")
    both = np.column_stack([y, d])
    wide = np.column_stack([np.ones(len(y)), known])
    dice = np.random.default_rng(seed)
    tried = [_once(both, wide, who, dice) for _ in range(splits)]
    middle = sorted(tried, key=lambda one: one.value)[len(tried) // 2]
    value = float(np.median([one.value for one in tried]))
    error = sqrt(float(np.median([one.error**2 + (one.value - value) ** 2 for one in tried])))
    plain, influence = difference(y, d, who)
    apart = plain.value - middle.value
    between = sqrt(float(((influence - middle.influence) ** 2).sum()))
    return Fitted(
        adjusted=Effect(value=value, error=error), plain=plain, gap=Effect(value=apart, error=between), overlap=middle.overlap,
        customers=int(who.max()) + 1, strength=middle.strength, compared=middle.compared, outcome=middle.y, exposure=middle.d,
        chance=middle.chance,
    )  # fmt: skip


def weights(chance: np.ndarray, compared: np.ndarray) -> np.ndarray:
    """Return what rows weigh: 1 / (1 - chance), 0 where they aren't compared."""
    import numpy as np

    return np.where(compared, 1 / (1 - np.minimum(chance, HIGHEST)), 0.0)


@dataclass(frozen=True, slots=True)
class _Split:
    value: float
    error: float
    influence: np.ndarray
    overlap: Overlap
    strength: float
    compared: np.ndarray
    y: np.ndarray
    d: np.ndarray
    chance: np.ndarray


def _once(both: np.ndarray, wide: np.ndarray, who: np.ndarray, dice: np.random.Generator) -> _Split:
    import numpy as np

    fold = dice.permutation(int(who.max()) + 1)[who] % FOLDS
    expected = _expected(both, wide, fold)
    chance, d = expected[:, 1], both[:, 1]
    overlap, compared = _overlap(chance, d)
    y_left, d_left = (both - expected).T
    weigh = np.sqrt(weights(chance, compared))
    y, v = y_left * weigh, d_left * weigh
    square = float(v @ v)
    if square <= 0:
        raise ValueError("Nobody who met it has their like among those who didn’t.")
    value = float(y @ v) / square
    influence = np.bincount(who, weights=(y - value * v) * v) / square
    strength = float(y @ v) / sqrt(square * float(y @ y)) if y.any() else 0.0
    return _Split(
        value, sqrt(float(influence @ influence)), influence, overlap, strength, compared, y_left, d_left, chance
    )  # fmt: skip


def _expected(both: np.ndarray, wide: np.ndarray, fold: np.ndarray) -> np.ndarray:
    """Return what is expected of each row by models that were learned on the other folds."""
    import numpy as np

    places = [np.flatnonzero(fold == k) for k in range(FOLDS)]
    parts = [products(wide[place], both[place]) for place in places]
    whole = reduce(add, parts)
    found = np.empty_like(both)
    for place, part in zip(places, parts, strict=True):
        found[place] = wide[place] @ learned(whole - part)
    return found


def _overlap(chance: np.ndarray, d: np.ndarray) -> tuple[Overlap, np.ndarray]:
    low = LOWEST * float(d.mean())
    below, above = chance < low, chance > HIGHEST
    out = below | above
    return Overlap(
        low=low, high=HIGHEST, rows=len(d), met=int(d.sum()), below=int(below.sum()), above=int(above.sum()), met_left_out=int(d[out].sum())
    ), ~out  # fmt: skip


def difference(y: np.ndarray, d: np.ndarray, who: np.ndarray) -> tuple[Effect, np.ndarray]:
    """Return the plain difference of means with its influence by customer (Liang and Zeger 1986)."""
    import numpy as np

    share = d.mean()
    with_it, without = y[d > 0].mean(), y[d == 0].mean()
    each = d * (y - with_it) / share - (1 - d) * (y - without) / (1 - share)
    influence = np.bincount(who, weights=each) / len(y)
    return Effect(value=float(with_it - without), error=sqrt(float(influence @ influence))), influence
