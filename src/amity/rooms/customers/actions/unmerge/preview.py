"""What taking one join back would make of a customer, before anybody does it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from amity.rooms.customers.actions.unmerge.work import derive
from amity.rooms.customers.contracts import Trait
from amity.rooms.customers.models import Merge
from amity.rooms.customers.rules.names import display_name
from amity.rooms.customers.rules.profile import Profile


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One of the customers that there will be."""

    id: UUID
    name: str
    identifiers: Sequence[tuple[str, str]]
    traits: Sequence[Trait]
    interactions: int


def preview(*, merge: Merge, customer_id: UUID) -> list[Side]:
    """Return the customers that there will be, the one of today first. Raises NotRunning without the past."""
    worked = derive(workspace_id=merge.workspace_id, customer_id=customer_id, merges=frozenset([merge.pk]))
    parted = worked.parted
    counts = Counter(parted.whose[one.incoming.key] for one in worked.happened if one.incoming.voice != "ours")
    return [
        _side(one, sorted((p.kind, p.value) for p in parted.members[one]), parted.profiles.get(one), counts[one])
        for one in sorted(set(parted.root.values()), key=lambda one: (one != customer_id, one))
    ]


def _side(customer: UUID, identifiers: Sequence[tuple[str, str]], profile: Profile | None, interactions: int) -> Side:
    known = profile.traits if profile else {}
    origins = profile.origins if profile else {}
    return Side(
        id=customer,
        name=display_name(customer_id=customer, traits=known, identifiers=identifiers),
        identifiers=identifiers,
        traits=[
            Trait(name=name, value=value, time=origins[name][0], source_id=origins[name][1])
            for name, value in sorted(known.items())
        ],
        interactions=interactions,
    )
