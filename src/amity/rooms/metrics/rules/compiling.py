"""A measure as SQL over the past: one row for each customer, segment and period, with y and x and how many interactions count.

The predicates, operands and the way through merges are those of audiences (engines.past.behaviour); every value is bound.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from amity.engines.past.behaviour.binding import Binder
from amity.engines.past.behaviour.language import Event
from amity.engines.past.behaviour.measures import scaled
from amity.engines.past.behaviour.predicates import matches, operand
from amity.engines.past.behaviour.question import joined
from amity.engines.past.behaviour.windows import Span
from amity.facts.interaction import NOBODY
from amity.facts.metrics import OF_NOBODY
from amity.kernel.clock import DAY, HOUR
from amity.rooms.metrics.rules.language import (
    Amount,
    Ces,
    Count,
    Csat,
    Customers,
    Followed,
    Mean,
    Measure,
    Nps,
    Percentile,
    Ratio,
    Retention,
    Session,
    Share,
    Stickiness,
    Sum,
    Wait,
    events_of,
)

REST = "\0rest"  # no property holds a NUL
_LONGEST_SESSION = DAY
_TESTED = 8  # periods; of more it is looked up which one it is


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """What a customer brings to a figure in SQL over their rows of one segment and period."""

    y: str
    x: str
    events: str
    plus: str = "0"
    minus: str = "0"


class Asked:
    """A measure over a workspace, cut into periods and segments; `bind` holds the values.

    `periods` are spans that don't overlap, numbered from 0; `calendar` (step, keys) says them by what the past computes of a time
    instead. `of` is the property or field that the segments are values of, `top` those that are shown by themselves.
    """

    def __init__(  # noqa: PLR0913  one argument for each part
        self, measure: Measure, *, workspace: int, zone: ZoneInfo, merged: bool, periods: Sequence[Span],
        calendar: tuple[str, Sequence[int]] | None = None, of: str = "", top: Sequence[str] | None = None, now: int = 0,
    ) -> None:  # fmt: skip
        self.measure, self.zone, self.periods = measure, zone, periods
        self.bind = Binder()
        self._calendar, self._of, self._top, self._now = calendar, of, top, now or periods[-1].last
        self._workspace = self.bind(workspace, "UInt32")
        self._whose, self._join, _ = joined(workspace=self._workspace, merged=merged, then=None)
        if any(_names(one) & OF_NOBODY for one in events_of(measure)):
            # What concerns no customer hangs together with nothing: each of these stands for itself.
            self._whose = f"if(raw.customer_id = toUUID('{NOBODY}'), raw.message_key, {self._whose})"
        self._columns: dict[str, str] = {}

    @property
    def params(self) -> dict[str, Any]:
        """The bound values."""
        return dict(self.bind.values)

    def contributions(self) -> str:
        """Return the SELECT of customer, g (segment), p (period), events, y, x, plus, minus."""
        if isinstance(self.measure, Session):
            return self._sessions()
        if isinstance(self.measure, Retention):
            return self._kept()
        if isinstance(self.measure, Followed):
            return self._followed()
        one = self._contribution()
        return f"""
SELECT customer, g, p, toFloat64({one.events}) AS events, toFloat64({one.y}) AS y, toFloat64({one.x}) AS x,
    toFloat64({one.plus}) AS plus, toFloat64({one.minus}) AS minus
FROM ({self._rows()})
WHERE p >= 0
GROUP BY customer, g, p
HAVING events > 0 OR x != 0 OR y != 0
"""  # noqa: S608  our own text; every value is bound

    def values(self) -> str:
        """Return the SELECT of customer, g, p, v: each number that a percentile is of."""
        if isinstance(self.measure, Wait):
            return self._waits()
        measure = self.measure
        if not isinstance(measure, Percentile):
            raise TypeError("Only percentiles have values.")
        meant = self._match(measure.event)
        v = self._column(operand(measure.of).number)
        return f"SELECT customer, g, p, assumeNotNull({v}) AS v FROM ({self._rows()}) WHERE p >= 0 AND {meant} AND isNotNull({v})"  # noqa: S608

    def returns(self) -> str:
        """Return the SELECT of customer, g, p (periods after their first one), v (that one's number): once for each period with it.

        Periods must be of a calendar and the span must begin before everything; whoever began before the first one is left out.
        """
        meant = " OR ".join(self._match(one) for one in events_of(self.measure))
        return f"""
SELECT customer, '' AS g, toInt32(at - began) AS p, toFloat64(began) AS v
FROM (
    SELECT customer, groupUniqArray(p) AS ps, arrayMin(ps) AS began FROM ({self._rows()}) WHERE {meant} GROUP BY customer HAVING began >= 0
)
ARRAY JOIN ps AS at
"""  # noqa: S608

    def largest(self, limit: int) -> str:
        """Return the SELECT of the segments with the most interactions: g, and how many."""
        meant = " OR ".join(self._match(one) for one in events_of(self.measure))
        return f"SELECT g, count() AS number FROM ({self._rows()}) WHERE p >= 0 AND ({meant}) GROUP BY g ORDER BY number DESC, g LIMIT {int(limit)}"  # noqa: S608

    def _contribution(self) -> Contribution:  # noqa: C901, PLR0911  one answer for each kind
        match self.measure:
            case Count(event=event):
                count = f"countIf({self._match(event)})"
                return Contribution(y=count, x="0", events=count)
            case Customers(event=event):
                count = f"countIf({self._match(event)})"
                return Contribution(y=f"{count} > 0", x="0", events=count)
            case Sum(event=event, of=of):
                total, there = self._sum(event, of)
                return Contribution(y=total, x="0", events=there)
            case Mean(event=event, of=of):
                total, there = self._sum(event, of)
                return Contribution(y=total, x=there, events=there)
            case Ratio(over=over, under=under):
                return Contribution(y=self._amount(over), x=self._amount(under), events=f"countIf({self._match(under.event)})")
            case Share(event=event, among=among, times=times):
                base, done = f"(countIf({self._match(among)}) > 0)", f"countIf({self._match(event)})"
                return Contribution(y=f"{base} AND {done} >= {int(times)}", x=base, events=f"if({base}, {done}, 0)")
            case Stickiness(event=event):
                days = self._days(event)
                return Contribution(y=days, x=f"{days} > 0", events=f"countIf({self._match(event)})")
            case Nps(event=event, of=of):
                return self._score(event, of, low=0, high=10, best=9, worst=6)
            case Csat(event=event, of=of, scale=scale):
                return self._score(event, of, low=1, high=scale, best=scale - 1, worst=0)
            case Ces(event=event, of=of, formula="mean"):
                v, ok = self._answer(event, of, 1, 7)
                there = f"countIf({ok})"
                return Contribution(y=f"sumIf(assumeNotNull({v}), {ok})", x=there, events=there)
            case Ces(event=event, of=of, formula="positive"):
                return self._score(event, of, low=1, high=7, best=5, worst=0)
            case Ces(event=event, of=of):
                return self._score(event, of, low=1, high=7, best=6, worst=3)
        raise TypeError(f"{type(self.measure).__name__} has no contribution of its own.")

    def _score(self, event: Event, of: str, *, low: int, high: int, best: int, worst: int) -> Contribution:  # noqa: PLR0913
        v, ok = self._answer(event, of, low, high)
        plus = f"countIf({ok} AND {v} >= {int(best)})"
        minus = f"countIf({ok} AND {v} <= {int(worst)})" if worst >= low else "0"
        y = f"toInt64({plus}) - toInt64({minus})"
        there = f"countIf({ok})"
        return Contribution(y=y, x=there, events=there, plus=plus, minus=minus)

    def _answer(self, event: Event, of: str, low: int, high: int) -> tuple[str, str]:
        v = self._column(operand(of).number)
        return v, f"({self._match(event)} AND ifNull({v} BETWEEN {int(low)} AND {int(high)}, 0))"

    def _amount(self, one: Amount) -> str:
        if one.take == "sum":
            return self._sum(one.event, one.of or "value")[0]
        if one.take == "days":
            return self._days(one.event)
        count = f"countIf({self._match(one.event)})"
        return f"({count} > 0)" if one.take == "customers" else count

    def _sum(self, event: Event, of: str) -> tuple[str, str]:
        amount = self._column("toInt128(value * 10000)" if of == "value" else scaled(operand(of).number))
        some = f"({self._match(event)} AND isNotNull({amount}))"
        return f"(sumIf(assumeNotNull({amount}), {some}) / 10000)", f"countIf({some})"

    def _days(self, event: Event) -> str:
        day = self._column(f"toDate(time, {self.bind(self.zone.key, 'String')})")
        return f"uniqExactIf({day}, {self._match(event)})"

    def _match(self, event: Event) -> str:
        return self._column(f"({matches(event, self.bind)})")

    def _column(self, sql: str) -> str:
        return self._columns.setdefault(sql, f"c{len(self._columns)}")

    def _rows(self, *, more: int = 0, less: int = 0) -> str:
        """Return the SELECT of rows: customer, t, g, p and the columns asked for so far. `less` and `more` (ms) widen the span."""
        meant = " OR ".join(self._match(one) for one in events_of(self.measure))
        columns = "".join(f", {sql} AS {name}" for sql, name in self._columns.items())
        first = self.bind(max(self.periods[0].first - less, -(2**53)), "Int64")
        last = self.bind(self.periods[-1].last + more, "Int64")
        return f"""
    SELECT {self._whose} AS customer, toUnixTimestamp64Milli(raw.time) AS t, raw.session_id AS session, {self._segment()} AS g,
        {self._period("t", "raw.time")} AS p{columns}
    FROM interactions_raw AS raw{self._join}
    WHERE raw.workspace_id = {self._workspace} AND raw.time >= fromUnixTimestamp64Milli({first})
        AND raw.time <= fromUnixTimestamp64Milli({last}){self._named()} AND ({meant})"""  # noqa: S608

    def _named(self) -> str:
        """Return the condition that only rows of the meant names are read, where every event has some."""
        named = [_names(one) for one in events_of(self.measure)]
        if not all(named):
            return ""
        return f" AND raw.name IN {self.bind(tuple(sorted(set().union(*named))), 'Array(String)')}"

    def _segment(self) -> str:
        if not self._of:
            return "''"
        # A number is a segment, too: 4 and 4.5 as they are written.
        value = operand(self._of)
        text = f"ifNull(coalesce({value.text}, toString({value.number})), '')"
        if self._top is None:
            return text
        return f"if({text} IN {self.bind(tuple(self._top), 'Array(String)')}, {text}, {self.bind(REST, 'String')})"

    def _period(self, t: str, time: str) -> str:
        if self._calendar is None and len(self.periods) > _TESTED:
            firsts, lasts = (
                self.bind(tuple(ends), "Array(Int64)")
                for ends in zip(*((one.first, one.last) for one in self.periods), strict=True)
            )
            numbers = self.bind(tuple(range(len(self.periods))), "Array(Int32)")
            n = f"transform(roundDown({t}, {firsts}), {firsts}, {numbers}, toInt32(-1))"  # the last that began, found by halving
            return f"toInt32(if({t} BETWEEN {firsts}[{n} + 1] AND {lasts}[{n} + 1], {n}, -1))"
        if self._calendar is None:
            tests = "".join(
                f"{t} BETWEEN {self.bind(one.first, 'Int64')} AND {self.bind(one.last, 'Int64')}, {n}, "
                for n, one in enumerate(self.periods)
            )
            return f"toInt32(multiIf({tests}-1))"
        by, keys = self._calendar
        zone = self.bind(self.zone.key, "String")
        key = {
            "hour": f"toInt64(toUnixTimestamp(toStartOfHour({time})))",
            "day": f"toInt64(toInt32(toDate({time}, {zone})))",
            "week": f"toInt64(toInt32(toMonday({time}, {zone})))",
            "month": f"toInt64(toInt32(toStartOfMonth({time}, {zone})))",
        }[by]
        numbers = self.bind(tuple(range(len(keys))), "Array(Int32)")
        return f"transform({key}, {self.bind(tuple(keys), 'Array(Int64)')}, {numbers}, toInt32(-1))"

    def _kept(self) -> str:
        event = self._match(self.measure.event)  # type: ignore[union-attr]
        lost = getattr(self.measure, "count", "kept") == "lost"
        return f"""
SELECT customer, g, toInt32(was + 1) AS p, 1. AS events, toFloat64({"NOT " if lost else ""}has(ps, was + 1)) AS y, 1. AS x, 0. AS plus, 0. AS minus
FROM (SELECT customer, g, groupUniqArray(p) AS ps FROM ({self._rows()}) WHERE p >= 0 AND {event} GROUP BY customer, g)
ARRAY JOIN ps AS was
WHERE p < {len(self.periods) if self._calendar is None else len(self._calendar[1])}
"""  # noqa: S608

    def _sessions(self) -> str:
        measure = self.measure
        assert isinstance(measure, Session)  # noqa: S101
        event = self._match(measure.event)
        each = "(max(t) - min(t)) / 1000" if measure.take == "seconds" else "count()"
        none = "toUUID('00000000-0000-0000-0000-000000000000')"
        period = self._period("began", "fromUnixTimestamp64Milli(began)")
        return f"""
SELECT customer, g, {period} AS p, toFloat64(count()) AS events, toFloat64(sum(each)) AS y, toFloat64(count()) AS x, 0. AS plus, 0. AS minus
FROM (
    SELECT customer, session, argMin(g, t) AS g, min(t) AS began, {each} AS each
    FROM ({self._rows(less=_LONGEST_SESSION, more=_LONGEST_SESSION)})
    WHERE {event} AND session != {none} GROUP BY customer, session
)
WHERE p >= 0
GROUP BY customer, g, p
"""  # noqa: S608

    def _waits(self) -> str:
        measure = self.measure
        assert isinstance(measure, Wait)  # noqa: S101
        period = self._period("a.1", "fromUnixTimestamp64Milli(a.1)")
        return f"""
SELECT customer, a.2 AS g, {period} AS p, (b - a.1) / 1000 AS v
FROM ({self._nexts(measure)})
WHERE b > 0 AND b - a.1 <= {int(measure.within * HOUR)} AND p >= 0
"""  # noqa: S608

    def _followed(self) -> str:
        measure = self.measure
        assert isinstance(measure, Followed)  # noqa: S101
        longest = measure.within * HOUR
        period = self._period("a.1", "fromUnixTimestamp64Milli(a.1)")
        met = f"(b > 0 AND b - a.1 <= {int(longest)})"
        return f"""
SELECT customer, a.2 AS g, {period} AS p, toFloat64(count()) AS events, toFloat64(countIf({"NOT " if measure.count == "alone" else ""}{met})) AS y,
    toFloat64(count()) AS x, 0. AS plus, 0. AS minus
FROM ({self._nexts(measure)})
WHERE p >= 0 AND a.1 <= {self.bind(self._now - longest, "Int64")}
GROUP BY customer, g, p
"""  # noqa: S608

    def _nexts(self, measure: Wait | Followed) -> str:
        """Return the SELECT of customer, a (ms and segment of one that begins), b (ms of the next that ends; 0 without one)."""
        begins, ends = self._match(measure.event), self._match(measure.until)
        shared = self._column(f"ifNull({operand(measure.same).text}, '')") if measure.same else "''"
        known = f" AND {shared} != ''" if measure.same else ""
        return f"""
SELECT customer, a, b
FROM (
    SELECT customer, {shared} AS shared, groupArrayIf((t, g), {begins}) AS starts, arraySort(groupArrayIf(t, {ends})) AS stops
    FROM ({self._rows(more=measure.within * HOUR)}) WHERE 1{known} GROUP BY customer, shared
)
ARRAY JOIN starts AS a, arrayMap(s -> arrayFirst(e -> e > s.1, stops), starts) AS b
"""  # noqa: S608


def _names(event: Event) -> set[str]:
    """Return the names that an event can have; none where it can have any."""
    if event.name:
        return {event.name}
    for one in event.where:
        if one.of == "name" and one.test == "one_of" and isinstance(one.to, tuple):
            return {name for name in one.to if isinstance(name, str)}
    return set()
