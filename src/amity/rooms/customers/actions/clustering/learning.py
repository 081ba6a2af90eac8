"""Learn segments: k-means for each number of segments, how well each is parted (silhouette) and how stable it is (bootstrap).

The number is that with the largest mean silhouette (Rousseeuw 1987, J. Comput. Appl. Math. 20, 53-65) among those that are stable:
segments of resamples, continued to everybody by their centres, agree with the whole's by an adjusted Rand index (Hubert and Arabie
1985) of 0.6 or more on average (the bootstrap of Hennig 2007, Comput. Stat. Data Anal. 52, 258-271; he calls 0.6 the least that
tells a pattern). Where none is stable, the most stable is taken and called so. The same data and seed give the same segments.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from amity.rooms.customers.rules.clustering.model import scaling

if TYPE_CHECKING:
    import numpy as np

SEED = 20_261_128
FEWEST, MOST = 2, 10  # segments
RESAMPLES = 20
MOST_LEARNED_ON = 10_000  # customers
MOST_FOR_SILHOUETTE = 2_000
STABLE = 0.6
SMALLEST = 0.01  # of all: a segment with fewer is a few strange customers
Told = Callable[[str, float], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Tried:
    """One number of segments. `stability`: mean adjusted Rand index, `low` and `high` its 10th and 90th percentile over resamples."""

    number: int
    silhouette: float
    stability: float
    low: float
    high: float
    smallest: float
    centres: np.ndarray


@dataclass(frozen=True, slots=True, kw_only=True)
class Learned:
    """The chosen number and all that were tried. `stable` is False where none was."""

    chosen: Tried
    tried: Sequence[Tried]
    stable: bool
    means: np.ndarray
    sds: np.ndarray
    learned_on: int


def learn(raw: np.ndarray, *, number: int = 0, told: Told = lambda _, __: None, resamples: int | None = None) -> Learned:
    """Return the segments of customers (rows of features). `number`: of segments; 0 lets the data say. `told` may raise to stop."""
    import numpy as np
    from threadpoolctl import threadpool_limits

    random = np.random.default_rng(SEED)
    rows = raw if len(raw) <= MOST_LEARNED_ON else raw[np.sort(random.choice(len(raw), MOST_LEARNED_ON, replace=False))]
    means, sds = scaling(rows)
    scaled = (rows - means) / sds
    most = min(MOST, max(len(scaled) // 30, FEWEST))
    numbers = [number] if number else list(range(FEWEST, most + 1))
    tried = []
    with threadpool_limits(limits=1):
        for place, one in enumerate(numbers):
            step = partial(_tell, told, one, place, len(numbers))
            tried.append(_try(scaled, one, RESAMPLES if resamples is None else resamples, step))
    steady = [one for one in tried if one.stability >= STABLE and one.smallest >= SMALLEST]
    best = max(steady, key=lambda one: one.silhouette) if steady else max(tried, key=lambda one: one.stability)
    return Learned(chosen=best, tried=tried, stable=bool(steady), means=means, sds=sds, learned_on=len(rows))


def _tell(told: Told, number: int, place: int, places: int, share: float) -> None:
    told(f"Trying {number} segments", (place + share) / places)


def _try(scaled: np.ndarray, number: int, resamples: int, told: Callable[[float], None]) -> Tried:
    import numpy as np
    from sklearn.cluster import KMeans
    from sklearn.metrics import adjusted_rand_score, silhouette_score

    random = np.random.default_rng(SEED + number)
    whole = KMeans(number, n_init=5, random_state=SEED).fit(scaled)
    agreed = []
    for turn in range(resamples):
        told((turn + 1) / (resamples + 1))
        some = scaled[random.integers(0, len(scaled), len(scaled))]
        again = KMeans(number, n_init=2, random_state=SEED + turn).fit(some)
        agreed.append(adjusted_rand_score(whole.labels_, again.predict(scaled)))
    some_rows = min(len(scaled), MOST_FOR_SILHOUETTE)
    parted = (
        silhouette_score(scaled, whole.labels_, sample_size=some_rows, random_state=SEED) if len(set(whole.labels_)) > 1 else 0.0
    )
    order = np.argsort(-np.bincount(whole.labels_, minlength=number), kind="stable")
    low, high = np.quantile(agreed, [0.1, 0.9]) if agreed else (0.0, 0.0)
    return Tried(
        number=number, silhouette=float(parted), stability=float(np.mean(agreed)) if agreed else 0.0, low=float(low), high=float(high),
        smallest=float(np.bincount(whole.labels_, minlength=number).min() / len(scaled)), centres=whole.cluster_centers_[order],
    )  # fmt: skip
