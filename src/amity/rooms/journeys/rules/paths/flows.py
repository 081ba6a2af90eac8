"""What happens before or after a step: columns of the most frequent activities, others together, and who went no further.

Every case that has the step is on the picture once, so each column adds up to all of them, and what goes into a node comes out of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amity.rooms.journeys.contracts import Times
from amity.rooms.journeys.rules.intervals import times
from amity.rooms.journeys.rules.paths.trails import Trails

if TYPE_CHECKING:
    import numpy as np

OTHER, OVER = -1, -2  # all other activities together; nothing more


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """What cases do in one column: an activity's code, OTHER or OVER."""

    column: int
    code: int
    cases: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """Cases that go from a node of one column to one of the next; `took` is the time between, None into OVER."""

    column: int
    first: int
    then: int
    cases: int
    took: Times | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The columns from the step on (0 is the step), and the streams between them. `rows` has each case's node in each column."""

    cases: np.ndarray
    rows: np.ndarray
    nodes: Sequence[Node]
    streams: Sequence[Stream]


def flow(trails: Trails, code: int, *, backward: bool, depth: int, width: int) -> Flow:
    """Return what happens in `depth` columns after an activity's first time in a case, or before it.

    Each column tells the `width` most frequent activities apart, of equally frequent ones in the order of their names.
    """
    import numpy as np

    hits = np.flatnonzero(trails.activity == code)
    cases, first = np.unique(trails.case[hits], return_index=True)
    anchors = hits[first]
    low, high = trails.starts[cases], trails.ends[cases]
    rows = np.full((len(cases), depth + 1), OVER, dtype=np.int64)
    at = np.zeros((len(cases), depth + 1), dtype=np.int64)
    for column in range(depth + 1):
        place = anchors - column if backward else anchors + column
        there = (place >= low) & (place < high)
        rows[there, column], at[there, column] = trails.activity[place[there]], trails.at[place[there]]
    for column in range(1, depth + 1):
        here = rows[:, column]
        counts = np.bincount(here[here >= 0], minlength=len(trails.names))
        told = sorted(np.flatnonzero(counts).tolist(), key=lambda one: (-counts[one], trails.names[one]))[:width]
        rows[:, column] = np.where((here >= 0) & ~np.isin(here, told), OTHER, here)
    nodes, streams = [], []
    for column in range(depth + 1):
        kinds, counts = np.unique(rows[:, column], return_counts=True)
        nodes += [Node(column=column, code=int(kind), cases=int(n)) for kind, n in zip(kinds, counts, strict=True)]
        if column:
            streams += _streams(rows, at, column)
    return Flow(cases=cases, rows=rows, nodes=nodes, streams=streams)


def _streams(rows: np.ndarray, at: np.ndarray, column: int) -> list[Stream]:
    import numpy as np

    pairs = rows[:, column - 1 : column + 1]
    kinds, told = np.unique(pairs, axis=0, return_inverse=True) if len(pairs) else (pairs, np.zeros(0, dtype=np.int64))
    took = np.abs(at[:, column] - at[:, column - 1])
    found = []
    for n, (first, then) in enumerate(kinds.tolist()):
        if first == OVER:
            continue
        mine = told.reshape(-1) == n
        spans = None if then == OVER else times(took[mine])
        found.append(Stream(column=column, first=first, then=then, cases=int(mine.sum()), took=spans))
    return found
