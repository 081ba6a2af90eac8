"""Sets of customers as bits over one ordering of all that are looked at: and, or and not cost next to nothing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from amity.rooms.customers.rules.audiences.language import All, Any_, Condition, Leaf, Not, leaves

if TYPE_CHECKING:
    import numpy as np

NEVER = 2**63 - 1
_encoder = msgspec.json.Encoder()


def key_of(leaf: Leaf) -> bytes:
    """Return what makes two conditions the same; to Python, True equals 1."""
    return _encoder.encode(leaf)


@dataclass(slots=True)
class Answers:
    """Who meets each condition: `everybody` is sorted ids (`S16`); each answer is a bit, and an instant of change, for each."""

    everybody: np.ndarray
    met: dict[bytes, np.ndarray] = field(default_factory=dict)
    due: dict[bytes, np.ndarray] = field(default_factory=dict)  # only of conditions that time can change

    def of(self, condition: Condition) -> np.ndarray:
        """Return the bits of who meets a condition."""
        import numpy as np

        match condition:
            case All(of=parts):
                found = np.ones(len(self.everybody), dtype=bool)
                for part in parts:
                    found &= self.of(part)
                return found
            case Any_(of=parts):
                found = np.zeros(len(self.everybody), dtype=bool)
                for part in parts:
                    found |= self.of(part)
                return found
            case Not(of=part):
                return ~self.of(part)
            case leaf:
                return self.met[key_of(leaf)]

    def change_of(self, condition: Condition) -> np.ndarray:
        """Return the earliest instant (ms) at which time alone could change who meets a condition; NEVER where it can't."""
        import numpy as np

        found = np.full(len(self.everybody), NEVER, dtype=np.int64)
        for leaf in leaves(condition):
            due = self.due.get(key_of(leaf))
            if due is not None:
                np.minimum(found, due, out=found)
        return found

    def learn(self, leaf: Leaf, ids: np.ndarray, met: np.ndarray, due: np.ndarray | None = None, *, turned: bool = False) -> None:
        """Take in a condition's answer for some customers. `turned`: it is met by who is not met here, or isn't here."""
        import numpy as np

        key = key_of(leaf)
        at, known = places(self.everybody, ids)
        bits = np.zeros(len(self.everybody), dtype=bool)
        bits[at] = met[known]
        self.met[key] = ~bits if turned else bits
        if due is not None:
            self.due[key] = np.full(len(self.everybody), NEVER, dtype=np.int64)
            self.due[key][at] = due[known]


def places(everybody: np.ndarray, ids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return where those of `ids` that are known stand in the sorted `everybody`, and which of `ids` those are (bits)."""
    import numpy as np

    if not len(everybody) or not len(ids):
        return np.empty(0, dtype=np.int64), np.zeros(len(ids), dtype=bool)
    at = np.minimum(np.searchsorted(everybody, ids), len(everybody) - 1)
    known = everybody[at] == ids
    return at[known], known


def count(bits: Mapping[int, np.ndarray], first: int, second: int) -> int:
    """Return how many are in both of two sets."""
    return int((bits[first] & bits[second]).sum())
