"""Each take as SQL over one customer's interactions: the value, and when time alone could change it.

Numbers come as Float64, NaN where there is none; all else as JSON text, empty where there is none.
"""

from __future__ import annotations

from dataclasses import dataclass

from amity.engines.past.behaviour.language import Event
from amity.engines.past.behaviour.measures import PERIODS, due_of, scaled
from amity.engines.past.behaviour.predicates import operand
from amity.engines.past.behaviour.question import NEVER, Question
from amity.engines.past.behaviour.takes import Count, DaysSince, Number, Pick, Take, Unique
from amity.engines.past.behaviour.windows import Span, resolve
from amity.kernel.clock import DAY
from amity.kernel.errors import Invalid


@dataclass(frozen=True, slots=True, kw_only=True)
class Valued:
    """`value` and `due` in SQL over the question's aggregates. `nothing`: the value of who has no interaction for it."""

    value: str
    due: str
    nothing: float | None = None


def valued(one: Take, ask: Question) -> Valued:
    """Return the SQL of a take within a question. Raises Invalid where it makes no sense."""
    span = resolve(one.within, now=ask.now, zone=ask.zone)
    match one:
        case Count():
            return _count(one, span, ask)
        case Number():
            return _number(one, span, ask)
        case Pick():
            return _pick(one, span, ask)
        case Unique():
            return _unique(one, span, ask)
        case DaysSince():
            return _days(one, span, ask)


def _count(one: Count, span: Span, ask: Question) -> Valued:
    here = ask.within(one.event, span)
    if one.each == "times":
        count = ask.aggregate(f"countIf({here})")
    else:
        period = ask.column(PERIODS[one.each].format(ask.bind(ask.zone.key, "String")))
        count = ask.aggregate(f"uniqExactIf({period}, {here})")
    return Valued(value=f"toFloat64({count})", due=due_of(one.event, span, ask), nothing=0.0)


def _number(one: Number, span: Span, ask: Question) -> Valued:
    if (one.at is None) == (one.take == "percentile"):
        raise Invalid("A percentile needs `at`, from 0 to 100; nothing else has one.")
    value = operand(one.of)
    here, due = ask.within(one.event, span), due_of(one.event, span, ask)
    if one.take == "distinct":
        text = ask.column(value.text)
        count = ask.aggregate(f"uniqExactIf(assumeNotNull({text}), {here} AND isNotNull({text}))")
        return Valued(value=f"toFloat64({count})", due=due, nothing=0.0)
    if one.take in {"sum", "average"}:
        # Sums are of ten-thousandths, whole numbers: they come out the same in whatever order they are added.
        amount = ask.column("toInt128(value * 10000)" if one.of == "value" else scaled(value.number))
        some = f"{here} AND isNotNull({amount})"
        total = ask.aggregate(f"sumIf(assumeNotNull({amount}), {some})")
        if one.take == "sum":
            return Valued(value=f"toFloat64({total}) / 10000", due=due, nothing=0.0)
        there = ask.aggregate(f"countIf({some})")
        return Valued(value=f"if({there} > 0, toFloat64({total}) / (10000 * {there}), nan)", due=due)
    amount = ask.column(value.number)
    some = f"{here} AND isNotNull({amount})"
    there = ask.aggregate(f"countIf({some})")
    function = {"smallest": "minIf", "largest": "maxIf"}.get(
        one.take
    ) or f"quantileExactInclusiveIf({float(one.at or 0) / 100!r})"
    found = ask.aggregate(f"{function}(assumeNotNull({amount}), {some})")
    return Valued(value=f"if({there} > 0, {found}, nan)", due=due)


def _pick(one: Pick, span: Span, ask: Question) -> Valued:
    here, due = ask.within(one.event, span), due_of(one.event, span, ask)
    if one.take == "most_frequent":
        return Valued(value=f"ifNull({_sorted(one.event, one.of, span, ask, by='-c, -s, v')}[1], '')", due=due)
    value = ask.column(operand(one.of).json)
    end = "argMinIf" if one.take == "first" else "argMaxIf"
    return Valued(value=ask.aggregate(f"{end}(ifNull({value}, ''), (t, k), {here} AND isNotNull({value}))"), due=due)


def _unique(one: Unique, span: Span, ask: Question) -> Valued:
    found = _sorted(one.event, one.of, span, ask, by="-s, v")
    listed = f"arrayStringConcat(arraySlice({found}, 1, {int(one.most)}), ',')"
    return Valued(value=f"if(empty({found}), '', concat('[', {listed}, ']'))", due=due_of(one.event, span, ask))


def _sorted(event: Event, of: str, span: Span, ask: Question, *, by: str) -> str:
    """Return the different values (v), sorted by how often (c) and when last (s) they were seen."""
    value = ask.column(f"ifNull({operand(of).json}, '')")
    some = f"{ask.within(event, span)} AND {value} != ''"
    counts = ask.aggregate(f"sumMapIf([{value}], [toUInt64(1)], {some})")
    seen = ask.aggregate(f"maxMapIf([{value}], [t], {some})")
    # Both maps are sorted by their keys, which are the same.
    order = {"c": f"toInt64({counts}.2[i])", "s": f"{seen}.2[i]", "v": f"{counts}.1[i]"}
    key = ", ".join(f"-{order[part[1:]]}" if part[0] == "-" else order[part] for part in by.split(", "))
    return f"arrayMap(i -> {counts}.1[i], arraySort(i -> ({key}), range(1, length({counts}.1) + 1)))"


def _days(one: DaysSince, span: Span, ask: Question) -> Valued:
    here = ask.within(one.event, span)
    instant = ask.aggregate(f"{'min' if one.take == 'first' else 'max'}If(t, {here})")
    there = ask.aggregate(f"countIf({here})")
    days = f"intDiv({ask.bind(ask.now, 'Int64')} - {instant}, {DAY})"
    due = f"least({due_of(one.event, span, ask)}, if({there} > 0, {instant} + ({days} + 1) * {DAY}, {NEVER}))"
    return Valued(value=f"if({there} > 0, toFloat64({days}), nan)", due=due)
