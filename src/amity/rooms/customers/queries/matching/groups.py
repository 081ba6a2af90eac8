"""Groups of proposals: who hangs together, with the pairs between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from amity.rooms.customers.queries.matching.pairs import Proposal, list_proposals
from amity.rooms.customers.rules.matching.groups import components


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Customers who hang together by proposals, heaviest pair first; most often two and one pair."""

    customers: Sequence[UUID]
    pairs: Sequence[Proposal]

    @property
    def weight(self) -> float:
        """The heaviest pair's weight: where the group stands in the queue."""
        return self.pairs[0].weight


def groups_of(proposals: Sequence[Proposal]) -> list[Group]:
    """Return the groups that proposals make, heaviest first. `proposals` are in the order of their weights."""
    place = {one: n for n, some in enumerate(components((p.first, p.second) for p in proposals)) for one in some}
    pairs: dict[int, list[Proposal]] = {}
    for one in proposals:
        pairs.setdefault(place[one.first], []).append(one)
    return [
        Group(customers=list(dict.fromkeys(who for one in some for who in (one.first, one.second))), pairs=some)
        for some in sorted(pairs.values(), key=lambda some: -some[0].weight)
    ]


def group_of(*, workspace_id: int, proposal: Proposal) -> Group:
    """Return the group of a proposal, itself at least."""
    for group in groups_of(list_proposals(workspace_id=workspace_id)):
        if any(one.id == proposal.id for one in group.pairs):
            return group
    return Group(customers=[proposal.first, proposal.second], pairs=[proposal])
