"""What journeys were found to foretell, as the present keeps it."""

from __future__ import annotations

import msgspec

from amity.kernel.errors import NotFound
from amity.rooms.journeys.models import Foretelling, Journey
from amity.rooms.journeys.models.worked import DONE
from amity.rooms.journeys.rules.maps.language import JourneyMap
from amity.rooms.journeys.rules.maps.language import read as read_map
from amity.rooms.journeys.rules.moments.language import Asked, read


def latest_foretelling(one: Journey) -> Foretelling | None:
    """Return a journey's newest foretelling that was finished."""
    return Foretelling.objects.filter(journey=one, state=DONE).order_by("-id").first()


def newest_foretelling(one: Journey) -> Foretelling | None:
    """Return a journey's newest foretelling, in whatever state."""
    return Foretelling.objects.filter(journey=one).order_by("-id").first()


def foretelling_of(one: Journey, foretelling_id: int) -> Foretelling:
    """Return a foretelling of a journey. Raises NotFound."""
    found = Foretelling.objects.filter(journey=one, pk=foretelling_id, state=DONE).first()
    if found is None:
        raise NotFound("There is no such result.")
    return found


def asked_of(one: Foretelling) -> Asked:
    """Return what was asked."""
    return read(msgspec.json.encode(one.definition))


def content_of(one: Foretelling) -> JourneyMap:
    """Return the map as it was."""
    return read_map(msgspec.json.encode(one.content))
