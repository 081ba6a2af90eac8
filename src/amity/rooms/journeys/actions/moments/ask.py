"""What people ask of a journey's stages: what they foretell."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.journeys.models import Foretelling, Journey
from amity.rooms.journeys.models.worked import RUNNING, WAITING
from amity.rooms.journeys.queries.funnels.count import check_asked
from amity.rooms.journeys.queries.maps.kept import accessible_journey, map_of
from amity.rooms.journeys.queries.moments.reading import stages_of
from amity.rooms.journeys.rules.maps.language import written as written_map
from amity.rooms.journeys.rules.moments.language import Asked, checked, fits, written
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access


def ask_foretelling(access: Access, *, journey_id: int, asked: Asked, request: HttpRequest | None = None) -> Foretelling:
    """Ask what the stages of a journey's map foretell as of now; one that is on its way stands. Raises Invalid, NotFound."""
    one = accessible_journey(workspace_id=access.workspace_id, journey_id=journey_id)
    content = map_of(one)
    if one.archived_at is not None or content is None:
        raise Invalid("An archived journey isn’t asked.")
    fits(checked(asked), content)
    check_asked(stages_of(content).funnel, workspace_id=access.workspace_id)
    now = now_ms()
    with transaction.atomic():
        Journey.objects.select_for_update().get(pk=one.pk)
        running = Foretelling.objects.filter(journey=one, state__in=[WAITING, RUNNING]).first()
        if running is not None:
            return running
        made = Foretelling.objects.create(
            journey=one, number=one.number, content=written_map(content), definition=written(asked), as_of=now, seed=now % 2**31,
            asked_at=now, asked_by=access.actor.name[:254],
        )  # fmt: skip
        trust.record(
            access, action="journey.foretelling_asked", target=f"journey:{one.pk}", after={"version": one.number}, request=request
        )
    return made
