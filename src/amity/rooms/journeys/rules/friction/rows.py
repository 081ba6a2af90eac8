"""A row for each customer and period in which they could have met a pain point, with what was known before that moment.

Time zero of a row is the first chance within the period. Only what happened before it is known; whether it was met is looked for
from then to the period's end; the outcome, in the days after that end. So nothing that came after can leak into what came before.
(A target trial for each period: Hernán and Robins 2016.) One thing is read beyond time zero: how many chances the period had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from amity.kernel.clock import DAY

if TYPE_CHECKING:
    import numpy as np

MOST_VALUES = 12  # of a property that are told apart
_CHANCES = 6
_ROOM = 2**42  # ms: more than what lies between any two instants that are kept


@dataclass(frozen=True, slots=True)
class Lines:
    """Moments of some kind, sorted by customer (a whole number) and time (ms); `amount` is a number of each, or a value's number."""

    who: np.ndarray
    at: np.ndarray
    amount: np.ndarray | None = None

    def before(self, who: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Return how many moments of these or earlier customers lie before an instant of each."""
        import numpy as np

        place: np.ndarray = np.searchsorted(self.who * _ROOM + self.at, who * _ROOM + at, side="left")
        return place

    def count(self, who: np.ndarray, first: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return how many moments each customer has from `first` to before `end`."""
        number: np.ndarray = self.before(who, end) - self.before(who, first)
        return number

    def total(self, who: np.ndarray, first: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return the sum of the amounts from `first` to before `end`."""
        import numpy as np

        assert self.amount is not None  # noqa: S101  a caller's mistake
        summed = np.concatenate([[0.0], np.cumsum(self.amount)])
        found: np.ndarray = summed[self.before(who, end)] - summed[self.before(who, first)]
        return found

    def newest(self, who: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return where each customer's last moment before `end` stands; -1 for none."""
        import numpy as np

        place = self.before(who, end) - 1
        there = place >= 0
        there[there] = self.who[place[there]] == who[there]
        return np.where(there, place, -1)

    def since_first(self, who: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return how long (ms) each customer's first moment lies before `end`; 0 where there is none before."""
        return self._since(self.newest(who, end) >= 0, self.before(who, 0 * end), end)

    def since_newest(self, who: np.ndarray, end: np.ndarray) -> np.ndarray:
        """Return how long (ms) each customer's last moment before `end` lies before it; 0 where there is none."""
        place = self.newest(who, end)
        return self._since(place >= 0, place, end)

    def _since(self, there: np.ndarray, place: np.ndarray, end: np.ndarray) -> np.ndarray:
        import numpy as np

        found: np.ndarray = np.zeros(len(end))
        found[there] = end[there] - self.at[place[there]]
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """What is read of the customers. `all` is whatever they did or said; `known` has values' numbers as amounts, 1 the commonest."""

    all: Lines
    friction: Lines
    chance: Lines
    outcome: Lines
    others: Sequence[Lines] = ()
    known: Sequence[Lines] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows. `numbers` and `kinds` are what is known before; `zero` is each row's time zero."""

    who: np.ndarray
    period: np.ndarray
    zero: np.ndarray
    met: np.ndarray
    outcome: np.ndarray
    numbers: np.ndarray
    kinds: np.ndarray
    names: Sequence[str] = field(default_factory=tuple)

    def __len__(self) -> int:
        return len(self.who)


def table(  # noqa: PLR0913  one argument for each part
    story: Story, *, kind: str, by_event: bool, ends: np.ndarray, period: int, after: int
) -> Table:
    """Return the rows of periods of so many days that end at `ends` (ms, ascending), and the outcome in the days `after` them."""
    import numpy as np

    parts = [_period(story, int(end) - period * DAY, int(end), n) for n, end in enumerate(ends)]
    who, zero, end, number = (np.concatenate(column) for column in zip(*parts, strict=True))
    met = story.friction.count(who, zero, end) > 0
    outcome = outcome_after(story.all, story.outcome, who, end, kind=kind, by_event=by_event, days=after)
    there = ~np.isnan(outcome)
    numbers, kinds = _known(story, who, zero, end, number)
    return Table(
        who=who[there], period=number[there], zero=zero[there], met=met[there], outcome=outcome[there], numbers=numbers[there],
        kinds=kinds[there],
    )  # fmt: skip


def _period(story: Story, first: int, end: int, number: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    import numpy as np

    inside = np.flatnonzero((story.chance.at >= first) & (story.chance.at < end))
    who, place = np.unique(story.chance.who[inside], return_index=True)
    return who, story.chance.at[inside][place], np.full(len(who), end), np.full(len(who), number)


def outcome_after(  # noqa: PLR0913  one argument for each part
    everything: Lines, outcome: Lines, who: np.ndarray, end: np.ndarray, *, kind: str, by_event: bool, days: int
) -> np.ndarray:
    """Return each customer's outcome in the days from `end` on; not a number for a score that nobody gave."""
    import numpy as np

    last = end + days * DAY
    if kind == "leaving" and not by_event:
        return np.where(everything.count(who, end, last) == 0, 1.0, 0.0)
    if kind in {"leaving", "doing"}:
        return np.where(outcome.count(who, end, last) > 0, 1.0, 0.0)
    total = outcome.total(who, end, last)
    if kind == "spending":
        return total
    times = outcome.count(who, end, last)
    mean: np.ndarray = np.where(times > 0, total / np.maximum(times, 1), np.nan)
    return mean


def _known(story: Story, who: np.ndarray, zero: np.ndarray, end: np.ndarray, number: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return numbers and kinds of what is known before time zero."""
    import numpy as np

    long_ago, month = np.zeros_like(zero), zero - 30 * DAY
    numbers = [
        np.log1p(story.all.count(who, month, zero)), np.log1p(story.all.count(who, long_ago, zero)),
        np.log1p(story.all.since_newest(who, zero) / DAY), np.log1p(story.all.since_first(who, zero) / DAY),
        np.log1p(story.chance.count(who, month, zero)), np.log1p(story.chance.count(who, long_ago, zero)),
        np.log1p(story.outcome.count(who, month, zero)), np.log1p(story.outcome.count(who, long_ago, zero)),
    ]  # fmt: skip
    chances = story.chance.count(who, zero, end)
    numbers.append(np.log1p(chances))
    if story.outcome.amount is not None:
        numbers += [np.log1p(np.maximum(story.outcome.total(who, since, zero), 0)) for since in (month, long_ago)]
    kinds = [_value(one, who, zero) == value for one in story.known for value in range(1, _values(one) + 1)]
    kinds += [chances >= least for least in range(2, _CHANCES + 1)]
    kinds += [story.friction.count(who, month, zero) > 0, story.friction.count(who, long_ago, month) > 0]
    kinds += [one.count(who, month, zero) > 0 for one in story.others]
    kinds += [number == n for n in range(1, int(number.max(initial=0)) + 1)]
    return np.column_stack(numbers).astype(float), np.column_stack(kinds).astype(float)


def _value(one: Lines, who: np.ndarray, zero: np.ndarray) -> np.ndarray:
    import numpy as np

    assert one.amount is not None  # noqa: S101  a caller's mistake
    place = one.newest(who, zero)
    return np.where(place >= 0, one.amount[place], 0) if len(one.at) else np.zeros(len(who))


def _values(one: Lines) -> int:
    return min(int(one.amount.max(initial=0)), MOST_VALUES) if one.amount is not None else 0
