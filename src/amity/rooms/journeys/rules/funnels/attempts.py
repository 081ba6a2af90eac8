"""Which attempt of each customer counts, and how far it got. Pure numpy over interactions that are sorted by customer and time.

A customer counts once, with the attempt that got furthest; of equally far ones with the earliest. An attempt begins with each
first step, and takes each next step as early as it can: so nobody is missed who could have got through, and repeating a step
neither helps nor harms. An interaction stands for one step of an attempt at most (in any order: for each that means it).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

NEVER = -(2**63)


class Story(Protocol):
    """What is counted: `engines.past.behaviour.moments.Moments`. Arrays of one length, sorted by customer, held value and time."""

    @property
    def customers(self) -> np.ndarray: ...
    @property
    def at(self) -> np.ndarray: ...
    @property
    def mask(self) -> np.ndarray: ...
    @property
    def held(self) -> np.ndarray: ...
    @property
    def keys(self) -> np.ndarray | None: ...
    @property
    def previous(self) -> np.ndarray | None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """The counted attempt of each customer who began: `customers` (`S16`), `began`: the row of its first interaction.

    `at`: when each step was reached (ms; NEVER where it wasn't), a row a customer and a column a step. In any order, the column
    n is when n + 1 of the steps had been done.
    """

    customers: np.ndarray
    began: np.ndarray
    at: np.ndarray

    @property
    def reached(self) -> np.ndarray:
        """Whether each step was reached, as `at`."""
        found: np.ndarray = self.at != NEVER
        return found


def count_attempts(  # noqa: PLR0913  one argument for each part
    story: Story, *, optional: Sequence[bool], order: str, within: int, first: int, last: int
) -> Attempts:
    """Return each customer's attempt that counts. It begins from `first` to `last`, and ends `within` ms of that; all in ms.

    `optional` says of each step whether it can be left out; bit n of `story.mask` that an interaction is step n.
    """
    import numpy as np

    rows = _Rows(story, len(optional), strict=order == "strict")
    begins = (story.at >= first) & (story.at <= last)
    starts = np.flatnonzero(begins & ((story.mask & 1) == 1 if order != "any" else story.mask != 0))
    if order == "any":
        chosen = _furthest(story, starts, rows.any_order(starts, within)[1])
        return Attempts(customers=story.customers[chosen], began=chosen, at=rows.any_order(chosen, within)[0])
    needed = [n for n, one in enumerate(optional) if not one]
    chosen = _furthest(story, starts, rows.far(starts, needed, within))
    return Attempts(customers=story.customers[chosen], began=chosen, at=rows.times(chosen, needed, within))


def reached_from(story: Story, starts: np.ndarray, *, optional: Sequence[bool], within: int) -> np.ndarray:
    """Return when the attempts that begin with those rows reached each step in order (ms; NEVER where they didn't)."""
    needed = [n for n, one in enumerate(optional) if not one]
    return _Rows(story, len(optional), strict=False).times(starts, needed, within)


def _furthest(story: Story, starts: np.ndarray, level: np.ndarray) -> np.ndarray:
    """Return the start of each customer that got furthest; of several the earliest."""
    import numpy as np

    if not len(starts):
        return starts
    who = story.customers[starts]
    number = np.concatenate([[0], np.cumsum(who[1:] != who[:-1])])
    order = np.lexsort((starts, story.at[starts], -level, number))
    best = order[np.concatenate([[True], number[order][1:] != number[order][:-1]])]
    found: np.ndarray = starts[best]
    return found


class _Rows:
    """Finds, for many rows at once, the next one of a step in the same customer's story (with the same held value)."""

    def __init__(self, story: Story, steps: int, *, strict: bool) -> None:
        import numpy as np

        self.story, self.steps = story, steps
        number = len(story.at)
        changes = np.ones(number + 1, dtype=bool)
        if number:
            changes[1:-1] = (story.customers[1:] != story.customers[:-1]) | (story.held[1:] != story.held[:-1])
        edges = np.flatnonzero(changes)
        self.group = np.cumsum(changes[:-1]) - 1
        self.ends = edges[1:]
        self.places = [np.flatnonzero((story.mask >> n) & 1) for n in range(steps)]
        self.following = _following(story) if strict else None

    def next(self, at: np.ndarray, step: int, starts: np.ndarray, within: int, *, side: str = "right") -> np.ndarray:
        """Return the first row of a step after each of `at` (or, `side="left"`, of itself), soon enough after `starts`; else -1."""
        import numpy as np

        if self.following is not None and side == "right":
            found = self.following[at]
            good = (found >= 0) & (((self.story.mask[found] >> step) & 1) == 1)
            good &= self.group[found] == self.group[at]
        else:
            places = self.places[step]
            index = np.searchsorted(places, at, side=side)  # type: ignore[call-overload]
            good = index < len(places)
            found = np.where(good, places[np.minimum(index, len(places) - 1)], 0) if len(places) else np.zeros_like(at)
            good &= found < self.ends[self.group[at]]
        good &= self.story.at[found] - self.story.at[starts] <= within
        return np.where(good, found, -1)

    def far(self, starts: np.ndarray, needed: Sequence[int], within: int) -> np.ndarray:
        """Return how many of the needed steps attempts from each start reach."""
        import numpy as np

        level = np.ones(len(starts), dtype=np.int64)
        going, at = np.arange(len(starts)), starts
        for step in needed[1:]:
            found = self.next(at, step, starts[going], within)
            going, at = going[found >= 0], found[found >= 0]
            level[going] += 1
        return level

    def times(self, starts: np.ndarray, needed: Sequence[int], within: int) -> np.ndarray:
        """Return when each step was reached, from each start; optional ones between the needed ones before and after them."""
        import numpy as np

        rows = np.full((len(starts), self.steps), -1, dtype=np.int64)
        if len(starts):
            rows[:, 0] = starts
        for before, step in pairwise(needed):
            there = np.flatnonzero(rows[:, before] >= 0)
            rows[there, step] = self.next(rows[there, before], step, starts[there], within)
        for step in set(range(self.steps)) - set(needed):
            before = max(n for n in needed if n < step)
            after = min((n for n in needed if n > step), default=None)
            there = np.flatnonzero(rows[:, before] >= 0)
            found = self.next(rows[there, before], step, starts[there], within)
            if after is not None:
                found = np.where((rows[there, after] < 0) | (found < rows[there, after]), found, -1)
            rows[there, step] = found
        return np.where(rows >= 0, self.story.at[rows], NEVER)

    def any_order(self, starts: np.ndarray, within: int) -> tuple[np.ndarray, np.ndarray]:
        """Return when one, two, … of the steps had been done from each start on, and how many were."""
        import numpy as np

        late = 2**63 - 1
        at = np.full((len(starts), self.steps), late, dtype=np.int64)
        for step in range(self.steps):
            found = self.next(starts, step, starts, within, side="left")
            at[:, step] = np.where(found >= 0, self.story.at[found], late)
        at.sort(axis=1)
        return np.where(at == late, NEVER, at), (at != late).sum(axis=1)


def _following(story: Story) -> np.ndarray:
    """Return the row of the interaction that came right after each row's; -1 where that isn't among them."""
    import numpy as np

    number = len(story.at)
    found = np.full(number, -1, dtype=np.int64)
    if not number or story.keys is None or story.previous is None:
        return found
    order = np.argsort(story.keys)
    index = np.minimum(np.searchsorted(story.keys[order], story.previous), number - 1)
    before = order[index]
    there = story.keys[before] == story.previous
    found[before[there]] = np.flatnonzero(there)
    return found
