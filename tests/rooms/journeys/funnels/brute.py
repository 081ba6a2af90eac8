"""Funnels the plain way: every way through a story is tried, one customer at a time."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

NEVER = -(2**63)


def order_of(row: dict) -> tuple:
    mask = row["mask"]
    return (row["at"], mask & -mask, mask, row["key"])


def counted(rows: Sequence[dict], *, optional: Sequence[bool], order: str, within: int, first: int, last: int) -> dict:
    """Return by customer when each step was reached in the attempt that counts."""
    found = {}
    for who in {row["who"] for row in rows}:
        tries = []
        for held in {row["held"] for row in rows if row["who"] == who}:
            story = sorted((row for row in rows if (row["who"], row["held"]) == (who, held)), key=order_of)
            for start, row in enumerate(story):
                if first <= row["at"] <= last and (row["mask"] & 1 or order == "any") and row["mask"]:
                    soon = [one for one in story[start:] if one["at"] - row["at"] <= within]
                    if order == "strict":  # what came right after is as stored, also among what came at once
                        times = one_by_one(row, [one for one in story if one["at"] - row["at"] <= within], len(optional))
                    else:
                        times = any_order(soon, len(optional)) if order == "any" else in_order(soon, optional)
                    needed = [n for n, one in enumerate(optional) if not one] if order != "any" else range(len(optional))
                    tries.append((-sum(times[n] != NEVER for n in needed), row["at"], held, start, times))
        if tries:
            found[who] = min(tries, key=lambda one: one[:4])[4]
    return found


def any_order(soon: Sequence[dict], steps: int) -> list[int]:
    at = [min((row["at"] for row in soon if row["mask"] >> n & 1), default=None) for n in range(steps)]
    done = sorted(one for one in at if one is not None)
    return [*done, *[NEVER] * (steps - len(done))]


def one_by_one(row: dict, soon: Sequence[dict], steps: int) -> list[int]:
    after = {one["previous"]: one for one in soon}
    times = [row["at"]]
    for step in range(1, steps):
        row = after.get(row["key"])
        if row is None or not row["mask"] >> step & 1:
            break
        times.append(row["at"])
    return [*times, *[NEVER] * (steps - len(times))]


def in_order(soon: Sequence[dict], optional: Sequence[bool]) -> list[int]:
    needed = [n for n, one in enumerate(optional) if not one]
    best: tuple[int, ...] = (0,)
    for length in range(len(needed), 1, -1):
        # All ways to take so many interactions, the earliest first.
        ways = (
            (0, *way)
            for way in combinations(range(1, len(soon)), length - 1)
            if all(soon[place]["mask"] >> step & 1 for place, step in zip(way, needed[1:], strict=False))
        )
        if (found := min(ways, default=None)) is not None:
            best = found
            break
    place = dict(zip(needed, best, strict=False))
    times = [soon[place[n]]["at"] if n in place else NEVER for n in range(len(optional))]
    for n, one in enumerate(optional):
        if one and (before := max(m for m in needed if m < n)) in place:
            after = min((place[m] for m in needed if m > n and m in place), default=len(soon))
            times[n] = next((soon[i]["at"] for i in range(place[before] + 1, after) if soon[i]["mask"] >> n & 1), NEVER)
    return times
