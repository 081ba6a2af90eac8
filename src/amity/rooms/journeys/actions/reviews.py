"""What people do to keep a map true: look it through, and say when the next look is due."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.journeys.models import Review
from amity.rooms.journeys.queries.maps.kept import accessible_journey
from amity.rooms.journeys.rules.texts import storable
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

NEXT = {0: "when somebody likes to", 30: "in a month", 90: "in three months", 180: "in half a year", 365: "in a year"}  # days
LONGEST_NOTE = 300


def review_journey(access: Access, *, journey_id: int, days: int, note: str = "", request: HttpRequest | None = None) -> Review:
    """Say that a journey's map was looked through and is true; the next look is due in so many days. Raises Invalid, NotFound."""
    one = accessible_journey(workspace_id=access.workspace_id, journey_id=journey_id)
    said = storable(note).strip()
    if one.archived_at is not None:
        raise Invalid("An archived journey isn’t reviewed.")
    if days not in NEXT or len(said) > LONGEST_NOTE:
        raise Invalid(f"Choose when the next look is due, and note {LONGEST_NOTE} characters at most.")
    now = now_ms()
    with transaction.atomic():
        made = Review.objects.create(
            journey=one, number=one.number, note=said, due_at=now + days * DAY if days else None, made_at=now,
            made_by=access.actor.name[:254],
        )  # fmt: skip
        trust.record(
            access, action="journey.reviewed", target=f"journey:{one.pk}", after={"version": one.number}, request=request
        )
    return made
