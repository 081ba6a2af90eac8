"""Whether a workspace was ever heard, and from how many sources."""

from __future__ import annotations

from amity.rooms.collection.actions.counts import ACCEPTED
from amity.rooms.collection.models import SourceHour


def count_heard_sources(*, workspace_id: int) -> int:
    """Return how many sources have had an interaction accepted."""
    heard = SourceHour.objects.filter(workspace_id=workspace_id, outcome=ACCEPTED)
    return heard.order_by().values("source_id").distinct().count()
