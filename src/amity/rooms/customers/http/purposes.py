"""How reads of the JSON API name what the data is used for."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from ninja import Field, Query

from amity.kernel.errors import Forbidden
from amity.rooms.customers.queries.permission import permitted
from amity.rooms.customers.rules.choices.purposes import named

_SAID = "What the data is used for: `necessary` to serve the customers, or another of the workspace's purposes. Must be given."
PurposeText = Annotated[str, Field(max_length=60, description=_SAID)]  # in a schema of parameters
PurposeQuery = Annotated[str, Query(max_length=60, description=_SAID)]  # as a parameter of its own


def for_purpose(given: str) -> str:
    """Return the purpose that a request named. Raises Invalid (`purpose_missing`) where it named none."""
    return named(given.replace("\0", "").strip())


def allowing(customer_ids: Iterable[UUID], *, workspace_id: int, purpose: str) -> set[UUID]:
    """Return those of a list who allow the purpose now. Raises Invalid for none, or none of the workspace."""
    return permitted(workspace_id=workspace_id, customer_ids=customer_ids, purpose=for_purpose(purpose))


def demand(customer_id: UUID, *, workspace_id: int, purpose: str) -> None:
    """Raise Forbidden (`not_permitted`) where one customer's data may not be used for the purpose now."""
    if customer_id not in allowing([customer_id], workspace_id=workspace_id, purpose=purpose):
        raise Forbidden(
            f"The customer doesn't allow {purpose} now; their profile, asked for with that purpose, says why. Other purposes may allow it.",
            code="not_permitted",
        )
