"""Intervals of shares and of percentiles."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from math import comb, sqrt
from typing import TYPE_CHECKING

from amity.kernel.intervals import Z95 as Z
from amity.kernel.intervals import wilson
from amity.rooms.journeys.contracts import Share, Times

if TYPE_CHECKING:
    import numpy as np

_EXACT = 1_000  # above so many the normal distribution is the binomial's to a rank


def share(number: int, n: int) -> Share:
    """Return a share with Wilson's score interval: 0 to 1 of nothing."""
    if not n:
        return Share(number=0, n=0, low=0.0, high=1.0)
    low, high = wilson(number / n, n)
    return Share(number=number, n=n, low=low, high=high)


def times(spans: np.ndarray | Sequence[int]) -> Times | None:
    """Return the percentiles of durations (ms); None of nothing.

    Between the two nearest values (Hyndman and Fan 1996, type 7). The median's interval is between order statistics whose ranks
    are the binomial's 2.5% and 97.5% (Conover 1999, 3.2): it holds whatever the distribution.
    """
    import numpy as np

    n = len(spans)
    if not n:
        return None
    ordered = np.sort(np.asarray(spans, dtype=np.float64))
    p25, p50, p75, p90 = np.quantile(ordered, [0.25, 0.5, 0.75, 0.9])
    rank = _rank(n)
    low, high = (float(ordered[rank - 1]), float(ordered[n - rank])) if rank else (None, None)
    return Times(n=n, p25=float(p25), p50=float(p50), p75=float(p75), p90=float(p90), low=low, high=high)


@lru_cache(maxsize=4_096)
def _rank(n: int) -> int:
    """Return the highest rank below which the median lies with a chance of at most 2.5%; 0 where there is none."""
    if n > _EXACT:
        return int((n - Z * sqrt(n)) / 2)
    rank, below = 0, 0
    while (below := below + comb(n, rank)) * 40 <= 2**n:
        rank += 1
    return rank
