"""Audiences that refer to audiences: what is meant is their definition, so it stands in its place when it is asked. Pure."""

from __future__ import annotations

from collections.abc import Mapping

from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.audiences.language import All, Any_, Condition, Definition, Member, Not, referred


def whole(condition: Condition, known: Mapping[int, Definition | None], *, within: tuple[int, ...] = ()) -> Condition:
    """Return a condition with each audience's definition in its place; lists (`None`) stay, for they are looked up.

    Raises Invalid for an audience that isn't `known`, and for one that refers to itself, by whatever way.
    """
    match condition:
        case All(of=parts):
            return All(of=tuple(whole(part, known, within=within) for part in parts))
        case Any_(of=parts):
            return Any_(of=tuple(whole(part, known, within=within) for part in parts))
        case Not(of=part):
            return Not(of=whole(part, known, within=within))
        case Member(id=audience):
            if audience in within:
                raise Invalid("An audience can't refer to itself, nor to one that refers to it.")
            if audience not in known:
                raise Invalid(f"There is no audience {audience} in this workspace.")
            definition = known[audience]
            return condition if definition is None else whole(definition.where, known, within=(*within, audience))
    return condition


def depending(audience: int, known: Mapping[int, Definition | None]) -> set[int]:
    """Return the audiences that refer to an audience, by whatever way."""
    found: set[int] = set()
    waiting = [audience]
    while waiting:
        one = waiting.pop()
        more = {other for other, definition in known.items() if definition and one in referred(definition.where)} - found
        found |= more
        waiting.extend(more)
    return found
