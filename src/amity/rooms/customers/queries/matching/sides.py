"""The two customers of a proposal, with all that stands side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from amity.kernel.sealed import hide_deep
from amity.rooms.customers.contracts import Customer
from amity.rooms.customers.models import Customer as Row
from amity.rooms.customers.queries.profiles import get_customer, list_identifiers
from amity.rooms.customers.rules.matching.sides import Known


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One customer, as pages show it and as it is held against the other."""

    customer: Customer
    known: Known


def sides_of(*, workspace_id: int, customer_ids: Sequence[UUID]) -> list[Side]:
    """Return the sides in the order of their ids: the first is the one that would stay. Raises NotFound."""
    rows = {row.id: row for row in Row.objects.filter(workspace_id=workspace_id, id__in=customer_ids).defer("words")}
    found = []
    for one in sorted(customer_ids):
        customer = get_customer(workspace_id=workspace_id, customer_id=one)
        identifiers = [(row.kind, row.value) for row in list_identifiers(workspace_id=workspace_id, customer_id=one)]
        known = Known(
            id=one, name=customer.name, traits=hide_deep(rows[one].traits), origins=rows[one].origins, identifiers=identifiers
        )
        found.append(Side(customer=customer, known=known))
    return found
