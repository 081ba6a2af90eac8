"""Cancel an import, let it go on, or forget a file that was never started."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.errors import Invalid
from amity.rooms.collection.actions.imports.register import _locked, _name_of
from amity.rooms.collection.contracts import ImportView
from amity.rooms.collection.models import Import
from amity.rooms.collection.models.imports import QUIET_AFTER
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access, Actor

KEPT = timedelta(days=30)


def cancel_import(*, workspace_id: int, import_id: UUID, actor: Access | Actor, request: HttpRequest | None = None) -> ImportView:
    """Ask that an import ends. What it stored stays; it can go on later. Raises NotFound; Invalid where it has ended."""
    with transaction.atomic():
        one = _locked(workspace_id, import_id)
        if one.state not in {"waiting", "running"}:
            raise Invalid("This import has ended already.")
        nobody = one.state == "waiting" or one.told_at is None or timezone.now() - one.told_at > QUIET_AFTER
        fields: dict[str, object] = {"cancel_asked_at": Now(), "cancel_asked_by": _name_of(actor)}
        if nobody:
            fields |= {"state": "cancelled", "finished_at": Now(), "claim": ""}
        Import.objects.filter(pk=one.pk).update(**fields)
        _record(one, actor, "import.cancelled", request)
    one.refresh_from_db()
    return one.view()


def resume_import(*, workspace_id: int, import_id: UUID, actor: Access | Actor, request: HttpRequest | None = None) -> ImportView:
    """Let a cancelled or failed import go on where it stopped. Raises NotFound; Invalid where there is nothing to go on with."""
    with transaction.atomic():
        one = _locked(workspace_id, import_id)
        if one.state not in {"cancelled", "failed"}:
            raise Invalid("Only an import that was cancelled or failed can go on.")
        if not one.path or not Path(one.path).exists():
            raise Invalid(f"The file is gone ({one.name}). Bring it in anew: rows that are stored already are known.")
        Import.objects.filter(pk=one.pk).update(
            state="waiting", cancel_asked_at=None, cancel_asked_by="", claim="", trouble="", finished_at=None
        )
        _record(one, actor, "import.resumed", request)
    one.refresh_from_db()
    return one.view()


def forget_upload(*, workspace_id: int, import_id: UUID, actor: Access | Actor, request: HttpRequest | None = None) -> None:
    """Delete an upload that was never started. Raises NotFound, Invalid."""
    with transaction.atomic():
        one = _locked(workspace_id, import_id)
        if one.state != "uploaded":
            raise Invalid("What was started stays in the list; its file is deleted when it is done.")
        _record(one, actor, "import.forgotten", request)
        own, path = one.own_file, Path(one.path)
        one.delete()
    if own:
        path.unlink(missing_ok=True)


def forget_old_imports() -> int:
    """Delete what is kept of uploads for 30 days at most: files, lists of rejected rows. Return of how many imports.

    The imports themselves stay in the list, but those that were never started.
    """
    before = timezone.now() - KEPT
    old = Import.objects.filter(own_file=True, created_at__lt=before).exclude(state__in=("waiting", "running")).exclude(path="")
    count = 0
    for one in old.filter(Q(finished_at=None) | Q(finished_at__lt=before)):
        for path in filter(None, (one.path, one.report)):
            Path(path).unlink(missing_ok=True)
        if one.state == "uploaded":
            one.delete()
        else:
            Import.objects.filter(pk=one.pk).update(path="", report="")
        count += 1
    return count


def _record(one: Import, actor: Access | Actor, action: str, request: HttpRequest | None) -> None:
    trust.record(
        actor, action=action, target=f"import:{one.pk}", after={"name": one.name}, request=request, workspace_id=one.workspace_id
    )
