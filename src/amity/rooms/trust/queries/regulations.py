"""Segment's regulations of a workspace: one, or page by page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, QuerySet

from amity.kernel.errors import NotFound
from amity.rooms.trust.models import Regulation


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Regulations, newest first, and how many there are."""

    rows: list[Regulation]
    total: int


def accessible_regulation(workspace_id: int, regulation_id: UUID) -> Regulation:
    """Return a regulation of the workspace. Raises NotFound."""
    found = Regulation.objects.filter(workspace_id=workspace_id, pk=regulation_id).first()
    if found is None:
        raise NotFound("There is no such regulation.")
    return found


def list_regulations(*, workspace_id: int, status: str, kinds: Sequence[str], after: int, limit: int) -> Page:
    """Return a page of regulations by status (Segment's words; empty: all) and type (none given: all)."""
    rows = _in_status(Regulation.objects.filter(workspace_id=workspace_id), status)
    if kinds:
        rows = rows.filter(kind__in=kinds)
    return Page(rows=list(rows.order_by("-asked_at", "-id")[after : after + limit]), total=rows.count())


def _in_status(rows: QuerySet[Regulation], status: str) -> QuerySet[Regulation]:
    if not status:
        return rows
    if status == "FINISHED":
        return rows.exclude(finished_at=None)
    going = rows.filter(finished_at=None)
    if status == "INITIALIZED":
        return going.filter(left=F("total"))
    return going.exclude(left=F("total")) if status == "RUNNING" else rows.none()
