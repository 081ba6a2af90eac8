"""Whether a workspace was ever heard, and from how many sources."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Min

from amity.kernel.clock import to_ms
from amity.rooms.collection.actions.counts import ACCEPTED
from amity.rooms.collection.models import SourceHour


def count_heard_sources(*, workspace_id: int) -> int:
    """Return how many sources have had an interaction accepted."""
    heard = SourceHour.objects.filter(workspace_id=workspace_id, outcome=ACCEPTED)
    return heard.order_by().values("source_id").distinct().count()


def first_accepted(sources: Collection[int]) -> dict[int, int]:
    """Return the beginning of the hour, ms since 1970, in which each source first had an interaction accepted, if it ever had."""
    heard = SourceHour.objects.filter(source_id__in=sources, outcome=ACCEPTED).order_by()
    return {source: to_ms(hour) for source, hour in heard.values_list("source_id").annotate(first=Min("hour"))}
