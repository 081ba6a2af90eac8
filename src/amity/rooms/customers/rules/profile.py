"""A customer's profile, being worked on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

import msgspec

from amity.rooms.customers.contracts import Incoming, Refusal
from amity.rooms.customers.rules import traits as rules
from amity.rooms.customers.rules.identifiers import own_traits
from amity.rooms.customers.rules.identity import Place
from amity.rooms.customers.rules.words import customer_words, stored


class Profile(msgspec.Struct):
    """Traits with their origins. `changed`: to be written. `new`: the batch made this customer."""

    workspace: int
    customer: UUID
    created_at: int
    traits: dict[str, Any] = {}
    origins: dict[str, rules.Origin] = {}
    new: bool = False
    changed: bool = False

    def learn(self, one: Incoming) -> list[Refusal]:
        """Take in what an interaction says about its customer; returns what was refused."""
        said: dict[str, Any] = {}
        for traits in own_traits(one):
            said.update(traits)
        if not said:
            return []
        changed, refused = rules.fold(self.traits, self.origins, said, time=one.time, source=one.source, key=one.key)
        self.changed |= changed
        return refused

    def join(self, other: Profile) -> dict[str, list[Any]]:
        """Take in the traits of another customer who turned out to be the same; returns what was replaced."""
        changed, replaced = rules.join(self.traits, self.origins, other.traits, other.origins)
        self.changed |= changed
        return replaced

    def words(self, members: Mapping[Place, bool]) -> str:
        """Return the words that find this customer, as the index is given them."""
        pairs = ((place.kind, place.value) for place in members)
        return stored(self.workspace, customer_words(identifiers=pairs, traits=self.traits))
