"""Values as words that a person reads, and values of customers as text. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, assert_never

from amity.engines.past.behaviour.takes import Count, DaysSince, Number, Pick, Unique
from amity.engines.past.behaviour.words import event_words, of_words, window_words
from amity.rooms.customers.rules.audiences.language import All, Any_, Condition, Not
from amity.rooms.customers.rules.audiences.sentences import sentence
from amity.rooms.customers.rules.computed.inlining import Node
from amity.rooms.customers.rules.computed.language import Cases, Combine, Fixed, Ref, Sql, Tile, Value

_TAKES = {
    "sum": "the sum of {}", "average": "the average {}", "smallest": "the smallest {}", "largest": "the largest {}",
    "distinct": "the number of different values of {}",
}  # fmt: skip
_DO = {"add": " + ", "subtract": " − ", "multiply": " × ", "divide": " ÷ "}


def words(value: Value, names: Mapping[Node, str]) -> str:  # noqa: C901, PLR0911  one answer for each kind
    """Return what a value is, in words. `names` are those of audiences and computed traits."""
    match value:
        case Count(event=event, each=each, within=within):
            what = "how often" if each == "times" else f"on how many different {each}"
            return f"{what} they did {event_words(event)}{window_words(within)}"
        case Number(event=event, take=take, of=of, at=at, within=within):
            what = f"percentile {at:g} of {of_words(of)}" if at is not None else _TAKES[take].format(of_words(of))
            return f"{what} over {event_words(event)}{window_words(within)}"
        case Pick(event=event, take=take, of=of, within=within):
            return f"the {take.replace('_', ' ')} {of_words(of)} of {event_words(event)}{window_words(within)}"
        case Unique(event=event, of=of, most=most, within=within):
            return f"the different {of_words(of)} of {event_words(event)}, the newest {most}{window_words(within)}"
        case DaysSince(event=event, take=take, within=within):
            return f"days since they {'first' if take == 'first' else 'last'} did {event_words(event)}{window_words(within)}"
        case Ref(id=trait):
            return names.get(("trait", trait), f"trait {trait}")
        case Fixed(is_=always):
            return value_text(always)
        case Combine(do=do, of=parts):
            return _combined(do, [words(part, names) for part in parts])
        case Tile(of=of, tiles=tiles, best=best):
            return f"score 1 to {tiles} by {words(of, names)}, {tiles} being the {'highest' if best == 'high' else 'lowest'}"
        case Cases(of=cases, otherwise=otherwise):
            said = [f"{words(one.then, names)} if {condition_words(one.where, names)}" for one in cases]
            return "; ".join(said + ([f"else {words(otherwise, names)}"] if otherwise is not None else []))
        case Sql():
            return "an expert’s SQL"
    assert_never(value)


def outline(value: Value, names: Mapping[Node, str], depth: int = 0) -> list[tuple[int, str]]:
    """Return a value in words, part by part at its depth."""
    match value:
        case Cases(of=cases, otherwise=otherwise):
            found = [(depth, "the first of these that is so")]
            found += [(depth + 1, f"{words(one.then, names)}: {condition_words(one.where, names)}") for one in cases]
            return found + ([] if otherwise is None else [(depth + 1, f"else {words(otherwise, names)}")])
        case Combine(do=do, of=parts):
            said = {"add": "the sum", "subtract": "the difference", "multiply": "the product", "divide": "the quotient"}.get(
                do, f"the {do.replace('_', ' ')}"
            )
            return [(depth, f"{said} of"), *(line for part in parts for line in outline(part, names, depth + 1))]
    return [(depth, words(value, names))]


def condition_words(where: Condition, names: Mapping[Node, str]) -> str:
    """Return a condition in one line."""
    match where:
        case All(of=()):
            return "in any case"
        case All(of=parts):
            return " and ".join(_bracketed(part, names) for part in parts)
        case Any_(of=parts):
            return " or ".join(_bracketed(part, names) for part in parts)
        case Not(of=part):
            return f"not {_bracketed(part, names)}"
        case leaf:
            return sentence(leaf, names)


def value_text(value: Any) -> str:
    """Return a customer's value as text."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(map(value_text, value))
    if isinstance(value, float):
        return f"{value:,.4f}".rstrip("0").rstrip(".")
    return f"{value:,}" if isinstance(value, int) else str(value)


def _combined(do: str, parts: list[str]) -> str:
    if do in _DO:
        return _DO[do].join(f"({part})" if " " in part else part for part in parts)
    return f"the {do.replace('_', ' ')} of {', '.join(parts)}"


def _bracketed(where: Condition, names: Mapping[Node, str]) -> str:
    said = condition_words(where, names)
    return f"({said})" if isinstance(where, All | Any_) and len(where.of) > 1 else said
