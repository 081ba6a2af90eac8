"""Sequences: one after another, each within its time, and what did not follow. One fold over a customer's interactions.

The fold keeps, for each step, when a chain of steps up to it last ended: of all chains the one that ended last is the one
that the next step can best follow. With a `then_not`, it keeps the earliest ending that nothing has contradicted yet, for
what contradicts that one in time contradicts all later ones, and what comes later confirms it.
"""

from __future__ import annotations

from amity.engines.past.behaviour.language import Sequence
from amity.engines.past.behaviour.question import NEVER, Question
from amity.engines.past.behaviour.windows import EARLIEST, Span

_NONE = f"toInt64({2 * EARLIEST})"  # before all times
_NOT = 128  # the bit of what must not follow; steps have those from 1 on


def sequence(one: Sequence, span: Span, ask: Question) -> tuple[str, str]:
    """Return (whether it is met, when that could change) in SQL."""
    first, last, now = ask.bind(span.first, "Int64"), ask.bind(span.last, "Int64"), ask.bind(ask.now, "Int64")
    steps = [f"toUInt8({ask.event(step.event)} AND t BETWEEN {first} AND {last}) * {1 << n}" for n, step in enumerate(one.steps)]
    if one.then_not:
        steps.append(f"toUInt8({ask.event(one.then_not.event)} AND t BETWEEN {first} AND {now}) * {_NOT}")
    mask = ask.column(" + ".join(steps), late=True)
    state = ask.aggregate(_fold(one, mask, ask))
    number = len(one.steps)
    ended, due = f"{state}.{number}", NEVER
    met = f"{ended} != {_NONE}"
    if one.then_not:
        wait = ask.bind(one.then_not.within.ms, "Int64")
        pending = f"{state}.{number + 1}"
        open_end = f"({pending} != {_NONE} AND {pending} + {wait} > {now})"
        met = f"({state}.{number + 2} = 1 OR ({pending} != {_NONE} AND {pending} + {wait} <= {now}))"
        due = f"if({open_end}, {pending} + {wait}, {NEVER})"
    if span.rolls:
        oldest = ask.aggregate(f"minOrNullIf(t, {mask} > 0 AND t BETWEEN {first} AND {last})")
        due = f"least({due}, ifNull({oldest} + {ask.bind(span.rolls, 'Int64')}, {NEVER}))"
    events = [step.event for step in one.steps] + ([one.then_not.event] if one.then_not else [])
    for event in events:
        ahead = ask.aggregate(f"minOrNullIf(t, {ask.event(event)} AND t > {now})")
        due = f"least({due}, ifNull({ahead}, {NEVER}))"
    return met, due


def _fold(one: Sequence, mask: str, ask: Question) -> str:
    """Return the fold over (time, key, mask) in the order of the story. Its state: last ends; then pending, confirmed."""
    ends = ["if(bitTest(x.3, 0), x.1, s.1)"]
    for n, step in enumerate(one.steps[1:], 2):
        soon = f" AND x.1 - s.{n - 1} <= {ask.bind(step.within.ms, 'Int64')}" if step.within else ""
        ends.append(f"if({_follows(n)}{soon}, x.1, s.{n})")
    state = ends
    if one.then_not:
        number = len(one.steps)
        wait = ask.bind(one.then_not.within.ms, "Int64")
        pending = f"s.{number + 1}"
        over = f"({pending} != {_NONE} AND x.1 > {pending} + {wait})"
        left = f"if(bitTest(x.3, 7), {_NONE}, {pending})"
        step = one.steps[-1]
        soon = f" AND x.1 - s.{number - 1} <= {ask.bind(step.within.ms, 'Int64')}" if step.within else ""
        ends_here = f"({_follows(number)}{soon})"
        state = [*ends, f"if({ends_here} AND {left} = {_NONE}, x.1, {left})", f"toUInt8(s.{number + 2} = 1 OR {over})"]
    begin = [_NONE] * (len(one.steps) + bool(one.then_not)) + (["toUInt8(0)"] if one.then_not else [])
    rows = f"arraySort(groupArrayIf((t, k, toUInt8({mask})), {mask} > 0))"
    return f"arrayFold((s, x) -> ({', '.join(state)}), {rows}, ({', '.join(begin)}))"


def _follows(n: int) -> str:
    return f"bitTest(x.3, {n - 1}) AND s.{n - 1} != {_NONE}"
