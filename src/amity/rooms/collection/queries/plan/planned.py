"""Reads of the plan: what is planned now, its versions, what becomes of what isn't planned."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from amity.rooms.collection.models import Plan, PlannedInteraction, PlanVersion, Source, SourcePolicy
from amity.rooms.collection.rules.plan.document import differences


@dataclass(frozen=True, kw_only=True)
class Planned:
    """One planned interaction as it is now."""

    version: int
    document: dict[str, Any]
    changed_at: datetime
    changed_by: str


@dataclass(frozen=True, kw_only=True)
class Version:
    """One change: what differs from the version before as (path, before, after); `removed` where it was taken out."""

    version: int
    changed_at: datetime
    changed_by: str
    removed: bool
    differs: list[tuple[str, Any, Any]]


def list_planned(*, workspace_id: int) -> list[Planned]:
    """Return the whole plan in a stable order: by kind, then by name."""
    found = PlannedInteraction.objects.filter(workspace_id=workspace_id)
    return sorted((_planned(one) for one in found), key=lambda p: (p.document["kind"], p.document["name"]))


def find_planned(*, workspace_id: int, kind: str, name: str) -> Planned | None:
    """Return what is planned of an interaction."""
    one = PlannedInteraction.objects.filter(workspace_id=workspace_id, kind=kind, name=name).first()
    return _planned(one) if one else None


def list_versions(*, workspace_id: int, kind: str, name: str, limit: int = 50) -> list[Version]:
    """Return an interaction's latest changes, newest first."""
    rows = list(PlanVersion.objects.filter(workspace_id=workspace_id, kind=kind, name=name).order_by("-version")[: limit + 1])
    before = [*rows[1:], None][: len(rows)]
    return [
        Version(
            version=one.version,
            changed_at=one.changed_at,
            changed_by=one.changed_by,
            removed=one.document is None,
            differs=differences(earlier.document if earlier else None, one.document),
        )
        for one, earlier in list(zip(rows, before, strict=True))[:limit]
    ]


def unplanned_action(*, workspace_id: int) -> str:
    """Return what becomes of interactions that no plan names."""
    return Plan.objects.filter(pk=workspace_id).values_list("unplanned", flat=True).first() or "allow"


def source_policies(*, workspace_id: int) -> dict[int, tuple[str, str]]:
    """Return, by source, its own choice for unplanned interactions and for violations; empty follows."""
    found = SourcePolicy.objects.filter(workspace_id=workspace_id)
    return {one.source_id: (one.unplanned, one.on_violation) for one in found}


def policies_by_name(*, workspace_id: int) -> dict[str, dict[str, str]]:
    """Return the same by the source's name, as files and the API tell it; sources that follow the rest are left out."""
    named = dict(Source.objects.filter(workspace_id=workspace_id).values_list("pk", "name"))
    return {
        named[source]: {"unplanned": unplanned, "on_violation": broken}
        for source, (unplanned, broken) in source_policies(workspace_id=workspace_id).items()
        if source in named and (unplanned or broken)
    }


def _planned(one: PlannedInteraction) -> Planned:
    return Planned(version=one.version, document=one.document, changed_at=one.changed_at, changed_by=one.changed_by)
