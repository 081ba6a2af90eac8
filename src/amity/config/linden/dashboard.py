"""Linden's metrics, and the dashboard that its colleagues look at on Mondays."""

from __future__ import annotations

from amity.rooms.metrics.actions.dashboards import save_dashboard
from amity.rooms.metrics.actions.metrics import take_shipped
from amity.rooms.metrics.models import Dashboard, Metric
from amity.rooms.metrics.rules.tiles import MetricTile, Show, TextTile, Tile
from amity.rooms.trust.contracts import Access

NAME = "How it goes"

# Metrics by their origin, as (origin, how it is shown, thirds of the width, what it is parted by, the origin of its pair).
ROWS: tuple[str | tuple[str, Show, int, str, str], ...] = (
    "What they say",
    ("nps", "course", 2, "", ""), ("csat", "figure", 1, "", ""),
    "What it takes them",
    ("late", "course", 2, "", ""), ("first_response", "figure", 1, "", ""),
    ("call_length", "pair", 2, "", "csat"), ("contact_rate", "figure", 1, "", ""),
    "What comes of it",
    ("revenue", "course", 2, "", ""), ("repeat", "figure", 1, "", ""),
    ("checkout", "parts", 2, "device", ""), ("closed", "figure", 1, "", ""),
)  # fmt: skip


def make_dashboard(access: Access) -> int:
    """Make the shipped metrics that are missing, and the dashboard where there is none of its name."""
    if Metric.objects.filter(workspace_id=access.workspace_id, archived_at__isnull=False).exists():
        return 0  # somebody has put some away, and chooses for themselves
    made = len(take_shipped(access))
    if Dashboard.objects.filter(workspace_id=access.workspace_id, name=NAME).exists():
        return made
    metrics = dict(
        Metric.objects.filter(workspace_id=access.workspace_id, archived_at=None).exclude(origin="").values_list("origin", "pk")
    )
    tiles = [tile for row in ROWS if (tile := _tile(row, metrics)) is not None]
    if not any(isinstance(tile, MetricTile) for tile in tiles):
        return made
    save_dashboard(access, name=NAME, about="What customers say, what it takes them, and what comes of it.", tiles=tiles)
    return made + 1


def _tile(row: str | tuple[str, Show, int, str, str], metrics: dict[str, int]) -> Tile | None:
    if isinstance(row, str):
        return TextTile(text=row)
    origin, show, size, breakdown, pair = row
    if origin not in metrics or (pair and pair not in metrics):
        return None
    return MetricTile(metric=metrics[origin], show=show, size=size, breakdown=breakdown, pair=metrics.get(pair))
