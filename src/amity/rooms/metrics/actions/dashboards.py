"""What people do to dashboards: make, change, archive, share by a link that only reads, and end that."""

from __future__ import annotations

from hashlib import sha256
from secrets import token_urlsafe
from typing import Any

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.metrics.actions.metrics import LONGEST_ABOUT, LONGEST_NAME, tidy
from amity.rooms.metrics.models import Dashboard, Metric
from amity.rooms.metrics.queries.dashboards import accessible_dashboard
from amity.rooms.metrics.rules.tiles import MetricTile, Tile, written_tiles
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access


def save_dashboard(  # noqa: PLR0913  one argument for each part
    access: Access, *, name: str, tiles: list[Tile], about: str = "", dashboard_id: int | None = None,
    request: HttpRequest | None = None,
) -> Dashboard:  # fmt: skip
    """Make a dashboard, or change one. Raises Invalid with what to mend, NotFound."""
    _check(tiles, access.workspace_id)
    now, who = now_ms(), access.actor.name[:254]
    with transaction.atomic():
        if dashboard_id is None:
            one, before = Dashboard(workspace_id=access.workspace_id, created_at=now, created_by=who), None
        else:
            one = accessible_dashboard(workspace_id=access.workspace_id, dashboard_id=dashboard_id)
            before = _told(one)
        one.name = tidy(name, "A dashboard needs a name", LONGEST_NAME)
        one.about = tidy(about, "", LONGEST_ABOUT)
        one.tiles, one.updated_at, one.updated_by = written_tiles(tiles), now, who
        try:
            with transaction.atomic():
                one.save()
        except IntegrityError:
            raise Invalid(f"There is a dashboard named {one.name} already; choose another name.") from None
        _record(
            access, "dashboard.changed" if before else "dashboard.created", one, before=before, after=_told(one), request=request
        )
    return one


def archive_dashboard(access: Access, *, dashboard_id: int, request: HttpRequest | None = None) -> None:
    """Put a dashboard away; its link ends."""
    one = accessible_dashboard(workspace_id=access.workspace_id, dashboard_id=dashboard_id)
    with transaction.atomic():
        one.archived_at, one.shared_digest = now_ms(), ""
        one.save(update_fields=["archived_at", "shared_digest"])
        _record(access, "dashboard.archived", one, request=request)


def share_dashboard(access: Access, *, dashboard_id: int, request: HttpRequest | None = None) -> str:
    """Return the secret part of a new link that shows the dashboard to whoever has it; the one before ends. Only a digest is kept."""
    one = accessible_dashboard(workspace_id=access.workspace_id, dashboard_id=dashboard_id)
    secret = token_urlsafe(32)
    with transaction.atomic():
        one.shared_digest, one.shared_at, one.shared_by = digest(secret), now_ms(), access.actor.name[:254]
        one.save(update_fields=["shared_digest", "shared_at", "shared_by"])
        _record(access, "dashboard.shared", one, request=request)
    return secret


def unshare_dashboard(access: Access, *, dashboard_id: int, request: HttpRequest | None = None) -> None:
    """End a dashboard's link."""
    one = accessible_dashboard(workspace_id=access.workspace_id, dashboard_id=dashboard_id)
    with transaction.atomic():
        one.shared_digest, one.shared_at = "", None
        one.save(update_fields=["shared_digest", "shared_at"])
        _record(access, "dashboard.unshared", one, request=request)


def digest(secret: str) -> str:
    """Return what is kept of a link's secret part."""
    return sha256(secret.encode()).hexdigest()


def _check(tiles: list[Tile], workspace_id: int) -> None:
    named = {number for one in tiles if isinstance(one, MetricTile) for number in (one.metric, one.pair) if number}
    known = set(Metric.objects.filter(workspace_id=workspace_id, pk__in=named).values_list("pk", flat=True))
    if named - known:
        raise Invalid(f"There is no metric {min(named - known)} here.")


def _told(one: Dashboard) -> dict[str, Any]:
    return {"name": one.name, "about": one.about, "tiles": one.tiles}


def _record(access: Access, action: str, one: Dashboard, **said: Any) -> None:
    trust.record(access, action=action, target=f"dashboard:{one.pk}", **said)
