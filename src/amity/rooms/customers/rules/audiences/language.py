"""The audience language, version 1: conditions on who customers are and on what they did, joined by all, any and not.

`read` takes JSON and says in sentences what is wrong with it. What is said about behaviour is the past's own language.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta

from amity.engines.past.behaviour.language import (
    Did,
    Measure,
    Part,
    Scalar,
    Sequence,
    Test,
    When,
)
from amity.kernel.errors import Invalid

VERSION = 1
MOST_CONDITIONS = 60
DEEPEST = 8
Name = Annotated[str, Meta(min_length=1, max_length=200)]


class Trait(Part, frozen=True, tag_field="kind", tag="trait"):
    """What is known of a customer now under a name; `address.city` reads into an object. What is missing equals nothing."""

    name: Name
    test: Test = msgspec.field(name="is")
    to: Scalar | Annotated[tuple[Scalar, ...], Meta(max_length=1_000)] | None = None


class Identifier(Part, frozen=True, tag_field="kind", tag="identifier"):
    """Whether the customer has an identifier of a kind (`email`, `user_id` ...), and of which form one of them is."""

    of: Name
    test: Literal["present", "absent", "equal", "one_of", "contains", "starts_with", "ends_with"] = msgspec.field(
        name="is", default="present"
    )
    to: Scalar | Annotated[tuple[Scalar, ...], Meta(max_length=1_000)] | None = None


class Consent(Part, frozen=True, tag_field="kind", tag="consent"):
    """The last answer for a purpose, as of now."""

    purpose: Name
    test: Literal["granted", "denied", "unknown"] = msgspec.field(name="is")


class InAccount(Part, frozen=True, tag_field="kind", tag="account"):
    """Whether the customer belongs to an account of which a trait compares so; without a name, its id. What is missing equals nothing."""

    name: Annotated[str, Meta(max_length=200)] = ""
    test: Test = msgspec.field(name="is", default="present")
    to: Scalar | Annotated[tuple[Scalar, ...], Meta(max_length=1_000)] | None = None


class Member(Part, frozen=True, tag_field="kind", tag="audience"):
    """Whether the customer meets another audience's definition, or is on its list."""

    id: Annotated[int, Meta(ge=1, le=2**53)]


class Computed(Part, frozen=True, tag_field="kind", tag="computed"):
    """How a computed trait's value compares now; of a list, whether one of its values does. What is missing equals nothing."""

    id: Annotated[int, Meta(ge=1, le=2**53)]
    test: Test = msgspec.field(name="is")
    to: Scalar | Annotated[tuple[Scalar, ...], Meta(max_length=1_000)] | None = None


class Compared(Part, frozen=True, tag_field="kind", tag="compared"):
    """What a `Computed` is asked as: with the trait's own definition (of rules.computed) in its place. Never read from JSON."""

    id: int
    value: Any
    test: Test
    to: Scalar | tuple[Scalar, ...] | None = None


class All(Part, frozen=True, tag_field="kind", tag="all"):
    """All of these; of none at all, everybody."""

    of: tuple[Condition, ...]


class Any_(Part, frozen=True, tag_field="kind", tag="any"):  # noqa: N801  any is taken
    """At least one of these."""

    of: Annotated[tuple[Condition, ...], Meta(min_length=1)]


class Not(Part, frozen=True, tag_field="kind", tag="not"):
    """Everybody else."""

    of: Condition


Profile = Trait | Identifier | Consent | Member
Leaf = Trait | Identifier | Consent | Member | InAccount | Computed | Did | Measure | When | Sequence
Condition = All | Any_ | Not | Trait | Identifier | Consent | Member | InAccount | Computed | Did | Measure | When | Sequence


class Definition(Part, frozen=True):
    """An audience's definition."""

    where: Condition
    version: Literal[1] = 1


for _type in (All, Any_, Not, Definition):
    msgspec.inspect.type_info(_type)  # the names that they refer to are known by now: any mistake shows at once
_decoder = msgspec.json.Decoder(Definition)
_encoder = msgspec.json.Encoder()


def read(text: str | bytes) -> Definition:
    """Read a definition from JSON. Raises Invalid with what is wrong, where, and how to mend it."""
    try:
        found = _decoder.decode(text)
    except msgspec.ValidationError as error:
        raise Invalid(explained(str(error))) from None
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(f"The definition is no JSON: {str(error).removeprefix('JSON is malformed: ')}.") from None
    if b"\\u0000" in _encoder.encode(found):
        raise Invalid("A definition can't hold NUL characters: no engine keeps them.")
    check_size(found)
    return found


def check_size(definition: Definition) -> None:
    """Raise Invalid for more conditions, or deeper ones, than can be asked."""
    if sum(1 for _ in leaves(definition.where)) > MOST_CONDITIONS:
        raise Invalid(f"An audience has at most {MOST_CONDITIONS} conditions; make an audience of some and refer to it.")
    if depth(definition.where) > DEEPEST:
        raise Invalid(f"Conditions may be nested {DEEPEST} deep; make an audience of the inner ones and refer to it.")


def written(definition: Definition) -> dict[str, Any]:
    """Return a definition as it is kept: JSON objects."""
    found = msgspec.to_builtins(definition)
    return {"version": VERSION, **found}


def schema() -> dict[str, Any]:
    """Return the JSON Schema of a definition (draft 2020-12)."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Amity audience definition, version 1",
        **msgspec.json.schema(Definition),
    }


def leaves(condition: Condition) -> Iterator[Leaf]:
    """Yield the conditions that are no all, any or not."""
    match condition:
        case All(of=parts) | Any_(of=parts):
            for part in parts:
                yield from leaves(part)
        case Not(of=part):
            yield from leaves(part)
        case _:
            yield condition


def depth(condition: Condition) -> int:
    """Return how deep a condition is nested."""
    match condition:
        case All(of=parts) | Any_(of=parts):
            return 1 + max(map(depth, parts), default=0)
        case Not(of=part):
            return 1 + depth(part)
    return 1


def referred(condition: Condition) -> set[int]:
    """Return the audiences that a condition refers to."""
    return {leaf.id for leaf in leaves(condition) if isinstance(leaf, Member)}


def computed_in(condition: Condition) -> set[int]:
    """Return the computed traits that a condition refers to."""
    return {leaf.id for leaf in leaves(condition) if isinstance(leaf, Computed)}


def explained(said: str) -> str:
    """Return what the decoder said, with where it is and how to mend it."""
    text, _, where = said.partition(" - at `")
    place = where.rstrip("`").removeprefix("$.").removeprefix("$")
    hint = ""
    if "unknown field" in text:
        hint = (
            " Fields that the language doesn't have are refused, so that none is silently ignored; docs/audiences.md lists them."
        )
    if "Invalid value" in text and "kind" in place:
        hint = " Conditions are: all, any, not, trait, identifier, consent, account, audience, computed, did, measure, when, sequence."
    return f"{text.rstrip('.')}{f', at {place}' if place else ''}.{hint}"
