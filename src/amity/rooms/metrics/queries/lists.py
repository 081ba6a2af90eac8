"""Metrics as the present holds them."""

from __future__ import annotations

from functools import lru_cache

import msgspec

from amity.kernel.errors import NotFound
from amity.rooms.metrics.models import Metric, MetricVersion
from amity.rooms.metrics.rules.language import Definition, read


def accessible_metric(*, workspace_id: int, metric_id: int) -> Metric:
    """Return a metric of a workspace, an archived one too. Raises NotFound."""
    found = Metric.objects.filter(workspace_id=workspace_id, pk=metric_id).first()
    if found is None:
        raise NotFound("There is no such metric here.")
    return found


def list_metrics(*, workspace_id: int, archived: bool = False, text: str = "") -> list[Metric]:
    """Return a workspace's metrics by name; with `text`, those whose name or description has it."""
    from django.db.models import Q

    found = Metric.objects.filter(workspace_id=workspace_id, archived_at__isnull=not archived)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(about__icontains=text))
    return list(found.order_by("name", "pk"))


def versions_of(metric: Metric) -> list[MetricVersion]:
    """Return all versions of a metric, the newest first."""
    return list(MetricVersion.objects.filter(metric=metric).order_by("-number"))


def version_of(metric: Metric, number: int = 0) -> MetricVersion:
    """Return a version of a metric, the one in force unless told. Raises NotFound."""
    found = MetricVersion.objects.filter(metric=metric, number=number or metric.version).first()
    if found is None:
        raise NotFound(f"This metric has no version {number}.")
    return found


def definitions_of(metrics: list[Metric]) -> dict[int, MetricVersion]:
    """Return the versions in force, by metric."""
    found = MetricVersion.objects.filter(metric__in=metrics).select_related("metric")
    return {one.metric_id: one for one in found if one.number == one.metric.version}


def definition_of(version: MetricVersion) -> Definition:
    """Return a stored definition."""
    return _read(msgspec.json.encode(version.definition))


@lru_cache(maxsize=1_000)
def _read(text: bytes) -> Definition:
    return read(text)
