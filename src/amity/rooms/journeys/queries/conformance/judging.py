"""Cases held to a target at an instant, and who stands behind each number: both from the same alignments, kept for a while."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.moments import SESSION, Moments, ask_moments
from amity.engines.past.behaviour.windows import resolve
from amity.kernel.errors import Invalid
from amity.rooms.journeys.contracts import ConformanceFigures, DeviationFigure
from amity.rooms.journeys.queries.conformance.spending import spent_by_customer
from amity.rooms.journeys.rules.conformance.aligning import EXTRA, Alignment, align
from amity.rooms.journeys.rules.conformance.deviating import Deviation, Limit, deviations
from amity.rooms.journeys.rules.conformance.language import Conformance, compact
from amity.rooms.journeys.rules.conformance.splitting import split
from amity.rooms.journeys.rules.intervals import share

if TYPE_CHECKING:
    import numpy as np

ALL, CONFORMING, WAITING = "all", "conforming", "waiting"
_KEPT = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Cases as they were judged. `customers`: whose each case is (`S16`); `waiting`: whose case isn't over, so it isn't judged yet.

    `times`: a row a case and a column a stage, how often it was done, in its place or not.
    """

    first: int
    last: int
    customers: np.ndarray
    waiting: np.ndarray
    found: Alignment
    times: np.ndarray
    deviations: Sequence[Deviation]
    spent: tuple[np.ndarray, np.ndarray]

    def conforming(self, accepted: Mapping[tuple[str, str], object], keys: Sequence[str]) -> np.ndarray:
        """Return of each case whether it deviates in no way but accepted ones."""
        import numpy as np

        good = np.ones(len(self.customers), dtype=bool)
        for one in self.deviations:
            if (one.kind, keys[one.stage]) not in accepted:
                good[one.cases] = False
        return good


_kept: OrderedDict[tuple[int, str, int], Judged] = OrderedDict()
_lock = Lock()


def judge(  # noqa: PLR0913  one argument for each part
    asked: Conformance, *, workspace_id: int, time_zone: str, currency: str, as_of: int, accepted: Mapping[tuple[str, str], object],
) -> ConformanceFigures:  # fmt: skip
    """Return how cases conform at an instant (ms). `accepted`: deviations by kind and stage's key that don't count against a case.

    Raises Invalid, NotRunning.
    """
    judged = judged_cases(asked, workspace_id=workspace_id, time_zone=time_zone, as_of=as_of, currency=currency)
    keys = [stage.key for stage in asked.stages]
    cases, interactions = len(judged.customers), len(judged.found.place)
    conforming = judged.conforming(accepted, keys)
    figures = [
        DeviationFigure(
            kind=one.kind, stage=keys[one.stage], name=asked.stages[one.stage].name, cases=share(len(one.cases), cases),
            interactions=share(one.interactions, interactions) if one.interactions else None, moves=one.moves,
            customers=len(set(judged.customers[one.cases].tolist())), spent=_spent(judged, one.cases),
            accepted=(one.kind, keys[one.stage]) in accepted,
        )
        for one in judged.deviations
    ]  # fmt: skip
    return ConformanceFigures(
        as_of=as_of, first=judged.first, last=judged.last, customers=len(set(judged.customers.tolist())), waiting=len(judged.waiting),
        conforming=share(int(conforming.sum()), cases), in_place=share(int((judged.found.place != EXTRA).sum()), interactions),
        fitness=judged.found.fitness, cost=int(judged.found.cost.sum()), worst=int(judged.found.worst.sum()),
        spent=_spent(judged, conforming.nonzero()[0]),
        deviations=sorted(figures, key=lambda one: (one.accepted, -one.cases.number, one.kind, one.stage)),
    )  # fmt: skip


def cases_behind(  # noqa: PLR0913  one argument for each part
    asked: Conformance, *, workspace_id: int, time_zone: str, currency: str, as_of: int, kind: str, stage: str = "",
    accepted: Mapping[tuple[str, str], object],
) -> tuple[list[UUID], int]:  # fmt: skip
    """Return whose cases a number counted, each customer once, and how many cases they are. Raises Invalid for no such number."""
    import numpy as np

    judged = judged_cases(asked, workspace_id=workspace_id, time_zone=time_zone, as_of=as_of, currency=currency)
    keys = [one.key for one in asked.stages]
    if kind == WAITING:
        return _people(judged.waiting), len(judged.waiting)
    if kind in {ALL, CONFORMING}:
        which = np.arange(len(judged.customers)) if kind == ALL else judged.conforming(accepted, keys).nonzero()[0]
    else:
        found = next((one for one in judged.deviations if (one.kind, keys[one.stage]) == (kind, stage)), None)
        if found is None:
            raise Invalid("There is no such deviation in it now.")
        which = found.cases
    return _people(judged.customers[which]), len(which)


def judged_cases(asked: Conformance, *, workspace_id: int, time_zone: str, currency: str, as_of: int) -> Judged:
    """Return the cases held to their target. Raises Invalid, NotRunning."""
    key = (workspace_id, f"{currency} {compact(asked)}", as_of)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    judged = _judged(asked, workspace_id, ZoneInfo(time_zone), currency, as_of)
    with _lock:
        _kept[key] = judged
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return judged


def judged_of(asked: Conformance, moments: Moments, *, first: int, last: int, as_of: int) -> tuple[Judged, np.ndarray]:
    """Return the cases among interactions that began from `first` to `last` (ms), and which interactions these cases are made of.

    A case is judged once its time is over, or its last needed stage has been reached.
    """
    import numpy as np

    final = max(n for n, stage in enumerate(asked.stages) if not stage.optional)
    keyed = bool(asked.case) and asked.case != SESSION
    starts = split(moments, within=asked.within.ms, last_stage=final, keyed=keyed)
    total = len(moments)
    ends = np.append(starts[1:], total)[: len(starts)]
    begun = moments.at[starts]
    there = (begun >= first) & (begun <= last)
    reached = np.concatenate([[0], np.cumsum((moments.mask >> final) & 1)])
    over = (begun + asked.within.ms <= as_of) | (reached[ends] > reached[starts])
    waiting = moments.customers[starts[there & ~over]]
    rows = np.flatnonzero(np.repeat(there & over, ends - starts))
    length = (ends - starts)[there & over]
    mine = np.concatenate([[0], np.cumsum(length)])[:-1].astype(np.int64)
    mask, at = moments.mask[rows], moments.at[rows]
    repeats = [stage.repeats for stage in asked.stages]
    found = align(mask, mine, needed=[not stage.optional for stage in asked.stages], repeats=repeats)
    limits = [
        Limit(
            wait=None if stage.at_most is None else stage.at_most.ms,
            channels=[number for number, name in moments.names.items() if name in stage.channels] or ([1] if stage.channels else ()),
        )
        for stage in asked.stages
    ]  # fmt: skip
    made = deviations(found, mask=mask, at=at, channel=moments.shown[rows], starts=mine, repeats=repeats, limits=limits)
    none = np.zeros(0)
    k = len(asked.stages)
    lowest = np.log2(mask & -mask.astype(np.int64)).astype(np.int64)
    times = np.bincount(np.repeat(np.arange(len(mine)), length) * k + lowest, minlength=len(mine) * k).reshape(len(mine), k)
    customers = moments.customers[starts[there & over]]
    return Judged(
        first=first, last=last, customers=customers, waiting=waiting, found=found, times=times, deviations=made, spent=(customers[:0], none)
    ), rows  # fmt: skip


def _judged(asked: Conformance, workspace_id: int, zone: ZoneInfo, currency: str, as_of: int) -> Judged:
    from dataclasses import replace

    span = resolve(asked.period, now=as_of, zone=zone)
    keyed = bool(asked.case) and asked.case != SESSION
    moments = ask_moments(
        [stage.event for stage in asked.stages], workspace=workspace_id, now=as_of, zone=zone, first=span.first - asked.within.ms,
        last=as_of if keyed else min(as_of, span.last + asked.within.ms), held=asked.case, shown="channel",
    )  # fmt: skip
    judged, _ = judged_of(asked, moments, first=span.first, last=span.last, as_of=as_of)
    if not len(judged.customers):
        return judged
    return replace(judged, spent=spent_by_customer(workspace_id=workspace_id, currency=currency, first=span.first, last=as_of))


def _spent(judged: Judged, cases: np.ndarray) -> float:
    import numpy as np

    return float(judged.spent[1][np.isin(judged.spent[0], judged.customers[cases])].sum())


def _people(customers: np.ndarray) -> list[UUID]:
    import numpy as np

    return [UUID(bytes=bytes(one).ljust(16, b"\0")) for one in np.unique(customers)]
