"""Whom keyed hashes tell, of everybody whom the rooms can name: the other way round, a hash tells nothing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from uuid import UUID

from amity.kernel.holdings import Identifier
from amity.rooms.trust.rules.erasure.hashing import keyed_hash

CUSTOMER_ID = "customer_id"


class Telling:
    """Hears of everybody, one identifier after the other, and remembers those that the hashes of an erasure tell."""

    def __init__(self, hashes: Mapping[str, set[tuple[str, UUID]]], *, key: bytes) -> None:
        self.key = key
        self._of: dict[UUID, list[tuple[str, str]]] = defaultdict(list)  # of each hash: its kind, and whose erasure
        for erasure, some in hashes.items():
            for kind, one in some:
                self._of[one].append((kind, erasure))
        self._ids: dict[str, set[UUID]] = defaultdict(set)
        self._owned: dict[str, dict[Identifier, UUID]] = defaultdict(dict)
        self._named: dict[str, set[Identifier]] = defaultdict(set)

    def hear(self, kind: str, value: str, owner: UUID) -> None:
        """Hear of an identifier that a customer has, or of a customer's id."""
        for told, erasure in self._of.get(keyed_hash(self.key, value), ()):
            if told == kind == CUSTOMER_ID:
                self._ids[erasure].add(owner)
            elif told == kind:
                self._owned[erasure][kind, value] = owner

    def read(self, value: str) -> None:
        """Hear of a value that stands somewhere and may name somebody."""
        for kind, erasure in self._of.get(keyed_hash(self.key, value), ()):
            self._named[erasure].add((kind, value))

    def told(self, erasure: str) -> tuple[list[UUID], list[Identifier]]:
        """Return the customers and identifiers that the hashes of an erasure tell.

        An identifier that somebody else has at this instant stays theirs: customers are told by their ids, which never change
        hands.
        """
        ids, owned = self._ids[erasure], self._owned[erasure]
        identifiers = {pair for pair, owner in owned.items() if owner in ids}
        identifiers |= {pair for pair in self._named[erasure] if pair not in owned and pair[0] != CUSTOMER_ID}
        return sorted(ids), sorted(identifiers)
