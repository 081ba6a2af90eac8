"""Each condition on behaviour as SQL over one customer's interactions: is it met, and when could time alone change that.

A condition is turned round where nobody's silence meets it ("at most twice"), so that customers without a row need no
looking at: `Measured.turned` says that those are meant whom the SQL does not find.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from amity.engines.past.behaviour.language import Behaviour, Did, Event, Measure, Sequence, When
from amity.engines.past.behaviour.predicates import equals, number, operand
from amity.engines.past.behaviour.question import FAR, NEVER, Question
from amity.engines.past.behaviour.sequences import sequence
from amity.engines.past.behaviour.windows import Span, resolve
from amity.kernel.errors import Invalid

if TYPE_CHECKING:
    import numpy as np

_MOST_REMEMBERED = 1_000  # so many of the newest interactions' instants are kept at most to tell whether there are enough
_SIGNS = {"equal": "=", "above": ">", "at_least": ">=", "below": "<", "at_most": "<="}
_TURNED = {"equal": "!=", "above": "<=", "at_least": "<", "below": ">=", "at_most": ">"}
PERIODS = {"days": "toDate(time, {})", "weeks": "toStartOfWeek(time, 1, {})", "months": "toStartOfMonth(time, {})"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """A count in a window that ends now, told by instants that the question asks once for all who need them.

    `enough`, `too_many`: SQL of `FAR` less the instant of the interaction that makes it enough or too many, 0 where there is none.
    `ahead`: when one whose clock was ahead comes in (ms). `first`: where the window begins (ms), `rolls` as in `Span`.
    """

    enough: str | None
    too_many: str | None
    ahead: str
    first: int
    rolls: int

    @property
    def asked(self) -> tuple[str, ...]:
        """What is asked, as SQL of whole numbers."""
        return tuple(one for one in (self.enough, self.too_many, self.ahead) if one is not None)

    def read(self, told: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
        """Return what `Measured` has as SQL, `met` and `due`, from the columns that were asked."""
        import numpy as np

        due = told[self.ahead]
        here = {one: (told[one] > 0) & (told[one] <= FAR - self.first) for one in (self.enough, self.too_many) if one is not None}
        for one, so in here.items():  # who has too many has enough, so the later one tells
            if self.rolls:
                due = np.where(so, np.minimum(told[self.ahead], FAR - told[one] + self.rolls), due)
        if self.enough is None:
            return here[str(self.too_many)], due
        met = here[self.enough]
        return (met if self.too_many is None else met & ~here[self.too_many]), due


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """`met`: SQL over the question's aggregates. `due`: when time alone could change it (ms), `NEVER` where it couldn't.

    `instants`: a way to tell the same that is cheaper where all are to be told of.
    """

    met: str
    due: str
    turned: bool = False
    instants: Instants | None = None


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
    more = None if one.at_most is None else one.at_most + 1
    if one.count == "times" and span.last == ask.now and max(least, more or 0) <= _MOST_REMEMBERED:
        return _remembered(one.event, least, more, span, ask)
    here = ask.within(one.event, span)
    if one.count == "times":
        count = ask.aggregate(f"countIf({here})")
    else:
        period = ask.column(PERIODS[one.count].format(ask.bind(ask.zone.key, "String")))
        count = ask.aggregate(f"uniqExactIf({period}, {here})")
    low = ask.bind(least, "Int64")
    # A count only falls as time goes by, so nothing changes for whom there are too few already.
    if more is None:
        due = due_of(one.event, span, ask, unless_so=f"{count} < {low}")
        return Measured(met=f"{count} >= {low}" if least else f"{count} < 0", due=due, turned=not least)
    high = ask.bind(more, "Int64")
    due = due_of(one.event, span, ask, unless_so=f"{count} < {low if least else high}")
    if least:
        return Measured(met=f"({count} >= {low} AND {count} < {high})", due=due)
    return Measured(met=f"{count} >= {high}", due=due, turned=True)


def _remembered(event: Event, least: int, more: int | None, span: Span, ask: Question) -> Measured:
    """At least so many interactions, and fewer than `more`, in a window that ends now, by the instants of the newest.

    There are `n` if the last but `n` is in the window, and there are fewer once that one leaves. The newest instants are the
    same for every window and number, so all conditions on one event share them.
    """
    if not least and more is None:
        return Measured(met="0", due=NEVER, turned=True)
    ahead = due_of_future(event, ask)
    instants = Instants(
        enough=f"{ask.newest(event, least)}[{least}]" if least else None,
        too_many=f"{ask.newest(event, more)}[{more}]" if more is not None else None,
        ahead=ahead,
        first=span.first,
        rolls=span.rolls,
    )
    so = {one: f"({one} BETWEEN 1 AND {ask.bind(FAR - span.first, 'Int64')})" for one in instants.asked if one != ahead}
    due = ahead
    if span.rolls:
        leaves = [f"{is_so}, {FAR} - {one} + {ask.bind(span.rolls, 'Int64')}" for one, is_so in reversed(so.items())]
        due = f"least({ahead}, multiIf({', '.join(leaves)}, {NEVER}))"
    if instants.enough is None:
        return Measured(met=so[str(instants.too_many)], due=due, turned=True, instants=instants)
    met = so[instants.enough] if instants.too_many is None else f"({so[instants.enough]} AND NOT {so[instants.too_many]})"
    return Measured(met=met, due=due, instants=instants)


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


def due_of(event: Event, span: Span, ask: Question, *, unless_so: str = "0") -> str:
    """Return when the first interaction leaves the window (`unless_so` that this changes nothing), or one whose clock was ahead comes in."""
    due = due_of_future(event, ask)
    if not span.rolls:
        return due
    oldest, some = ask.aggregate(f"minIf(t, {ask.within(event, span)})"), ask.aggregate(f"countIf({ask.within(event, span)})")
    return f"least({due}, if({some} > 0 AND NOT ({unless_so}), {oldest} + {ask.bind(span.rolls, 'Int64')}, {NEVER}))"


def due_of_future(event: Event, ask: Question) -> str:
    """Return when one whose clock was ahead comes in."""
    ahead = f"{ask.event(event)} AND t > {ask.bind(ask.now, 'Int64')}"
    return f"ifNull({ask.aggregate(f'minOrNullIf(t, {ahead})')}, {NEVER})"
