"""Who a customer may be as well, for the customer's own page."""

from __future__ import annotations

from dataclasses import dataclass

from amity.rooms.customers.console.known import tint_of
from amity.rooms.customers.contracts import Customer, CustomerLine
from amity.rooms.customers.queries.audiences.lists import lines_by_id
from amity.rooms.customers.queries.matching.pairs import proposals_of
from amity.rooms.customers.rules.matching.model import probability_of
from amity.rooms.customers.rules.matching.waterfall import percent


@dataclass(frozen=True, slots=True, kw_only=True)
class Like:
    """Another customer who may be the same person, with the proposal's id."""

    id: int
    line: CustomerLine
    tint: str
    percent: str


def likes_of(customer: Customer) -> list[Like]:
    """Return who a customer may be as well, the most probable first."""
    workspace_id = customer.workspace_id
    found = [
        (one.id, one.second if one.first == customer.id else one.first, one.weight)
        for one in proposals_of(workspace_id=workspace_id, customer_id=customer.id, merged=customer.merged_ids)
    ]
    lines = lines_by_id(workspace_id, [other for _, other, _ in found]) if found else {}
    return [
        Like(id=id_, line=lines[other], tint=tint_of(other), percent=percent(probability_of(weight)))
        for id_, other, weight in found
        if other in lines
    ]
