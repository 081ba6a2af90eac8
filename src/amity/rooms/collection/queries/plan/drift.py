"""What flows other than it did."""

from __future__ import annotations

from amity.rooms.collection.models import DriftAlert

MOST = 500


def list_drift(*, workspace_id: int, ended: bool = False, kind: str | None = None, name: str = "") -> list[DriftAlert]:
    """Return the open alerts, or the latest that ended, newest first; of one interaction where `kind` is given."""
    found = DriftAlert.objects.filter(workspace_id=workspace_id, ended_at__isnull=not ended)
    if kind is not None:
        found = found.filter(kind=kind, name=name)
    return list(found.order_by("-ended_at" if ended else "-began_at", "-id")[: 50 if ended else MOST])


def count_drift(*, workspace_id: int) -> int:
    """Return how many alerts are open."""
    return DriftAlert.objects.filter(workspace_id=workspace_id, ended_at__isnull=True).count()
