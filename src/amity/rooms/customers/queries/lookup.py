"""Find a customer by one identifier of a known kind."""

from __future__ import annotations

from amity.kernel.errors import NotFound
from amity.rooms.customers.contracts import Customer
from amity.rooms.customers.models import Identifier, IdentitySetting
from amity.rooms.customers.queries.profiles import get_customer
from amity.rooms.customers.rules.identifiers import spellings


def get_customer_by(*, workspace_id: int, kind: str, value: str) -> Customer:
    """Return the customer who has this identifier, whatever its spelling. Raises NotFound."""
    region = IdentitySetting.objects.filter(workspace_id=workspace_id).values_list("phone_region", flat=True).first()
    sought = spellings(value.replace("\0", ""), phone_region=region or "")
    rows = Identifier.objects.filter(workspace_id=workspace_id, kind=kind.replace("\0", ""), value__in=sought)
    found = rows.values_list("customer_id", flat=True).first()
    if found is None:
        raise NotFound("No customer has this identifier.")
    return get_customer(workspace_id=workspace_id, customer_id=found)
