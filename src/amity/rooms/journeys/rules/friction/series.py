"""What is known of customers as columns that a linear model can bend, and ridge regression over them.

Everything goes through cross products (X'X, X'y), which are summed once for each fold: what a model is learned on is the whole
less the fold that it is used on.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

_PENALTIES = (1e-6, 1e-4, 1e-3, 1e-2, 1e-1, 1.0)  # of the mean variance of a column
_FEWEST = 20  # rows in which a column must be something, and differ from the first


def widened(numbers: np.ndarray, kinds: np.ndarray, *, most: int = 100) -> np.ndarray:
    """Return a matrix of columns for a linear model (n × p), standardised, without a constant.

    `numbers` (n × a) become themselves and their squares; `kinds` (n × b, of 0 and 1) themselves; then each kind times each kind
    and each number, as far as `most` columns: a series of second order (Newey 1997). Columns that hardly vary are left out.
    """
    import numpy as np

    n = len(kinds)
    steady = standardised(numbers)
    kept: list[np.ndarray] = []
    few = min(_FEWEST, max(n // 20, 1))
    for column in _columns(kinds, steady):
        if len(kept) >= most:
            break
        if min(np.count_nonzero(column), np.count_nonzero(column != column[0])) >= few:
            kept.append(column)
    return standardised(np.column_stack(kept)) if kept else np.zeros((n, 0))


def _columns(kinds: np.ndarray, numbers: np.ndarray) -> Iterator[np.ndarray]:
    yield from kinds.T
    yield from numbers.T
    yield from (numbers**2).T
    for i in range(kinds.shape[1]):
        for j in range(i):
            yield kinds[:, i] * kinds[:, j]
    for i in range(kinds.shape[1]):
        for j in range(numbers.shape[1]):
            yield kinds[:, i] * numbers[:, j]


def standardised(columns: np.ndarray) -> np.ndarray:
    """Return columns with mean 0 and standard deviation 1; constant ones as 0."""
    import numpy as np

    if columns.size == 0:
        return columns.astype(np.float64)
    middle, spread = columns.mean(axis=0), columns.std(axis=0)
    found: np.ndarray = (columns - middle) / np.where(spread > 0, spread, 1.0)
    return found


@dataclass(frozen=True, slots=True)
class Products:
    """Cross products of rows: X'X with a constant in front, X'Y, Y'Y by column, and how many rows."""

    n: int
    xx: np.ndarray
    xy: np.ndarray
    yy: np.ndarray

    def __add__(self, other: Products) -> Products:
        return Products(self.n + other.n, self.xx + other.xx, self.xy + other.xy, self.yy + other.yy)

    def __sub__(self, other: Products) -> Products:
        return Products(self.n - other.n, self.xx - other.xx, self.xy - other.xy, self.yy - other.yy)


def products(x: np.ndarray, y: np.ndarray) -> Products:
    """Return the cross products of rows; `x` has its constant in front, `y` is n × k."""
    return Products(len(x), x.T @ x, x.T @ y, (y**2).sum(axis=0))


def learned(given: Products) -> np.ndarray:
    """Return ridge coefficients (p × k), the constant unpenalised.

    The penalty is that of the smallest generalised cross-validation (Golub, Heath and Wahba 1979, eq. 2.3): one for all columns of
    Y, by the product of their scores. Were it one each, what was learned badly of one would not cancel in the other, and the slope
    of one residual on the other would be too flat.
    """
    import numpy as np

    mean = given.xx[0] / given.n
    centred = given.xx[1:, 1:] - given.n * np.outer(mean[1:], mean[1:])
    means = given.xy[0] / given.n
    moments = given.xy[1:] - given.n * np.outer(mean[1:], means)
    squares = given.yy - given.n * means**2
    values, vectors = np.linalg.eigh(centred)
    values = np.maximum(values, 0.0)
    turned = vectors.T @ moments
    level = values.mean() if len(values) else 1.0
    best, lowest = np.zeros_like(moments), np.inf
    for penalty in _PENALTIES:
        shrunk = values + penalty * level + 1e-12
        slopes = turned / shrunk[:, None]
        left = squares - 2 * (slopes * turned).sum(axis=0) + (slopes**2 * values[:, None]).sum(axis=0)
        freedom = given.n - 1 - (values / shrunk).sum()
        score = float(np.log(np.maximum(given.n * left / max(freedom, 1.0) ** 2, 1e-300)).sum())
        if score < lowest:
            best, lowest = slopes, score
    found = vectors @ best
    return np.vstack([means - mean[1:] @ found, found])
