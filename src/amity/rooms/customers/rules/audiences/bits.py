"""Sets of customers as bits of their numbers. Numbers are given as customers are met and never change, so what was kept stays true. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


class Numbers:
    """Numbers of customers, from 0 on in the order in which they were met. Ids are `S16`."""

    def __init__(self) -> None:
        import numpy as np

        self._ids = np.empty(0, dtype="S16")  # sorted
        self._numbers = np.empty(0, dtype=np.int64)

    def __len__(self) -> int:
        return len(self._ids)

    def of(self, ids: np.ndarray) -> np.ndarray:
        """Return the numbers of customers, new ones for those who weren't met before."""
        import numpy as np

        wanted = np.unique(ids.astype("S16"))
        at = np.searchsorted(self._ids, wanted)
        known = np.zeros(len(wanted), dtype=bool)
        inside = at < len(self._ids)
        known[inside] = self._ids[at[inside]] == wanted[inside]
        new = wanted[~known]
        if len(new):
            fresh = np.arange(len(self._ids), len(self._ids) + len(new))
            everybody = np.concatenate([self._ids, new])
            order = np.argsort(everybody, kind="stable")
            self._ids, self._numbers = everybody[order], np.concatenate([self._numbers, fresh])[order]
            at = np.searchsorted(self._ids, wanted)
        return self._numbers[at]


def packed(numbers: np.ndarray, length: int) -> np.ndarray:
    """Return a set of numbers below `length` as bits, eight to a byte."""
    import numpy as np

    bits = np.zeros(length, dtype=bool)
    bits[numbers] = True
    return np.packbits(bits)


def count(sets: Iterable[np.ndarray], others: Iterable[np.ndarray] = (), without: Iterable[np.ndarray] = ()) -> int:
    """Return how many are in all of `sets`, in at least one of `others` where there are any, and in none of `without`.

    Of two sets of different length the shorter one has nobody beyond its end. Nothing at all is nobody.
    """
    import numpy as np

    every, some, none = list(sets), list(others), list(without)
    if not every and not some:
        return 0
    length = max(len(one) for one in [*every, *some])
    found = _all(every, length) if every else _any(some, length)
    if every and some:
        found = found & _any(some, length)
    if none:
        found = found & ~_any(none, length)
    return int(np.bitwise_count(found).sum(dtype=np.int64))


def _all(sets: list[np.ndarray], length: int) -> np.ndarray:
    found = _long(sets[0], length)
    for one in sets[1:]:
        found = found & _long(one, length)
    return found


def _any(sets: list[np.ndarray], length: int) -> np.ndarray:
    found = _long(sets[0], length)
    for one in sets[1:]:
        found = found | _long(one, length)
    return found


def _long(one: np.ndarray, length: int) -> np.ndarray:
    import numpy as np

    return one[:length] if len(one) >= length else np.pad(one, (0, length - len(one)))
