"""Who went through a journey, stage by stage, what was known when they began, and what came afterwards. Pure numpy.

A case begins with a first stage, and lasts as long as the map gives it; another begins with the customer's next first stage after
that. What stages show is read within it, the outcome in the days after its end: the end is the landmark of a landmark analysis
(Anderson, Cain and Gelber 1983), the same for whoever came far and whoever didn't. So no signal knows of the outcome's time, and
nobody counts as having come far because they stayed longer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amity.kernel.clock import DAY, HOUR
from amity.rooms.journeys.rules.friction.language import Outcome
from amity.rooms.journeys.rules.friction.rows import Lines, outcome_after
from amity.rooms.journeys.rules.funnels.attempts import NEVER, Story, reached_from

if TYPE_CHECKING:
    import numpy as np

REACHED, TIME, EXPERIENCE, FRICTION = "reached", "time", "experience", "friction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What is read of the customers, who are whole numbers. `pains` by stage (its place among the measured ones), then by id."""

    all: Lines
    outcome: Lines
    experience: Lines | None = None
    pains: Mapping[int, Mapping[int, Lines]] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cases:
    """Cases, a row each: whose, from when to when (ms), and when each stage was reached (NEVER where it wasn't)."""

    who: np.ndarray
    zero: np.ndarray
    end: np.ndarray
    at: np.ndarray
    optional: Sequence[bool]

    def __len__(self) -> int:
        return len(self.who)

    def some(self, which: np.ndarray) -> Cases:
        """Return those that are marked."""
        return Cases(who=self.who[which], zero=self.zero[which], end=self.end[which], at=self.at[which], optional=self.optional)

    def before(self, n: int) -> int:
        """Return which needed stage comes before a stage."""
        return max((k for k in range(n) if not self.optional[k]), default=0)

    def came(self, n: int) -> np.ndarray:
        """Return whether they had come to the stage before, and so had a chance of this one."""
        found: np.ndarray = self.at[:, self.before(n)] != NEVER
        return found

    def until(self, n: int) -> np.ndarray:
        """Return when the next stage was reached, else when the case ended."""
        import numpy as np

        until = self.end
        for k in reversed(range(n + 1, self.at.shape[1])):
            until = np.where(self.at[:, k] != NEVER, np.minimum(self.at[:, k], until), until)
        return until


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """One thing that a stage shows of those who came to it: columns for a model, and the two groups that are told in words.

    `with_it`: who reached it, was slow, rated low, met the friction. `known`: of whom it can be said at all. `mark` is what
    divides slow from quick (ms) and low from high. `given` says of whom it is known, in columns: that alone is not its merit.
    """

    kind: str
    pain: int | None
    given: np.ndarray
    columns: np.ndarray
    with_it: np.ndarray
    known: np.ndarray
    mark: float | None = None


def cases_of(  # noqa: PLR0913  one argument for each part
    story: Story, who: np.ndarray, *, optional: Sequence[bool], within: int, first: int, last: int
) -> Cases:
    """Return the cases that begin from `first` to `last` (ms). `who` tells whose each interaction is; they lie in order."""
    import numpy as np

    starts = np.flatnonzero(((story.mask & 1) == 1) & (story.at >= first) & (story.at <= last))
    chosen = starts[_apart(who[starts], story.at[starts], within)]
    at = reached_from(story, chosen, optional=optional, within=within)
    at = np.where(at < (story.at[chosen] + within)[:, None], at, NEVER)
    return Cases(who=who[chosen], zero=story.at[chosen], end=story.at[chosen] + within, at=at, optional=tuple(optional))


def _apart(who: np.ndarray, at: np.ndarray, within: int) -> np.ndarray:
    """Return which beginnings begin a case: the first of each customer, then the first that isn't within another."""
    import numpy as np

    number = len(who)
    if not number:
        return np.zeros(0, dtype=np.int64)
    edges = np.flatnonzero(np.concatenate([[True], who[1:] != who[:-1]]))
    ends = np.append(edges[1:], number)
    room = int(at.max() - at.min()) + within + 1
    place = np.cumsum(np.concatenate([[True], who[1:] != who[:-1]])) - 1
    line = place * room + (at - at.min())
    found, now = [], edges
    while len(now):
        found.append(now)
        after = np.searchsorted(line, line[now] + within, side="left")
        inside = after < ends
        now, ends = after[inside], ends[inside]
    return np.sort(np.concatenate(found))


def known_before(cases: Cases, told: Told) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers and kinds of what was known before each case began."""
    import numpy as np

    who, zero = cases.who, cases.zero
    ever, month = np.zeros_like(zero), zero - 30 * DAY
    numbers = [
        np.log1p(told.all.count(who, month, zero)), np.log1p(told.all.count(who, ever, zero)),
        np.log1p(told.all.since_newest(who, zero) / DAY), np.log1p(told.all.since_first(who, zero) / DAY),
        np.log1p(told.outcome.count(who, month, zero)), np.log1p(told.outcome.count(who, ever, zero)),
    ]  # fmt: skip
    if told.outcome.amount is not None:
        numbers += [np.log1p(np.maximum(told.outcome.total(who, since, zero), 0)) for since in (month, ever)]
    moon = (zero - (zero.min() if len(zero) else 0)) // (30 * DAY)
    kinds = [np.concatenate([[False], who[1:] == who[:-1]]) if len(who) else np.zeros(0, dtype=bool)]
    kinds += [moon == n for n in range(1, int(moon.max(initial=0)) + 1)]
    return np.column_stack(numbers).astype(float), np.column_stack(kinds).astype(float)


def outcome_of(cases: Cases, told: Told, asked: Outcome) -> np.ndarray:
    """Return what came in the days after each case; not a number where nothing can be said.

    That is where nobody gave a score, and where who can leave but once had left before the case was over.
    """
    import numpy as np

    by_event = asked.event is not None
    found = outcome_after(
        told.all, told.outcome, cases.who, cases.end, kind=asked.kind, by_event=by_event, days=asked.days
    ).astype(float)
    if asked.kind == "leaving" and by_event:
        found = np.where(told.outcome.count(cases.who, cases.zero, cases.end) > 0, np.nan, found)
    return found


def signals_of(cases: Cases, told: Told, n: int) -> list[Signal]:
    """Return what a stage shows of those cases; all of them had come to the stage before."""
    import numpy as np

    here, entered, until = cases.at[:, n], cases.at[:, cases.before(n)], cases.until(n)
    reached = here != NEVER
    found = []
    everybody, nothing = np.ones(len(cases), dtype=bool), np.zeros((len(cases), 0))
    if n:
        found.append(Signal(kind=REACHED, pain=None, given=nothing, columns=_column(reached), with_it=reached, known=everybody))
        taken = np.where(reached, here - entered, 0)
        middle = float(np.median(taken[reached])) if reached.any() else 0.0
        columns = _bent(np.log1p(taken / HOUR), reached)
        slow = taken > middle
        found.append(
            Signal(kind=TIME, pain=None, given=_column(reached), columns=columns, with_it=slow, known=reached, mark=middle)
        )
    if told.experience is not None:
        found.append(_experience(told.experience, cases.who, reached, np.where(reached, here, until), until))
    for pain, lines in (told.pains or {}).get(n, {}).items():
        met = lines.count(cases.who, entered + (1 if n else 0), until) > 0
        found.append(Signal(kind=FRICTION, pain=pain, given=nothing, columns=_column(met), with_it=met, known=everybody))
    return found


def _experience(lines: Lines, who: np.ndarray, reached: np.ndarray, first: np.ndarray, end: np.ndarray) -> Signal:
    import numpy as np

    times = lines.count(who, first, end)
    said = times > 0
    score = np.where(said, lines.total(who, first, end) / np.maximum(times, 1), 0.0)
    middle = float(np.median(score[said])) if said.any() else 0.0
    low = said & (score < middle)
    above = score[said & (score > middle)]
    if low.sum() * 4 < said.sum() and len(above):  # most gave the same: that is low, then
        middle = float(above.min())
        low = said & (score < middle)
    given = np.column_stack([_column(reached), _column(said)])
    return Signal(kind=EXPERIENCE, pain=None, given=given, columns=_bent(score, said), with_it=low, known=said, mark=middle)


def _column(mask: np.ndarray) -> np.ndarray:
    return mask.astype(float)[:, None]


def _bent(value: np.ndarray, there: np.ndarray) -> np.ndarray:
    """Return a number and its square about its mean; 0 where it isn't known."""
    import numpy as np

    middle = value[there].mean() if there.any() else 0.0
    apart = np.where(there, value - middle, 0.0)
    return np.column_stack([apart, apart**2])
