"""Reads of sources and of how they do."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import datetime, timedelta

from django.db.models import Max

from amity.kernel.clock import HOUR, from_ms, now_ms
from amity.kernel.errors import NotFound
from amity.rooms.collection.actions.counts import ACCEPTED, DUPLICATE
from amity.rooms.collection.contracts import SourceHealth, SourceView
from amity.rooms.collection.models import Source, SourceHour

HOURS = 24


def list_sources(*, workspace_id: int) -> list[SourceView]:
    """Return the workspace's sources, oldest first."""
    return [source.view() for source in Source.objects.of(workspace_id)]


def names_of_sources(workspace_id: int) -> dict[int, str]:
    """Return the names of the workspace's sources by id."""
    return dict(Source.objects.filter(workspace_id=workspace_id).order_by("pk").values_list("pk", "name"))


def get_source(*, workspace_id: int, source_id: int) -> SourceView:
    """Return one source. Raises NotFound."""
    source = Source.objects.of(workspace_id).filter(pk=source_id).first()
    if source is None:
        raise NotFound("This workspace has no such source.")
    return source.view()


def list_source_health(*, workspace_id: int, now: int | None = None) -> list[SourceHealth]:
    """Return each source with how it did in the last 24 hours (`now`: ms since 1970), oldest source first."""
    now = now or now_ms()
    this_hour = from_ms(now // HOUR * HOUR)
    hours = [this_hour - timedelta(hours=back) for back in range(HOURS - 1, -1, -1)]
    counted: dict[int, dict[datetime, Counter[str]]] = defaultdict(lambda: defaultdict(Counter))
    recent = SourceHour.objects.filter(workspace_id=workspace_id, hour__gte=hours[0])
    for source_id, hour, outcome, count in recent.values_list("source_id", "hour", "outcome", "count"):
        counted[source_id][hour][outcome] += count
    seen = dict(SourceHour.objects.filter(workspace_id=workspace_id).values_list("source_id").annotate(last=Max("last_seen")))
    return [_health(source, counted[source.id], hours, seen.get(source.id)) for source in list_sources(workspace_id=workspace_id)]


def _health(
    source: SourceView, by_hour: dict[datetime, Counter[str]], hours: list[datetime], last_seen: datetime | None
) -> SourceHealth:
    total: Counter[str] = Counter()
    for counts in by_hour.values():
        total.update(counts)
    reasons = {code: count for code, count in total.most_common() if code not in {ACCEPTED, DUPLICATE}}
    return SourceHealth(
        source=source,
        accepted=total[ACCEPTED],
        rejected=sum(reasons.values()),
        duplicates=total[DUPLICATE],
        last_seen=last_seen,
        hours=tuple(
            (
                hour,
                by_hour[hour][ACCEPTED] if hour in by_hour else 0,
                sum(n for code, n in by_hour[hour].items() if code not in {ACCEPTED, DUPLICATE}) if hour in by_hour else 0,
            )
            for hour in hours
        ),
        reasons=reasons,
    )
