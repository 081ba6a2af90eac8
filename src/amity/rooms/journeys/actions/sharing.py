"""Showing a journey's map by a link that only reads, and ends."""

from __future__ import annotations

from secrets import token_urlsafe

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.journeys.models import Journey
from amity.rooms.journeys.queries.maps.kept import accessible_journey, digest
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

LASTS = {7: "a week", 30: "a month", 90: "three months", 365: "a year"}  # days


def share_journey(access: Access, *, journey_id: int, days: int, request: HttpRequest | None = None) -> str:
    """Return the secret part of a new link that shows the map for so many days; the one before ends. Only a digest is kept.

    Raises Invalid, NotFound.
    """
    if days not in LASTS:
        raise Invalid("Choose how long the link holds.")
    one = _changeable(access, journey_id)
    secret, now = token_urlsafe(32), now_ms()
    one.shared_digest, one.shared_at, one.shared_until = digest(secret), now, now + days * DAY
    one.shared_by = access.actor.name[:254]
    with transaction.atomic():
        one.save(update_fields=["shared_digest", "shared_at", "shared_until", "shared_by"])
        trust.record(access, action="journey.shared", target=f"journey:{one.pk}", after={"days": days}, request=request)
    return secret


def unshare_journey(access: Access, *, journey_id: int, request: HttpRequest | None = None) -> None:
    """End a journey's link. Raises NotFound."""
    one = accessible_journey(workspace_id=access.workspace_id, journey_id=journey_id)
    one.shared_digest, one.shared_at, one.shared_until = "", None, None
    with transaction.atomic():
        one.save(update_fields=["shared_digest", "shared_at", "shared_until"])
        trust.record(access, action="journey.unshared", target=f"journey:{one.pk}", request=request)


def _changeable(access: Access, journey_id: int) -> Journey:
    one = accessible_journey(workspace_id=access.workspace_id, journey_id=journey_id)
    if one.archived_at is not None:
        raise Invalid("An archived journey isn’t shared.")
    return one
