"""What was computed of one customer, in words."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from amity.rooms.customers.queries.audiences.known import value_of
from amity.rooms.customers.queries.audiences.lists import names_of
from amity.rooms.customers.queries.computed.lists import Held, values_of
from amity.rooms.customers.rules.computed.sentences import value_text, words


@dataclass(frozen=True, kw_only=True)
class HeldInWords:
    """A computed trait that a customer has a value of: the value as text, and in words what it is."""

    held: Held
    text: str
    words: str


def computed_of(workspace_id: int, customer_id: UUID) -> list[HeldInWords]:
    """Return a customer's computed traits, by name."""
    held = values_of(customer_id)
    names = names_of(workspace_id) if held else {}
    return [
        HeldInWords(held=one, text=value_text(one.value), words=words(value_of(one.trait.definition).value, names))
        for one in held
    ]
