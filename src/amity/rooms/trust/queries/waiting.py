"""Whether erasures and requests of people wait. It may say so too often, never too seldom: whoever works looks closer."""

from __future__ import annotations

from amity.engines.present.waiting import Condition, any_of
from amity.rooms.trust.models import Erasure, Regulation, RightsArchive, RightsRequest


def waiting() -> dict[str, Condition]:
    """Return what holds while there may be something to do, by the name of the work."""
    requests = RightsRequest.objects
    return {
        "links": any_of(requests.filter(link_wanted_at__isnull=False, link_sent_at=None, state="unverified")),
        "regulations": any_of(Regulation.objects.filter(finished_at=None)),
        "archives": any_of(RightsArchive.objects.filter(made_at=None)),
        "erasures": any_of(Erasure.objects.filter(finished_at=None)),
        "requests for erasure": any_of(requests.filter(kind="erasure", state="open")),
    }
