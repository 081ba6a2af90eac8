"""Whose every identifier truly is, and how well anyone could know that from the identifiers alone."""

from __future__ import annotations

import re
from itertools import pairwise
from typing import Any

from amity.demo.pen import Entry

_EMAIL = re.compile(r'"email":"([^"]+)"')


class Identities:
    """Collects identifiers with the customer behind them, and which of them were seen together."""

    def __init__(self) -> None:
        self.owners: dict[str, dict[str, set[int]]] = {"user_ids": {}, "anonymous_ids": {}, "emails": {}}
        self._together: set[tuple[str, str]] = set()

    def note(self, entry: Entry) -> None:
        """Note the identifiers of one interaction."""
        who, user, anonymous = entry[1], entry[6], entry[7]
        told = entry[9] or (entry[10] if anonymous[:6] == "guest-" else "")
        email = found[1] if told and (found := _EMAIL.search(told)) else ""
        together = []
        for kind, value in (("user_ids", user), ("anonymous_ids", anonymous), ("emails", email)):
            if value:
                self.owners[kind].setdefault(value, set()).add(who)
                together.append(value)
        self._together.update(pairwise(together))

    def document(self) -> dict[str, Any]:
        """Return owners by identifier (several only for what a household shares), and the counts."""
        owners = {kind: {value: sorted(who) for value, who in known.items()} for kind, known in self.owners.items()}
        return {"counts": self.counts(), **owners}

    def counts(self) -> dict[str, int]:
        """Return how many true customers were seen, how many identifiers, and how many profiles these allow at best.

        `profiles` are the connected groups of identifiers, where an identifier that several people share joins nothing.
        """
        everybody = {one for known in self.owners.values() for who in known.values() for one in who}
        return {
            "customers": len(everybody),
            **{kind: len(known) for kind, known in self.owners.items()},
            "profiles": self._profiles(),
            "shared_identifiers": sum(1 for known in self.owners.values() for who in known.values() if len(who) > 1),
        }

    def _profiles(self) -> int:
        owners = {value: who for known in self.owners.values() for value, who in known.items() if len(who) == 1}
        up: dict[str, str] = {}

        def root(one: str) -> str:
            while (above := up.get(one)) is not None:
                one = above
            return one

        for pair in self._together:
            if pair[0] in owners and pair[1] in owners:
                one, other = root(pair[0]), root(pair[1])
                if one != other:
                    up[one] = other
        return len(owners) - len(up)
