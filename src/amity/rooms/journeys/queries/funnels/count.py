"""A funnel counted at an instant, and who stands behind each of its numbers: both from the same attempts."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import TYPE_CHECKING
from uuid import UUID
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.moments import Moments, ask_moments, check_value
from amity.engines.past.behaviour.windows import resolve
from amity.kernel.errors import Invalid
from amity.rooms.customers import api as customers
from amity.rooms.journeys.contracts import FunnelFigures, GroupFigure, StepFigure
from amity.rooms.journeys.rules.funnels.attempts import Attempts, count_attempts
from amity.rooms.journeys.rules.funnels.language import ByAudience, ByTrait, ByValue, Funnel, compact
from amity.rooms.journeys.rules.funnels.naming import step_name
from amity.rooms.journeys.rules.intervals import share, times

if TYPE_CHECKING:
    import numpy as np

GROUPS = 8  # groups that are told apart; the rest are one
_KEPT = 12  # counted funnels of a process, so that a number's customers are those that were counted
_NONE, _OTHER, _IN, _OUT, _VALUE = "none", "other", "in", "out", "is:"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Counted:
    attempts: Attempts
    codes: np.ndarray  # of each attempt, which of `groups`; nothing where it isn't broken down
    groups: Sequence[tuple[str, str]]
    first: int
    last: int


_kept: OrderedDict[tuple[int, str, int], _Counted] = OrderedDict()
_lock = Lock()


def count_funnel(funnel: Funnel, *, workspace_id: int, time_zone: str, as_of: int) -> FunnelFigures:
    """Return what a funnel comes to at an instant (ms). Raises Invalid, NotFound for an audience, NotRunning."""
    import numpy as np

    counted = _count(funnel, workspace_id, time_zone, as_of)
    everybody = np.ones(len(counted.attempts.customers), dtype=bool)
    whole = _figure(funnel, counted.attempts, everybody, key="", label="Everybody")
    groups = [
        _figure(funnel, counted.attempts, counted.codes == n, key=key, label=label)
        for n, (key, label) in enumerate(counted.groups)
    ]
    needed = _needed(funnel)
    through = counted.attempts.reached[:, needed[-1]]
    waiting = ~through & (counted.attempts.at[:, 0] + funnel.within.ms > as_of)
    return FunnelFigures(as_of=as_of, first=counted.first, last=counted.last, whole=whole, groups=groups, open=int(waiting.sum()))


def people_of(  # noqa: PLR0913  one argument for each part
    funnel: Funnel, *, workspace_id: int, time_zone: str, as_of: int, step: int, left: bool = False, group: str = ""
) -> list[UUID]:
    """Return who reached a step (counted from 1), or `left` before it; of one `group`, by its key, or of all.

    They are those that `count_funnel` counted at that instant. Raises Invalid for no such step or group, NotRunning.
    """
    counted = _count(funnel, workspace_id, time_zone, as_of)
    if not 1 <= step <= len(funnel.steps) or (left and step == 1):
        raise Invalid("There is no such step.")
    chosen = counted.attempts.reached[:, step - 1].copy()
    if left:
        chosen = counted.attempts.reached[:, _before(funnel, step - 1)] & ~chosen
    if group:
        number = next((n for n, (key, _) in enumerate(counted.groups) if key == group), None)
        if number is None:
            raise Invalid("There is no such group in it now.")
        chosen &= counted.codes == number
    return [UUID(bytes=bytes(one).ljust(16, b"\0")) for one in counted.attempts.customers[chosen]]


def check_asked(funnel: Funnel, *, workspace_id: int) -> None:
    """Raise Invalid or NotFound, with what to mend, for a funnel that can't be asked."""
    from amity.engines.past.behaviour.binding import Binder
    from amity.engines.past.behaviour.predicates import matches

    for one in funnel.steps:
        matches(one.event, Binder())
    for of in (funnel.hold, funnel.by.of if isinstance(funnel.by, ByValue) else ""):
        if of:
            check_value(of)
    for audience in (funnel.among, funnel.by.id if isinstance(funnel.by, ByAudience) else None):
        if audience is not None:
            customers.audience_members(workspace_id=workspace_id, audience_id=audience)


def _count(funnel: Funnel, workspace_id: int, time_zone: str, as_of: int) -> _Counted:
    key = (workspace_id, compact(funnel), as_of)
    with _lock:
        if key in _kept:
            _kept.move_to_end(key)
            return _kept[key]
    counted = _counted(funnel, workspace_id, ZoneInfo(time_zone), as_of)
    with _lock:
        _kept[key] = counted
        while len(_kept) > _KEPT:
            _kept.popitem(last=False)
    return counted


def _counted(funnel: Funnel, workspace_id: int, zone: ZoneInfo, as_of: int) -> _Counted:
    span = resolve(funnel.period, now=as_of, zone=zone)
    moments = ask_moments(
        [step.event for step in funnel.steps], workspace=workspace_id, now=as_of, zone=zone, first=span.first,
        last=min(as_of, span.last + funnel.within.ms), held=funnel.hold,
        shown=funnel.by.of if isinstance(funnel.by, ByValue) else "", keys=funnel.order == "strict",
    )  # fmt: skip
    attempts = count_attempts(
        moments, optional=[step.optional for step in funnel.steps], order=funnel.order, within=funnel.within.ms,
        first=span.first, last=span.last,
    )  # fmt: skip
    if funnel.among is not None:
        attempts = _among(attempts, customers.audience_members(workspace_id=workspace_id, audience_id=funnel.among))
    codes, groups = _groups(funnel, attempts, moments, workspace_id)
    return _Counted(attempts=attempts, codes=codes, groups=groups, first=span.first, last=span.last)


def _among(attempts: Attempts, members: np.ndarray) -> Attempts:
    import numpy as np

    inside = np.isin(attempts.customers, members)
    return Attempts(customers=attempts.customers[inside], began=attempts.began[inside], at=attempts.at[inside])


def _groups(
    funnel: Funnel, attempts: Attempts, moments: Moments, workspace_id: int
) -> tuple[np.ndarray, Sequence[tuple[str, str]]]:
    import numpy as np

    match funnel.by:
        case None:
            return np.zeros(0, dtype=np.int64), ()
        case ByAudience(id=audience):
            members = customers.audience_members(workspace_id=workspace_id, audience_id=audience)
            name = dict(customers.audience_choices(workspace_id)).get(audience, f"audience {audience}")
            inside = np.isin(attempts.customers, members)
            return np.where(inside, 0, 1), ((_IN, f"In {name}"), (_OUT, f"Not in {name}"))
        case ByTrait(name=name):
            values = customers.trait_texts(workspace_id=workspace_id, customers=attempts.customers, name=name)
        case ByValue():
            hashes = moments.shown[attempts.began].tolist()
            values = [None if one == 0 else moments.names.get(one, "") for one in hashes]
    return _most_frequent(values)


def _most_frequent(values: Sequence[str | None]) -> tuple[np.ndarray, Sequence[tuple[str, str]]]:
    """Return each value's group: those of the most customers, then all others together, then who has none."""
    from collections import Counter

    import numpy as np

    counts = Counter(value for value in values if value)
    named = [value for value, _ in sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))[:GROUPS]]
    places = {value: n for n, value in enumerate(named)}
    groups = [(f"{_VALUE}{value}", value) for value in named]
    others = len(named)
    if len(counts) > len(named) or any(value == "" for value in values):
        groups.append((_OTHER, "All others"))
    unknown = len(groups)
    if any(value is None for value in values):
        groups.append((_NONE, "Not known"))
    codes = [unknown if value is None else places.get(value, others) for value in values]
    return np.array(codes, dtype=np.int64), tuple(groups)


def _figure(funnel: Funnel, attempts: Attempts, mine: np.ndarray, *, key: str, label: str) -> GroupFigure:
    at, reached = attempts.at[mine], attempts.reached[mine]
    began = len(at)
    figures = []
    for n, step in enumerate(funnel.steps):
        before = _before(funnel, n)
        here = reached[:, n]
        number, came = int(here.sum()), int(reached[:, before].sum())
        figures.append(
            StepFigure(
                number=n + 1, name=step_name(funnel, n), optional=step.optional, reached=number, left=came - number,
                of_first=share(number, began), of_before=share(number, came),
                from_first=times(at[here, n] - at[here, 0]) if n else None,
                from_before=times(at[here, n] - at[here, before]) if n else None,
            )
        )  # fmt: skip
    return GroupFigure(key=key, label=label, steps=tuple(figures))


def _needed(funnel: Funnel) -> list[int]:
    return [n for n, step in enumerate(funnel.steps) if not step.optional]


def _before(funnel: Funnel, n: int) -> int:
    return max((one for one in _needed(funnel) if one < n), default=0)
