"""What to believe of what data taught: little data teaches little, and nonsense nothing."""

from __future__ import annotations

from collections.abc import Sequence

from amity.rooms.customers.rules.matching.model import Comparison

BELIEF = 20  # matches that what is assumed counts as much as
FEWEST_MATCHES = 10  # of fewer nothing is learned
_LEAST = 1e-7


def settle(
    comparison: Comparison, *, m: Sequence[float | None], u: Sequence[float | None], matches: int, prior: float
) -> tuple[list[tuple[float, float]], bool]:
    """Return (m, u) of each level, and whether m was learned.

    `m` and `u` are what was learned of each level, None where nothing was. `matches` is of how many matches m was learned: m is
    their share blended with what is assumed, as if that had been seen of BELIEF matches (the mean of a Dirichlet posterior), so a
    level that was never met stays possible. `u` was counted among random pairs, so many of them matches as the `prior` says:
    these are taken out. Of too few matches, or where being the same would then speak against a match or being different for one, m is
    what is assumed.
    """
    taught = _posterior(comparison, m, matches)
    pairs = [
        (one, _without_matches(level.u if seen is None else seen, one, prior))
        for one, seen, level in zip(taught, u, comparison.levels, strict=True)
    ]
    if (
        matches >= FEWEST_MATCHES
        and any(one is not None for one in m)
        and pairs[0][0] > pairs[0][1]
        and pairs[-1][0] < pairs[-1][1]
    ):
        return pairs, True
    return [
        (level.m, level.u if seen is None else max(seen, _LEAST)) for level, seen in zip(comparison.levels, u, strict=True)
    ], False


def _posterior(comparison: Comparison, m: Sequence[float | None], matches: int) -> list[float]:
    told = [one or 0.0 for one in m]
    whole = sum(told) or 1.0
    assumed = sum(level.m for level in comparison.levels)
    return [
        (matches * one / whole + BELIEF * level.m / assumed) / (matches + BELIEF)
        for one, level in zip(told, comparison.levels, strict=True)
    ]


def _without_matches(u: float, m: float, prior: float) -> float:
    """Return u of pairs that are no matches: seen = prior m + (1 - prior) u. No less than a twentieth of what was seen."""
    return max((u - prior * m) / (1 - prior), u / 20, _LEAST)
