"""Proposals that hang together: where a may be b, and b may be c, the three are looked at as one group."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from typing import TypeVar

Who = TypeVar("Who", bound=Hashable)


def components(pairs: Iterable[tuple[Who, Who]]) -> list[list[Who]]:
    """Return who hangs together, by way of whomever: each group's members in the order in which they were met."""
    root: dict[Who, Who] = {}

    def top(one: Who) -> Who:
        root.setdefault(one, one)
        while root[one] != one:
            root[one] = root[root[one]]
            one = root[one]
        return one

    for first, second in pairs:
        root[top(second)] = top(first)
    found: dict[Who, list[Who]] = {}
    for one in root:
        found.setdefault(top(one), []).append(one)
    return list(found.values())
