"""How far cases are from a model: the cheapest way to bring each into line with it. Pure numpy, all cases at once.

The model is a sequence of stages, some of which can be left out and some come again. An alignment walks through case and model
together: an interaction that stands for a stage costs nothing, one that stands for nothing costs 1, a needed stage that is passed
by costs 1. That is the standard cost function of Adriansyah, van Dongen and van der Aalst, “Conformance checking using cost-based
fitness analysis”, EDOC 2011, and of van der Aalst, Adriansyah and van Dongen, “Replaying history on process models for conformance
checking and performance analysis”, WIREs Data Mining and Knowledge Discovery 2(2), 2012; there A* searches it, here a sequence
needs no more than dynamic programming.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

EXTRA = -1


@dataclass(frozen=True, slots=True, kw_only=True)
class Alignment:
    """The cheapest alignment of each case. Of equally cheap ones the earliest interactions stand for the stages.

    `place`: of each interaction, the stage that it stands for, or EXTRA. `missed`: a row a case and a column a stage, whether it
    was needed and passed by. `cost`: of each case; `worst`: what it costs where no interaction stands for anything.
    """

    place: np.ndarray
    missed: np.ndarray
    cost: np.ndarray
    worst: np.ndarray

    @property
    def fitness(self) -> float:
        """One less the cost over the worst cost, summed over all cases (2012, section 4.2); 1 of nothing."""
        worst = int(self.worst.sum())
        return 1 - int(self.cost.sum()) / worst if worst else 1.0


def align(mask: np.ndarray, starts: np.ndarray, *, needed: Sequence[bool], repeats: Sequence[bool]) -> Alignment:
    """Return the alignments of cases with the model. `mask`: bit n of an interaction says that it may stand for stage n.

    Cases lie one after another; `starts` are their first interactions. `needed` and `repeats` say of each stage whether it can't be
    left out, and whether it may come again.
    """
    import numpy as np

    k, n, total = len(needed), len(starts), len(mask)
    bits = mask.astype(np.int64)
    ends = np.append(starts[1:], total) if n else starts
    length = ends - starts
    order = np.argsort(-length, kind="stable")  # the longest first: those that go on are always the first of them
    deep = int(length[order[0]]) if n else 0
    going = np.searchsorted(-length[order], -np.arange(deep + 1), side="right")  # how many have at least so many interactions
    price, again, powers = np.array(needed, dtype=np.int64), np.array(repeats, dtype=bool), 1 << np.arange(k, dtype=np.int64)
    stands, stays = np.zeros(total, dtype=np.int64), np.zeros(total, dtype=np.int64)
    passed = np.zeros(total + n, dtype=np.int64)  # before each interaction and after the last: which stages are best passed by
    spot = starts + np.arange(n)

    def closed(costs: np.ndarray, cases: np.ndarray, depth: int) -> np.ndarray:
        for stage in range(k):
            by = costs[:, stage] + price[stage]
            better = by < costs[:, stage + 1]
            costs[:, stage + 1] = np.where(better, by, costs[:, stage + 1])
            passed[spot[cases] + depth] |= better * powers[stage]
        return costs

    costs = np.full((n, k + 1), 2**40, dtype=np.int64)
    costs[:, 0] = 0
    costs = closed(costs, order, 0)
    final = np.empty(n, dtype=np.int64)
    for depth in range(deep):
        here, over = int(going[depth + 1]), costs[int(going[depth + 1]) :]
        final[order[here : here + len(over)]] = over[:, k]
        costs, cases = costs[:here], order[:here]
        rows = starts[cases] + depth
        meant = (bits[rows, None] & powers) != 0
        extra = costs + 1
        step = np.where(meant, costs[:, :-1], 2**40)
        same = np.where(meant & again, costs[:, 1:], 2**40)
        keeps = (same <= step) & (same < extra[:, 1:])
        comes = (step < same) & (step < extra[:, 1:])
        stays[rows], stands[rows] = keeps @ powers, comes @ powers
        extra[:, 1:] = np.minimum(extra[:, 1:], np.minimum(step, same))
        costs = closed(extra, cases, depth + 1)
    final[order[: len(costs)]] = costs[:, k]
    place, missed = _back(order, going, starts, spot, (stands, stays, passed), price, total)
    return Alignment(place=place, missed=missed, cost=final, worst=length + int(price.sum()))


def _back(  # noqa: PLR0913, PLR0917  one argument for each part
    order: np.ndarray, going: np.ndarray, starts: np.ndarray, spot: np.ndarray, ways: tuple[np.ndarray, np.ndarray, np.ndarray],
    price: np.ndarray, total: int,
) -> tuple[np.ndarray, np.ndarray]:  # fmt: skip
    """Walk the cheapest way back from the end of each case."""
    import numpy as np

    k, (stands, stays, passed) = len(price), ways
    place = np.full(total, EXTRA, dtype=np.int64)
    missed = np.zeros((len(order), k), dtype=bool)
    at = np.full(len(order), k, dtype=np.int64)  # how many stages lie behind, in the order of `order`
    for depth in range(len(going) - 1, -1, -1):
        here = int(going[depth])
        cases = order[:here]
        by = passed[spot[cases] + depth]
        for _ in range(k):
            goes = (at[:here] > 0) & ((by >> np.maximum(at[:here] - 1, 0)) & 1 == 1)
            if not goes.any():
                break
            at[:here] -= goes
            missed[cases[goes], at[:here][goes]] = price[at[:here][goes]] == 1
        if not depth:
            break
        rows = starts[cases] + depth - 1
        behind = np.maximum(at[:here] - 1, 0)
        comes = (at[:here] > 0) & ((stands[rows] >> behind) & 1 == 1)
        keeps = (at[:here] > 0) & ((stays[rows] >> behind) & 1 == 1)
        place[rows] = np.where(comes | keeps, behind, EXTRA)
        at[:here] -= comes
    return place, missed
