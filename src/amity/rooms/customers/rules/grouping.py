"""Which customers of today the partition of then leaves as they are, and which can only together be worked out anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from amity.rooms.customers.rules.partition import NOBODY, components

if TYPE_CHECKING:
    from amity.rooms.customers.rules.partition import Labels


@dataclass(frozen=True, slots=True, kw_only=True)
class Together:
    """Customers by their number, and the numbers of identifiers that become theirs though nobody has them."""

    customers: Sequence[int]
    taken: Sequence[int]


def affected(  # noqa: PLR0913  the partition, and what it is held against
    labels: Labels, *, customers: int, held: tuple[Any, Any], linked: tuple[Any, Any], lost: Any, identifiers: Any
) -> list[Together]:
    """Return the customers that change, in the least groups that are closed.

    `held` and `linked` are (identifiers, customers): who has which today, and whose interactions carry which. `lost` are customers who
    have something that identifies nobody any more; `identifiers` tells of each number whether it is one.
    """
    import numpy as np

    def there(pairs: tuple[Any, Any]) -> Any:
        numbers, whose = (np.asarray(one, np.int32) for one in pairs)
        known = labels[numbers] != NOBODY
        return np.stack([whose[known], labels[numbers[known]] + customers])

    numbers, whose = (np.asarray(one, np.int32) for one in held)
    holders = np.full(len(labels), NOBODY, np.int32)
    holders[numbers] = whose
    new = np.flatnonzero((labels != NOBODY) & (holders == NOBODY) & np.asarray(identifiers, bool))
    pairs = np.unique(np.concatenate([there(held), there(linked)], axis=1), axis=1)
    nodes = customers + int(np.max(labels, initial=NOBODY)) + 1
    root = components(nodes, pairs[0], pairs[1])
    who, then = np.bincount(root[np.unique(pairs[0])], minlength=nodes), np.bincount(root[np.unique(pairs[1])], minlength=nodes)
    changes = (who > 1) | (then > 1)
    changes[root[np.concatenate([np.asarray(lost, np.int32), whose[labels[numbers] == NOBODY]])]] = True
    changes[root[labels[new] + customers]] = True
    groups: dict[int, tuple[list[int], list[int]]] = {}
    for one in np.flatnonzero(changes[root[:customers]]).tolist():
        groups.setdefault(int(root[one]), ([], []))[0].append(one)
    for one in new.tolist():
        group = groups.get(int(root[labels[one] + customers]))
        if group is not None:
            group[1].append(one)
    return [Together(customers=some, taken=taken) for some, taken in groups.values()]
