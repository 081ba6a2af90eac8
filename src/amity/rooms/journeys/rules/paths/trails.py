"""Cases as sequences of activities, and what can be counted of them: the directly-follows map, variants, rework. Pure numpy.

A case is what one follows through: a customer, a session, an order, a ticket. Its activities stand in the order of the story.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amity.rooms.journeys.contracts import Times
from amity.rooms.journeys.rules.intervals import times

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True, kw_only=True)
class Trails:
    """`activity` (a place in `names`) and `at` (ms) of each step, in the order of the cases; `starts` are the cases' first steps.

    `customers`: whose each case is (`S16`).
    """

    names: Sequence[str]
    activity: np.ndarray
    at: np.ndarray
    starts: np.ndarray
    customers: np.ndarray

    @property
    def cases(self) -> int:
        """How many cases."""
        return len(self.starts)

    @property
    def ends(self) -> np.ndarray:
        """The place after each case's last step."""
        import numpy as np

        return np.append(self.starts[1:], len(self.activity)) if len(self.starts) else self.starts

    @property
    def case(self) -> np.ndarray:
        """Of each step, which case it belongs to."""
        import numpy as np

        return np.repeat(np.arange(self.cases), self.ends - self.starts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Activity:
    """One activity: how often, in how many cases, how many cases begin and end with it, in how many it is done again.

    `again` is how often it is done beyond the first time in a case; `place` where it comes on average, from 0 to 1.
    """

    code: int
    name: str
    times: int
    cases: int
    begins: int
    ends: int
    reworked: int
    again: int
    place: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Edge:
    """That one activity directly follows another: how often, in how many cases, and how long that takes."""

    first: int
    then: int
    times: int
    cases: int
    took: Times


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way through: its activities, the cases that go it, and how long they take from the first step to the last."""

    steps: tuple[int, ...]
    cases: int
    took: Times
    example: int


def activities(trails: Trails) -> list[Activity]:
    """Return the activities, the most frequent first."""
    import numpy as np

    k = len(trails.names)
    often = np.bincount(trails.activity, minlength=k)
    pairs, counts = np.unique(trails.case * k + trails.activity, return_counts=True)
    cases = np.bincount(pairs % k, minlength=k)
    reworked = np.bincount(pairs[counts > 1] % k, minlength=k)
    begins = np.bincount(trails.activity[trails.starts], minlength=k)
    ends = np.bincount(trails.activity[trails.ends - 1], minlength=k)
    length = np.repeat(trails.ends - trails.starts, trails.ends - trails.starts)
    index = np.arange(len(trails.activity)) - np.repeat(trails.starts, trails.ends - trails.starts)
    share = np.bincount(trails.activity, weights=np.where(length > 1, index / np.maximum(length - 1, 1), 0.0), minlength=k)
    found = [
        Activity(
            code=n, name=name, times=int(often[n]), cases=int(cases[n]), begins=int(begins[n]), ends=int(ends[n]),
            reworked=int(reworked[n]), again=int(often[n] - cases[n]), place=float(share[n] / max(often[n], 1)),
        )
        for n, name in enumerate(trails.names)
        if often[n]
    ]  # fmt: skip
    return sorted(found, key=lambda one: (-one.times, one.name))


def edges(trails: Trails) -> list[Edge]:
    """Return which activities directly follow which, the most frequent first."""
    import numpy as np

    k, inner = len(trails.names), _inner(trails)
    pair = trails.activity[inner] * k + trails.activity[inner + 1]
    took = trails.at[inner + 1] - trails.at[inner]
    case = trails.case[inner]
    order = np.argsort(pair, kind="stable")
    pair, took, case = pair[order], took[order], case[order]
    kinds, first, counts = np.unique(pair, return_index=True, return_counts=True)
    found = []
    for kind, start, number in zip(kinds.tolist(), first.tolist(), counts.tolist(), strict=True):
        mine = slice(start, start + number)
        spans = times(took[mine])
        assert spans is not None  # noqa: S101  there is at least one
        found.append(Edge(first=kind // k, then=kind % k, times=number, cases=len(np.unique(case[mine])), took=spans))
    return sorted(found, key=lambda one: (-one.times, one.first, one.then))


def variants(trails: Trails, *, most: int = 50) -> tuple[list[Variant], int]:
    """Return the most frequent ways through, of equally frequent ones the shorter first; and how many ways there are."""
    import numpy as np

    if not trails.cases:
        return [], 0
    code = _ways(trails)
    kinds, first, counts = np.unique(code, return_index=True, return_counts=True)
    steps = trails.ends - trails.starts
    order = np.lexsort((first, steps[first], -counts))[:most]
    took = trails.at[trails.ends - 1] - trails.at[trails.starts]
    found = []
    for n in order.tolist():
        example = int(first[n])
        spans = times(took[code == kinds[n]])
        assert spans is not None  # noqa: S101  there is at least one
        way = trails.activity[trails.starts[example] : trails.ends[example]]
        found.append(Variant(steps=tuple(way.tolist()), cases=int(counts[n]), took=spans, example=example))
    return found, len(kinds)


def cases_of_way(trails: Trails, example: int) -> np.ndarray:
    """Return the cases that go the way of one of them."""
    import numpy as np

    code = _ways(trails)
    return np.flatnonzero(code == code[example])


def cases_of_edge(trails: Trails, first: int, then: int) -> np.ndarray:
    """Return the cases in which one activity directly follows another."""
    import numpy as np

    inner = _inner(trails)
    there = (trails.activity[inner] == first) & (trails.activity[inner + 1] == then)
    return np.unique(trails.case[inner[there]])


def cases_of_activity(trails: Trails, code: int, *, what: str = "done") -> np.ndarray:
    """Return the cases in which an activity is `done`, done `again`, comes first (`begins`) or last (`ends`)."""
    import numpy as np

    if what == "begins":
        return np.flatnonzero(trails.activity[trails.starts] == code)
    if what == "ends":
        return np.flatnonzero(trails.activity[trails.ends - 1] == code)
    found, counts = np.unique(trails.case[trails.activity == code], return_counts=True)
    return found[counts > 1] if what == "again" else found


def durations(trails: Trails) -> Times | None:
    """Return how long cases take from the first step to the last."""
    return times(trails.at[trails.ends - 1] - trails.at[trails.starts]) if trails.cases else None


def _inner(trails: Trails) -> np.ndarray:
    """Return the steps that are not the last of their case."""
    import numpy as np

    last = np.zeros(len(trails.activity), dtype=bool)
    last[trails.ends - 1] = True
    return np.flatnonzero(~last)


def _ways(trails: Trails) -> np.ndarray:
    """Return a number for each case, equal where the sequence of activities is.

    Cases of one length are told apart step by step: what is equal so far and goes on equally is equal. No hash, so no chance.
    """
    import numpy as np

    steps = trails.ends - trails.starts
    code, going = np.zeros(trails.cases, dtype=np.int64), np.arange(trails.cases)
    k, depth, made = len(trails.names) + 1, 0, 0
    code[:] = 0
    while len(going):
        over = steps[going] <= depth
        after = np.where(over, 0, trails.activity[np.minimum(trails.starts[going] + depth, len(trails.activity) - 1)] + 1)
        _, told = np.unique(code[going] * k + after, return_inverse=True)
        code[going] = told + made
        made += int(told.max()) + 1 if over.any() else 0
        going, depth = going[~over], depth + 1
        if len(going):  # the numbers of those that go on are counted anew, above all that are over
            _, told = np.unique(code[going], return_inverse=True)
            code[going] = told + made
    return code
