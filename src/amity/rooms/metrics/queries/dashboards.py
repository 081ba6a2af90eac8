"""Dashboards as the present holds them."""

from __future__ import annotations

from hashlib import sha256

from amity.kernel.errors import NotFound
from amity.rooms.metrics.models import Dashboard


def accessible_dashboard(*, workspace_id: int, dashboard_id: int) -> Dashboard:
    """Return a dashboard of a workspace that is in use. Raises NotFound."""
    found = Dashboard.objects.filter(workspace_id=workspace_id, pk=dashboard_id, archived_at=None).first()
    if found is None:
        raise NotFound("There is no such dashboard here.")
    return found


def list_dashboards(*, workspace_id: int) -> list[Dashboard]:
    """Return a workspace's dashboards in use, by name."""
    return list(Dashboard.objects.filter(workspace_id=workspace_id, archived_at=None).order_by("name", "pk"))


def shared_dashboard(secret: str) -> Dashboard:
    """Return the dashboard that a link shows. Raises NotFound for a link that isn't in force."""
    held = sha256(secret.encode()).hexdigest()
    found = Dashboard.objects.select_related("workspace").filter(shared_digest=held, archived_at=None).first()
    if found is None:
        raise NotFound("This link shows nothing any more. Ask who gave it to you for another.")
    return found
