"""Whether invitations wait. It may say so too often, never too seldom: whoever works looks closer."""

from __future__ import annotations

from amity.engines.present.waiting import Condition, NowMs, any_of
from amity.rooms.listening.models import Invitation


def waiting() -> dict[str, Condition]:
    """Return what holds while there may be something to do, by the name of the work."""
    return {"invitations": any_of(Invitation.objects.filter(state="waiting", due_at__lte=NowMs()))}
