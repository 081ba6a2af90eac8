"""The history of a customer's answers, as it is kept."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from amity.rooms.customers.models import Choice


def history_of(*, workspace_id: int, customer_ids: Sequence[UUID], after: int = 0, limit: int = 50) -> tuple[list[Choice], int]:
    """Return answers, newest first, from the `after`th on, and how many there are in all."""
    rows = Choice.objects.filter(workspace_id=workspace_id, customer_id__in=customer_ids)
    return list(rows.order_by("-time", "-received_at", "name")[after : after + limit]), rows.count()
