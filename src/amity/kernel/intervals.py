"""Intervals of shares and of net scores, of 95%: one place, so that no two pages say different ones. Pure."""

from __future__ import annotations

from math import sqrt

Z95 = 1.959963984540054
FEWEST = 30  # answers or customers below which nothing is said; conventions: 30 the caution floor, 100 to compare


def wilson(p: float, n: float) -> tuple[float, float]:
    """Return the score interval of a share p (0 to 1) of n > 0 (Wilson 1927, JASA 22, 209-212; Brown, Cai and DasGupta 2001, eq. 4).

    It holds p: at both ends it begins there exactly.
    """
    zz = Z95**2
    middle = (p + zz / (2 * n)) / (1 + zz / n)
    half = Z95 / (1 + zz / n) * sqrt(p * (1 - p) / n + zz / (4 * n * n))
    low = 0.0 if p <= 0 else max(min(middle - half, p), 0.0)
    high = 1.0 if p >= 1 else min(max(middle + half, p), 1.0)
    return low, high


def adjusted_wald(plus: float, minus: float, n: float) -> tuple[float, float]:
    """Return the interval of a net score, (plus - minus) / n, such as the NPS, as shares from -1 to 1.

    Three answers more, three quarters at each end (Rocks 2016, “Interval estimation for the Net Promoter Score”, The American
    Statistician 70:4).
    """
    n += 3
    p, d = (plus + 0.75) / n, (minus + 0.75) / n
    middle, error = p - d, sqrt((p + d - (p - d) ** 2) / n)
    return max(middle - Z95 * error, -1.0), min(middle + Z95 * error, 1.0)
