"""Each condition on behaviour as SQL over one customer's interactions: is it met, and when could time alone change that.

A condition is turned round where nobody's silence meets it ("at most twice"), so that customers without a row need no
looking at: `Measured.turned` says that those are meant whom the SQL does not find.
"""

from __future__ import annotations

from dataclasses import dataclass

from amity.engines.past.behaviour.language import Behaviour, Did, Event, Measure, Sequence, When
from amity.engines.past.behaviour.predicates import equals, number, operand
from amity.engines.past.behaviour.question import NEVER, Question
from amity.engines.past.behaviour.sequences import sequence
from amity.engines.past.behaviour.windows import Span, resolve
from amity.kernel.errors import Invalid

_REMEMBERED = (4, 16, 64)  # how many of the newest interactions' instants are kept to tell whether there are enough
_MOST_REMEMBERED = _REMEMBERED[-1]
_SIGNS = {"equal": "=", "above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
_TURNED = {"equal": "!=", "above": "<=", "at_least": "<", "below": ">=", "at_most": ">"}
PERIODS = {"days": "toDate(time, {})", "weeks": "toStartOfWeek(time, 1, {})", "months": "toStartOfMonth(time, {})"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`met`: SQL over the question's aggregates. `due`: when time alone could change it (ms), `NEVER` where it couldn't."""

    met: str
    due: str
    turned: bool = False


def measure(one: Behaviour, ask: Question) -> Measured:
    """Return the SQL of a condition within a question. Raises Invalid where it makes no sense."""
    span = resolve(one.within, now=ask.now, zone=ask.zone)
    match one:
        case Did():
            return _did(one, span, ask)
        case Measure():
            return _measure(one, span, ask)
        case When():
            return _when(one, span, ask)
        case Sequence():
            met, due = sequence(one, span, ask)
            return Measured(met=met, due=due)


def _did(one: Did, span: Span, ask: Question) -> Measured:
    least = 1 if one.at_least is None and one.at_most is None else one.at_least or 0
    if one.at_most is not None and one.at_most < least:
        raise Invalid(f"At least {least} and at most {one.at_most} can't both be.")
    if one.count == "times" and one.at_most is None and 0 < least <= _MOST_REMEMBERED and span.last == ask.now:
        return _at_least(one.event, least, span, ask)
    here = ask.within(one.event, span)
    if one.count == "times":
        count = ask.aggregate(f"countIf({here})")
    else:
        period = ask.column(PERIODS[one.count].format(ask.bind(ask.zone.key, "String")))
        count = ask.aggregate(f"uniqExactIf({period}, {here})")
    low, high = ask.bind(least, "Int64"), ask.bind(one.at_most, "Int64") if one.at_most is not None else ""
    due = due_of(one.event, span, ask)
    if one.at_most is None:
        return Measured(met=f"{count} >= {low}" if least else f"{count} < 0", due=due, turned=not least)
    if least:
        return Measured(met=f"({count} >= {low} AND {count} <= {high})", due=due)
    return Measured(met=f"{count} > {high}", due=due, turned=True)


def _measure(one: Measure, span: Span, ask: Question) -> Measured:
    value = operand(one.of)
    here, due = ask.within(one.event, span), due_of(one.event, span, ask)
    if one.take in {"first", "last"}:
        return Measured(met=_at_end(one, here, ask), due=due)
    to = number(one.of, one.to)
    if one.take == "distinct":
        text = ask.column(value.text)
        count = ask.aggregate(f"uniqExactIf(assumeNotNull({text}), {here} AND isNotNull({text}))")
        return _of_nothing(f"toFloat64({count})", one.test, to, ask.bind(to, "Float64"), due)
    if one.take in {"smallest", "largest"}:
        amount = ask.column(value.number)
        some = f"{here} AND isNotNull({amount})"
        found = ask.aggregate(f"{'min' if one.take == 'smallest' else 'max'}If(assumeNotNull({amount}), {some})")
        there = ask.aggregate(f"countIf({some})")
        return Measured(met=f"({there} > 0 AND {found} {_SIGNS[one.test]} {ask.bind(to, 'Float64')})", due=due)
    # Sums are of ten-thousandths, whole numbers: they come out the same in whatever order they are added.
    whole = ask.column("toInt128(value * 10000)" if one.of == "value" else scaled(value.number))
    some = f"{here} AND isNotNull({whole})"
    total = ask.aggregate(f"sumIf(assumeNotNull({whole}), {some})")
    limit = ask.bind(round(to * 10_000), "Int128")
    if one.take == "sum":
        return _of_nothing(total, one.test, to, limit, due)
    there = ask.aggregate(f"countIf({some})")
    return Measured(met=f"({there} > 0 AND {total} {_SIGNS[one.test]} {limit} * {there})", due=due)


def _of_nothing(found: str, test: str, to: float, limit: str, due: str) -> Measured:
    """Compare what is 0 for who has no interactions; turned round where 0 meets the condition."""
    meets = {"equal": to == 0, "above": to < 0, "at_least": to <= 0, "below": to > 0, "at_most": to >= 0}[test]
    return Measured(met=f"{found} {(_TURNED if meets else _SIGNS)[test]} {limit}", due=due, turned=meets)


def scaled(amount: str) -> str:
    """Return a number as whole ten-thousandths."""
    return f"if(abs({amount}) <= 1e14, toInt128(round({amount} * 10000)), NULL)"


def _at_end(one: Measure, here: str, ask: Question) -> str:
    value = operand(one.of)
    there = ask.column(f"({value.there})")
    some = f"{here} AND {there}"
    end = "argMinIf" if one.take == "first" else "argMaxIf"
    if isinstance(one.to, bool | str):
        if one.test != "equal":
            raise Invalid(f"The {one.take} {one.of} can only be equal to text.")
        met = ask.column(equals(value, one.to, ask.bind))
    else:
        met = ask.column(f"ifNull({value.number} {_SIGNS[one.test]} {ask.bind(number(one.of, one.to), 'Float64')}, 0)")
    return f"{ask.aggregate(f'{end}({met}, (t, k), {some})')} = 1"


def _when(one: When, span: Span, ask: Question) -> Measured:
    until_now = f"{ask.event(one.event)} AND t <= {ask.bind(ask.now, 'Int64')}"
    instant = ask.aggregate(f"{'min' if one.take == 'first' else 'max'}If(t, {until_now})")
    some = ask.aggregate(f"countIf({until_now})")
    met = f"({some} > 0 AND {instant} BETWEEN {ask.bind(span.first, 'Int64')} AND {ask.bind(span.last, 'Int64')})"
    due = due_of_future(one.event, ask)
    if span.rolls:
        due = f"least({due}, if({met}, {instant} + {ask.bind(span.rolls, 'Int64')}, {NEVER}))"
    return Measured(met=met, due=due)


def due_of(event: Event, span: Span, ask: Question) -> str:
    """Return when the first interaction leaves the window, or one whose clock was ahead comes in."""
    due = due_of_future(event, ask)
    if not span.rolls:
        return due
    oldest, some = ask.aggregate(f"minIf(t, {ask.within(event, span)})"), ask.aggregate(f"countIf({ask.within(event, span)})")
    return f"least({due}, if({some} > 0, {oldest} + {ask.bind(span.rolls, 'Int64')}, {NEVER}))"


def _at_least(event: Event, least: int, span: Span, ask: Question) -> Measured:
    """So many interactions of a window that ends now: the last but so many is in it, and the count falls when that one leaves.

    The newest instants are the same for every window and number, so all conditions on one event share them.
    """
    size = next(size for size in _REMEMBERED if size >= least)
    newest = ask.aggregate(f"groupArraySortedIf({size})(-t, {ask.event(event)} AND t <= {ask.bind(ask.now, 'Int64')})")
    edge = f"(-{newest}[{least}])"
    met = f"(length({newest}) >= {least} AND {edge} >= {ask.bind(span.first, 'Int64')})"
    due = due_of_future(event, ask)
    if span.rolls:
        due = f"least({due}, if({met}, {edge} + {ask.bind(span.rolls, 'Int64')}, {NEVER}))"
    return Measured(met=met, due=due)


def due_of_future(event: Event, ask: Question) -> str:
    """Return when one whose clock was ahead comes in."""
    ahead = f"{ask.event(event)} AND t > {ask.bind(ask.now, 'Int64')}"
    return f"ifNull({ask.aggregate(f'minOrNullIf(t, {ahead})')}, {NEVER})"
