"""Pain points that people keep, with what each was last found to cost."""

from __future__ import annotations

import msgspec
from django.db.models import Q

from amity.kernel.errors import NotFound
from amity.rooms.journeys.models import PainPoint, Pricing
from amity.rooms.journeys.models.worked import DONE
from amity.rooms.journeys.rules.friction.language import Pain, read


def accessible_pain(*, workspace_id: int, pain_id: int) -> PainPoint:
    """Return a pain point of a workspace, an archived one too. Raises NotFound."""
    found = PainPoint.objects.filter(workspace_id=workspace_id, pk=pain_id).select_related("journey").first()
    if found is None:
        raise NotFound("There is no such pain point here.")
    return found


def list_pains(*, workspace_id: int, archived: bool = False, text: str = "") -> list[PainPoint]:
    """Return a workspace's pain points by name; with `text`, those whose name or description has it."""
    found = PainPoint.objects.filter(workspace_id=workspace_id, archived_at__isnull=not archived).select_related("journey")
    if text:
        found = found.filter(Q(name__icontains=text) | Q(about__icontains=text))
    return list(found.order_by("name", "pk"))


def pain_of(one: PainPoint | Pricing) -> Pain:
    """Return the definition of a pain point, or that which was priced."""
    return read(msgspec.json.encode(one.definition))


def latest(pains: list[PainPoint]) -> dict[int, Pricing]:
    """Return the newest pricing that was finished of each pain point that has one."""
    found = Pricing.objects.filter(pain__in=pains, state=DONE).order_by("pain_id", "-id").distinct("pain_id")
    return {one.pain_id: one for one in found}


def newest(one: PainPoint) -> Pricing | None:
    """Return a pain point's newest pricing, in whatever state."""
    return Pricing.objects.filter(pain=one).order_by("-id").first()


def pricing_of(one: PainPoint, pricing_id: int) -> Pricing:
    """Return a pricing of a pain point. Raises NotFound."""
    found = Pricing.objects.filter(pain=one, pk=pricing_id, state=DONE).first()
    if found is None:
        raise NotFound("There is no such pricing.")
    return found
