"""In which ways cases deviate from their target, told from their alignments. Pure numpy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amity.rooms.journeys.rules.conformance.aligning import EXTRA, Alignment

if TYPE_CHECKING:
    import numpy as np

SKIPPED, STOPPED, ORDER, OFTEN, LATE, CHANNEL = "skipped", "stopped", "order", "often", "late", "channel"
KINDS: dict[str, str] = {
    SKIPPED: "Skipped", STOPPED: "Stopped before", ORDER: "Out of order", OFTEN: "Too often", LATE: "Too late", CHANNEL: "Wrong channel",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One way to deviate: its kind, of which stage, in which cases; what it adds to their cost (`moves`), how many `interactions` it is."""

    kind: str
    stage: int
    cases: np.ndarray
    moves: int
    interactions: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Limit:
    """What a stage asks for beside its order: at most `wait` ms after the stage before; `channels`, as numbers, of which it is one."""

    wait: int | None = None
    channels: Sequence[int] = ()


def deviations(  # noqa: PLR0913  one argument for each part
    found: Alignment, *, mask: np.ndarray, at: np.ndarray, channel: np.ndarray, starts: np.ndarray, repeats: Sequence[bool],
    limits: Sequence[Limit],
) -> list[Deviation]:  # fmt: skip
    """Return the deviations, stage by stage. Their moves add up to the cost of all cases.

    A needed stage that was passed by was done elsewhere (out of order), or is not there: skipped where a later one was done, else the
    case stopped before the first of those that are missing. An interaction that stands for nothing is out of order where its stage was
    done nowhere in its place or may come again, and else too often. `channel` has 0 where none is known.
    """
    import numpy as np

    k, cases = len(limits), len(starts)
    case = np.repeat(np.arange(cases), np.append(starts[1:], len(mask)) - starts) if cases else np.zeros(0, dtype=np.int64)
    done = np.zeros((cases, k), dtype=bool)
    placed = np.flatnonzero(found.place != EXTRA)
    done[case[placed], found.place[placed]] = True
    loose = np.flatnonzero(found.place == EXTRA)
    lowest = np.log2(mask[loose] & -mask[loose].astype(np.int64)).astype(np.int64)
    extra = np.bincount(case[loose] * k + lowest, minlength=cases * k).reshape(cases, k)
    later = np.zeros((cases, k), dtype=bool)  # whether any later stage was done
    for stage in range(k - 2, -1, -1):
        later[:, stage] = later[:, stage + 1] | done[:, stage + 1]
    gone = found.missed & (extra == 0)
    tail = gone & ~later
    stopped = np.where(tail.any(axis=1), tail.argmax(axis=1), k)
    made: list[Deviation] = []

    def add(kind: str, stage: int, which: np.ndarray, moves: int, interactions: int) -> None:
        if len(which):
            made.append(Deviation(kind=kind, stage=stage, cases=which, moves=moves, interactions=interactions))

    for stage in range(k):
        which = np.flatnonzero(gone[:, stage] & later[:, stage])
        add(SKIPPED, stage, which, len(which), 0)
        which = np.flatnonzero(stopped == stage)
        add(STOPPED, stage, which, int(tail[which].sum()), 0)
        wrong = (extra[:, stage] > 0) & (~done[:, stage] | repeats[stage])
        which = np.flatnonzero(wrong)
        number = int(extra[which, stage].sum())
        add(ORDER, stage, which, number + int(found.missed[which, stage].sum()), number)
        which = np.flatnonzero((extra[:, stage] > 0) & ~wrong)
        number = int(extra[which, stage].sum())
        add(OFTEN, stage, which, number, number)
    rows, waits = _waits(found, placed, case, at)
    for stage, limit in enumerate(limits):
        if limit.wait is not None:
            late = rows[(found.place[rows] == stage) & (waits > limit.wait)]
            add(LATE, stage, np.unique(case[late]), 0, len(late))
        if limit.channels:
            here = placed[found.place[placed] == stage]
            wrong_way = here[(channel[here] != 0) & ~np.isin(channel[here], np.array(limit.channels, dtype=channel.dtype))]
            add(CHANNEL, stage, np.unique(case[wrong_way]), 0, len(wrong_way))
    return made


def _waits(found: Alignment, placed: np.ndarray, case: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the interactions with which stages were first reached in their place, and how long after the stage before that was (ms)."""
    import numpy as np

    before, here = placed[:-1], placed[1:]
    counts = (case[before] == case[here]) & (found.place[before] != found.place[here])
    rows: np.ndarray = here[counts]
    return rows, np.asarray(at[rows] - at[before[counts]])
