"""The cases of a question about paths, kept for a while by its instant, so that a number opens the customers who made it."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.moments import NAME, Moments, ask_moments
from amity.engines.past.behaviour.windows import resolve
from amity.rooms.customers import api as customers
from amity.rooms.journeys.rules.paths.language import Paths, compact
from amity.rooms.journeys.rules.paths.trails import Trails

if TYPE_CHECKING:
    import numpy as np

RARER = "(rarer ones)"
_KEPT = 4
_kept: OrderedDict[tuple[int, str, int], Trails] = OrderedDict()
_lock = Lock()


def ask_cases(question: Paths, *, workspace_id: int, time_zone: str, as_of: int) -> Trails:
    """Return the cases at an instant (ms). Raises Invalid, NotFound for an audience, NotRunning."""
    key = (workspace_id, compact(question), as_of)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    zone = ZoneInfo(time_zone)
    span = resolve(question.period, now=as_of, zone=zone)
    moments = ask_moments(
        [question.event], workspace=workspace_id, now=as_of, zone=zone, first=span.first, last=span.last, held=question.case,
        shown=f"{NAME}{question.expand}",
    )  # fmt: skip
    members = (
        None if question.among is None else customers.audience_members(workspace_id=workspace_id, audience_id=question.among)
    )
    found = trails_of(moments, hide=question.hide, members=members)
    with _lock:
        _kept[key] = found
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return found


def trails_of(moments: Moments, *, hide: Iterable[str] = (), members: np.ndarray | None = None) -> Trails:
    """Return interactions, which are sorted by case and time, as cases."""
    import numpy as np

    hashes = [one for one, _ in sorted(moments.names.items(), key=lambda pair: pair[1])]
    names = [moments.names[one] for one in hashes] + [RARER]
    order = np.argsort(np.array(hashes, dtype=np.uint64))
    known = np.array(hashes, dtype=np.uint64)[order]
    place = np.searchsorted(known, moments.shown)
    there = np.zeros(len(moments), dtype=bool)
    if len(known):
        place = np.minimum(place, len(known) - 1)
        there = known[place] == moments.shown
    activity = np.where(there, order[place] if len(known) else 0, len(hashes))
    left_out = {n for n, name in enumerate(names) if name in set(hide)}
    keep = ~np.isin(activity, sorted(left_out))
    if members is not None:
        keep &= np.isin(moments.customers, members)
    who, held = moments.customers[keep], moments.held[keep]
    changes = np.ones(len(who), dtype=bool)
    changes[1:] = (who[1:] != who[:-1]) | (held[1:] != held[:-1])
    starts = np.flatnonzero(changes)
    return Trails(names=names, activity=activity[keep], at=moments.at[keep], starts=starts, customers=who[starts])


def customers_of(trails: Trails, cases: np.ndarray) -> list[UUID]:
    """Return whose cases these are, each customer once."""
    import numpy as np

    return [UUID(bytes=bytes(one).ljust(16, b"\0")) for one in np.unique(trails.customers[cases])]
