"""Imports of a workspace, newest first."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

from amity.kernel.errors import NotFound
from amity.rooms.collection.contracts import ImportView
from amity.rooms.collection.models import Import


def list_imports(*, workspace_id: int, limit: int = 100) -> list[ImportView]:
    """Return the workspace's latest imports."""
    found = Import.objects.filter(workspace_id=workspace_id).order_by("-created_at")[:limit]
    return [one.view() for one in found]


def get_import(*, workspace_id: int, import_id: UUID) -> ImportView:
    """Return one import. Raises NotFound."""
    return _get(workspace_id, import_id).view()


def file_of(*, workspace_id: int, import_id: UUID) -> Path:
    """Return where an import's file lies. Raises NotFound also where it is gone."""
    path = Path(_get(workspace_id, import_id).path or ".")
    if not path.is_file():
        raise NotFound("The file is gone: it is deleted when its import is done.")
    return path


def report_of(*, workspace_id: int, import_id: UUID) -> Path:
    """Return where an import's rejected rows are listed. Raises NotFound where none were rejected or the list is gone."""
    path = Path(_get(workspace_id, import_id).report or ".")
    if not path.is_file():
        raise NotFound("There is no list of rejected rows.")
    return path


def find_earlier(*, workspace_id: int, digest: str) -> list[ImportView]:
    """Return started imports of the very same file, newest first."""
    found = Import.objects.filter(workspace_id=workspace_id, digest=digest).exclude(prefix="").order_by("-created_at")
    return [one.view() for one in found]


def find_earlier_of(*, workspace_id: int, import_id: UUID) -> list[ImportView]:
    """Return started imports of the same file as this one's, newest first. Raises NotFound."""
    return find_earlier(workspace_id=workspace_id, digest=_get(workspace_id, import_id).digest)


def _get(workspace_id: int, import_id: UUID) -> Import:
    one = Import.objects.filter(workspace_id=workspace_id, pk=import_id).first()
    if one is None:
        raise NotFound("This workspace has no such import.")
    return one
