"""Which interactions make a case. Pure numpy over interactions that are sorted by customer, by what is held, and by time."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from amity.rooms.journeys.rules.funnels.attempts import Story


def split(story: Story, *, within: int, last_stage: int, keyed: bool) -> np.ndarray:
    """Return the first interaction of each case.

    What is `keyed` is a case as long as it lasts. Without a key a customer's case begins with their first interaction and has `within`
    ms; the next interaction after that begins another, and so does the first stage (bit 0) once the last stage has been reached.
    """
    import numpy as np

    number = len(story.at)
    changes = np.ones(number, dtype=bool)
    changes[1:] = (story.customers[1:] != story.customers[:-1]) | (story.held[1:] != story.held[:-1])
    begun = np.flatnonzero(changes)
    if keyed or not number:
        return begun
    group = np.cumsum(changes) - 1
    ends = np.append(begun[1:], number)
    first, last = np.flatnonzero(story.mask & 1), np.flatnonzero((story.mask >> last_stage) & 1)
    found, going = [begun], begun
    while len(going):
        over = ends[group[going]]
        after = np.minimum(
            _until(story.at, going + 1, over, story.at[going] + within), _next(first, _next(last, going - 1, number), number)
        )
        going = after[after < over]
        found.append(going)
    return np.sort(np.concatenate(found))


def _next(places: np.ndarray, at: np.ndarray, otherwise: int) -> np.ndarray:
    """Return the first of `places` after each row of `at`."""
    import numpy as np

    return np.append(places, otherwise)[np.searchsorted(places, at, side="right")]


def _until(at: np.ndarray, low: np.ndarray, high: np.ndarray, limit: np.ndarray) -> np.ndarray:
    """Return the first row from `low` on, and before `high`, whose time is beyond the limit; else `high`."""
    import numpy as np

    low, high = low.copy(), high.copy()
    while (open_ := low < high).any():
        middle = (low + high) // 2
        soon = open_ & (at[np.minimum(middle, len(at) - 1)] <= limit)
        low = np.where(soon, middle + 1, low)
        high = np.where(open_ & ~soon, middle, high)
    return low
