"""Who met something first when, what they did within a time of it, and how far they had come on a journey. Pure arithmetic on arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

NOWHERE = -1


def first_met(customers: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return who is there, sorted, and when each was first."""
    import numpy as np

    ids, whose = np.unique(customers, return_inverse=True)
    first = np.full(len(ids), np.iinfo(np.int64).max, dtype=np.int64)
    np.minimum.at(first, whose, at)
    return ids, first


def did_within(ids: np.ndarray, after: np.ndarray, until: np.ndarray, customers: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Return of each of `ids` whether something of theirs came after `after` and not later than `until`."""
    import numpy as np

    place, there = _places(ids, customers)
    there &= (at > after[place]) & (at <= until[place]) if len(ids) else False
    found = np.zeros(len(ids), dtype=bool)
    found[place[there]] = True
    return found


def stage_at(  # noqa: PLR0913, PLR0917  one argument for each array
    ids: np.ndarray, met: np.ndarray, within: int, customers: np.ndarray, at: np.ndarray, mask: np.ndarray
) -> np.ndarray:
    """Return of each the stage that they reached last in the `within` ms up to the moment they met it; NOWHERE of none.

    Bit n of `mask` is set where an interaction means stage n. Of several at one moment the furthest counts.
    """
    import numpy as np

    place, there = _places(ids, customers)
    there &= (at <= met[place]) & (at >= met[place] - within) if len(ids) else False
    place, at, furthest = place[there], at[there], np.frexp(mask[there].astype(np.float64))[1] - 1
    order = np.lexsort((furthest, at, place))
    found = np.full(len(ids), NOWHERE, dtype=np.int64)
    found[place[order]] = furthest[order]  # the last one of each stays
    return found


def by_step(met: np.ndarray, *, first: int, last: int, most: int = 48) -> tuple[int, list[int]]:
    """Return the length of a step in ms, hours or days so that there are at most so many, and how many met it first in each."""
    import numpy as np

    step = 3_600_000
    for wider in (1, 2, 3, 6, 12, 24, 48, 168, 720, 8_760, 87_600):
        step = wider * 3_600_000
        if (last - first) // step < most:
            break
    number = (last - first) // step + 1
    counts = np.bincount((met - first) // step, minlength=number) if len(met) else np.zeros(number, dtype=np.int64)
    return step, [int(one) for one in counts]


def _places(ids: np.ndarray, customers: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    import numpy as np

    if not len(ids):
        return np.zeros(len(customers), dtype=np.int64), np.zeros(len(customers), dtype=bool)
    place = np.minimum(np.searchsorted(ids, customers), len(ids) - 1)
    return place, ids[place] == customers
