"""Whether imports wait to be worked. It may say so too often, never too seldom: whoever works looks closer."""

from __future__ import annotations

from amity.engines.present.waiting import Condition, any_of
from amity.rooms.collection.models import Import


def waiting() -> dict[str, Condition]:
    """Return what holds while there may be something to do, by the name of the work."""
    return {"imports": any_of(Import.objects.filter(state__in=["waiting", "running"]))}
