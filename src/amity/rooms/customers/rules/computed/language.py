"""The language of computed traits, version 1: what is taken of behaviour, other computed traits, sums of these, cases and scores.

It shares events, windows and conditions with audiences; `read` says in sentences what is wrong.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amity.engines.past.behaviour.language import Number as Amount
from amity.engines.past.behaviour.language import Part, Scalar
from amity.engines.past.behaviour.takes import Count, DaysSince, Number, Pick, Take, Unique
from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.audiences.language import Computed, Condition, depth, explained, leaves, referred

VERSION = 1
MOST_PARTS = 80
DEEPEST = 8


class Ref(Part, frozen=True, tag_field="kind", tag="computed"):
    """Another computed trait's value."""

    id: Annotated[int, Meta(ge=1, le=2**53)]


class Fixed(Part, frozen=True, tag_field="kind", tag="fixed"):
    """A text, a number or a truth that is always the same."""

    is_: Scalar = msgspec.field(name="is")


class Combine(Part, frozen=True, tag_field="kind", tag="combine"):
    """Numbers put together. Nothing comes of what lacks one of them, nor of a division by 0.

    `first_known` is the first that is there; `smallest` and `largest` are of those that are there.
    """

    do: Literal["add", "subtract", "multiply", "divide", "smallest", "largest", "first_known"]
    of: Annotated[tuple[Value, ...], Meta(min_length=2, max_length=10)]


class Case(Part, frozen=True):
    """Who meets `where` (of the audience language) has the value `then`."""

    where: Condition
    then: Value


class Cases(Part, frozen=True, tag_field="kind", tag="cases"):
    """The value of the first case that the customer meets; of none, `otherwise`."""

    of: Annotated[tuple[Case, ...], Meta(min_length=1, max_length=20)]
    otherwise: Value | None = None


class Tile(Part, frozen=True, tag_field="kind", tag="tile"):
    """A score from 1 to `tiles` by rank among all customers who have the number, `tiles` being the best: NTILE of SQL:2003.

    Equal numbers get the same score, the lower of theirs. The edges between scores are worked out whenever everybody is looked
    at, at least daily; in between, a customer's score follows its number.
    """

    of: Value
    tiles: Annotated[int, Meta(ge=2, le=100)] = 5
    best: Literal["high", "low"] = "high"


class Sql(Part, frozen=True, tag_field="kind", tag="sql"):
    """An expert's SELECT of `customer_id` and `value` from `interactions`, grouped by customer_id; `as_of()` is the instant."""

    sql: Annotated[str, Meta(min_length=1, max_length=20_000)]


Value = Count | Number | Pick | Unique | DaysSince | Ref | Fixed | Combine | Cases | Tile | Sql


class Definition(Part, frozen=True):
    """A computed trait's definition."""

    value: Value
    version: Literal[1] = 1


for _type in (Combine, Cases, Tile, Definition):
    msgspec.inspect.type_info(_type)  # the names that they refer to are known by now: any mistake shows at once
_decoder = msgspec.json.Decoder(Definition)
_encoder = msgspec.json.Encoder()


def read(text: str | bytes) -> Definition:
    """Read a definition from JSON. Raises Invalid with what is wrong, where, and how to mend it."""
    try:
        found = _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise Invalid(explained(str(error)).replace("docs/audiences.md", "docs/traits.md")) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The definition is no JSON: {str(error).removeprefix('JSON is malformed: ')}.") from None
    if b"\\u0000" in _encoder.encode(found):
        raise Invalid("A definition can't hold NUL characters: no engine keeps them.")
    check_size(found.value)
    return found


def check_size(value: Value) -> None:
    """Raise Invalid for more parts, or deeper ones, than can be asked."""
    if size(value) > MOST_PARTS:
        raise Invalid(f"A computed trait has at most {MOST_PARTS} parts; make a trait of some and refer to it.")
    if deep(value) > DEEPEST:
        raise Invalid(f"Values may be nested {DEEPEST} deep; make a trait of the inner ones and refer to it.")


def written(definition: Definition) -> dict[str, Any]:
    """Return a definition as it is kept: JSON objects."""
    return {"version": VERSION, **msgspec.to_builtins(definition)}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a definition (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Amity computed trait, version 1",
        **msgspec.json.schema(Definition),
    }


def inner(value: Value) -> Iterator[Value]:
    """Yield the values that a value is made of, one level down; conditions of cases aside."""
    match value:
        case Combine(of=parts):
            yield from parts
        case Cases(of=cases, otherwise=otherwise):
            yield from (case.then for case in cases)
            if otherwise is not None:
                yield otherwise
        case Tile(of=part):
            yield part


def conditions(value: Value) -> Iterator[Condition]:
    """Yield the conditions of a value's own cases."""
    if isinstance(value, Cases):
        yield from (case.where for case in value.of)


def size(value: Value) -> int:
    """Return how many parts a value has, conditions counted."""
    here = sum(1 for one in conditions(value) for _ in leaves(one))
    return 1 + here + sum(map(size, inner(value)))


def deep(value: Value) -> int:
    """Return how deep a value is nested."""
    return 1 + max([*map(deep, inner(value)), *map(depth, conditions(value))], default=0)


def refers(value: Value) -> tuple[set[int], set[int]]:
    """Return the computed traits and the audiences that a value refers to by itself."""
    traits, audiences = ({value.id} if isinstance(value, Ref) else set()), set[int]()
    for one in conditions(value):
        traits |= {leaf.id for leaf in leaves(one) if isinstance(leaf, Computed)}
        audiences |= referred(one)
    for part in inner(value):
        more = refers(part)
        traits, audiences = traits | more[0], audiences | more[1]
    return traits, audiences


__all__ = [
    "Amount", "Case", "Cases", "Combine", "Count", "DaysSince", "Definition", "Fixed", "Number", "Pick", "Ref", "Sql", "Take",
    "Tile", "Unique", "Value", "check_size", "conditions", "deep", "inner", "read", "refers", "schema", "size", "written",
]  # fmt: skip
