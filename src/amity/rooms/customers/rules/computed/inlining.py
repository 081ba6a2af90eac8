"""Definitions that refer to others: what is meant is their definition, so it stands in its place when it is asked. Pure.

Audiences may refer to audiences and computed traits, computed traits to both. None may lead back to itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from amity.kernel.errors import Invalid
from amity.rooms.customers.rules.audiences.language import (
    All,
    Any_,
    Compared,
    Computed,
    Condition,
    Member,
    Not,
    computed_in,
    referred,
)
from amity.rooms.customers.rules.audiences.language import Definition as AudienceDefinition
from amity.rooms.customers.rules.computed.language import Case, Cases, Combine, Definition, Ref, Tile, Value, refers

Node = tuple[str, int]  # ("audience", its id) or ("trait", its id)


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A workspace's audiences (None: a list) and computed traits by id, with their names."""

    audiences: Mapping[int, AudienceDefinition | None]
    traits: Mapping[int, Definition] = field(default_factory=dict)
    names: Mapping[Node, str] = field(default_factory=dict)

    def name(self, node: Node) -> str:
        """Return a node's name, for people."""
        return self.names.get(node) or f"{'audience' if node[0] == 'audience' else 'trait'} {node[1]}"


def whole_condition(condition: Condition, known: Known, *, within: tuple[Node, ...] = ()) -> Condition:
    """Return a condition with each audience's and computed trait's definition in its place; lists stay, for they are looked up.

    Raises Invalid for what isn't known, and for what refers to itself, by whatever way, with the way.
    """
    match condition:
        case All(of=parts):
            return All(of=tuple(whole_condition(part, known, within=within) for part in parts))
        case Any_(of=parts):
            return Any_(of=tuple(whole_condition(part, known, within=within) for part in parts))
        case Not(of=part):
            return Not(of=whole_condition(part, known, within=within))
        case Member(id=audience):
            way = _on(("audience", audience), known, within)
            if audience not in known.audiences:
                raise Invalid(f"There is no audience {audience} in this workspace.")
            definition = known.audiences[audience]
            return condition if definition is None else whole_condition(definition.where, known, within=way)
        case Computed(id=trait, test=test, to=to):
            return Compared(id=trait, value=whole_value(Ref(id=trait), known, within=within), test=test, to=to)  # type: ignore[return-value]
    return condition


def whole_value(value: Value, known: Known, *, within: tuple[Node, ...] = ()) -> Value:
    """Return a value with all that it refers to in its place. Raises Invalid as `whole_condition` does."""
    match value:
        case Ref(id=trait):
            way = _on(("trait", trait), known, within)
            if trait not in known.traits:
                raise Invalid(f"There is no computed trait {trait} in this workspace.")
            return whole_value(known.traits[trait].value, known, within=way)
        case Combine(of=parts):
            return msgspec.structs.replace(value, of=tuple(whole_value(part, known, within=within) for part in parts))
        case Cases(of=cases, otherwise=otherwise):
            return Cases(
                of=tuple(
                    Case(where=whole_condition(one.where, known, within=within), then=whole_value(one.then, known, within=within))
                    for one in cases
                ),
                otherwise=None if otherwise is None else whole_value(otherwise, known, within=within),
            )
        case Tile(of=part):
            return msgspec.structs.replace(value, of=whole_value(part, known, within=within))
    return value


def depending(node: Node, known: Known) -> set[Node]:
    """Return the audiences and computed traits that refer to one, by whatever way."""
    leads: dict[Node, set[Node]] = {}
    for audience, definition in known.audiences.items():
        if definition is not None:
            where = definition.where
            leads["audience", audience] = {("audience", one) for one in referred(where)} | {
                ("trait", one) for one in computed_in(where)
            }
    for trait, made in known.traits.items():
        traits, audiences = refers(made.value)
        leads["trait", trait] = {("trait", one) for one in traits} | {("audience", one) for one in audiences}
    found: set[Node] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        more = {other for other, to in leads.items() if one in to} - found
        found |= more
        waiting.extend(more)
    return found


def _on(node: Node, known: Known, within: tuple[Node, ...]) -> tuple[Node, ...]:
    if node in within:
        way = " → ".join(known.name(one) for one in (*within[within.index(node) :], node))
        raise Invalid(f"Nothing can refer to itself, by whatever way: {way}.")
    return (*within, node)
