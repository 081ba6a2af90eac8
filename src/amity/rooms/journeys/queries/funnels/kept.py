"""Funnels that people keep."""

from __future__ import annotations

import msgspec
from django.db.models import Q

from amity.kernel.errors import NotFound
from amity.rooms.journeys.models import SavedFunnel
from amity.rooms.journeys.rules.funnels.language import Funnel, read


def accessible_funnel(*, workspace_id: int, funnel_id: int) -> SavedFunnel:
    """Return a funnel of a workspace, an archived one too. Raises NotFound."""
    found = SavedFunnel.objects.filter(workspace_id=workspace_id, pk=funnel_id).first()
    if found is None:
        raise NotFound("There is no such funnel here.")
    return found


def list_funnels(*, workspace_id: int, archived: bool = False, text: str = "") -> list[SavedFunnel]:
    """Return a workspace's funnels by name; with `text`, those whose name or description has it."""
    found = SavedFunnel.objects.filter(workspace_id=workspace_id, archived_at__isnull=not archived)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(about__icontains=text))
    return list(found.order_by("name", "pk"))


def funnel_of(one: SavedFunnel) -> Funnel:
    """Return the definition of a funnel that is kept."""
    return read(msgspec.json.encode(one.definition))
