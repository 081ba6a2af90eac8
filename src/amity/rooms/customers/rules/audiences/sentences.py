"""Conditions as sentences that a person reads. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

from amity.engines.past.behaviour.language import Did, Duration, Measure, Sequence, When
from amity.engines.past.behaviour.words import TESTS, compared_words, event_words, of_words, window_words
from amity.rooms.customers.rules.audiences.language import Compared, Computed, Consent, Identifier, InAccount, Leaf, Member, Trait

TAKES = {
    "sum": "the sum", "average": "the average", "smallest": "the smallest", "largest": "the largest", "first": "the first",
    "last": "the last", "distinct": "the number of different values",
}  # fmt: skip


def sentence(leaf: Leaf | Compared, names: Mapping[tuple[str, int], str]) -> str:  # noqa: C901, PLR0911  one answer for each kind
    """Return a condition in words. `names` are by ("audience" or "trait", id)."""
    match leaf:
        case Trait(name=name, test=test, to=to):
            return f"{name} {TESTS[test]}{compared_words(to)}"
        case Identifier(of=of, test=test, to=to):
            return f"has {'no' if test == 'absent' else 'an'} identifier {of}" + (
                f" that {TESTS[test]}{compared_words(to)}" if test not in {"present", "absent"} else ""
            )
        case Consent(purpose=purpose, test=test):
            said = {"granted": "agreed to", "denied": "said no to", "unknown": "was never asked for"}[test]
            return f"{said} {purpose}"
        case InAccount(name=name, test=test, to=to):
            whose = f" whose {name or 'id'} {TESTS[test]}{compared_words(to)}" if name or test != "present" else ""
            return f"belongs to an account{whose}"
        case Member(id=audience):
            return f"is in {names.get(('audience', audience), f'audience {audience}')}"
        case Computed(id=trait, test=test, to=to) | Compared(id=trait, test=test, to=to):
            return f"{names.get(('trait', trait), f'computed trait {trait}')} {TESTS[test]}{compared_words(to)}"
        case Did():
            return _did(leaf)
        case Measure(event=event, take=take, of=of, test=test, to=to, within=within):
            return f"{TAKES[take]} of {of_words(of)} over {event_words(event)} {TESTS[test]}{compared_words(to)}{window_words(within)}"
        case When(event=event, take=take, within=within):
            return f"did {event_words(event)} for the {take} time{window_words(within)}"
        case Sequence():
            return _sequence(leaf)
    assert_never(leaf)


def _did(one: Did) -> str:
    least = 1 if one.at_least is None and one.at_most is None else one.at_least or 0
    unit = "" if one.count == "times" else f" on {'different ' if (one.at_most or least) != 1 else ''}{one.count}"
    if one.at_most == 0:
        number = "never"
    elif one.at_most is None:
        number = "" if least == 1 and one.count == "times" else f" at least {_times(least)}"
    elif not least:
        number = f" at most {_times(one.at_most)}"
    else:
        number = f" between {least:,} and {_times(one.at_most)}"
    if number == "never":
        return f"never did {event_words(one.event)}{window_words(one.within)}"
    return f"did {event_words(one.event)}{number}{unit}{window_words(one.within)}"


def _sequence(one: Sequence) -> str:
    parts = [f"did {event_words(one.steps[0].event)}"]
    parts += [f"then {event_words(s.event)}{f' within {_length(s.within)}' if s.within else ''}" for s in one.steps[1:]]
    if one.then_not:
        parts.append(f"and not {event_words(one.then_not.event)} in the next {_length(one.then_not.within)}")
    return ", ".join(parts) + window_words(one.within)


def _length(one: Duration) -> str:
    return f"{one.amount:,} {one.unit}" if one.amount > 1 else f"a {one.unit.removesuffix('s')}"


def _times(number: int) -> str:
    return {1: "once", 2: "twice"}.get(number, f"{number:,} times")
