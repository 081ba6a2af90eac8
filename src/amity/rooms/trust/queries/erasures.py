"""Erasures of a workspace: how far they are, what they found, their receipts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from uuid import UUID

from django.db.models import Count

from amity.kernel.errors import NotFound
from amity.kernel.holdings import stores
from amity.rooms.trust.contracts import ErasureInfo, StoreErased
from amity.rooms.trust.models import Erasure, Suppression
from amity.rooms.trust.rules.erasure.states import STATES


def list_erasures(*, workspace_id: int, after: int = 0, limit: int = 50) -> tuple[list[ErasureInfo], int]:
    """Return a page of a workspace's erasures, newest first, and how many there are."""
    rows = Erasure.objects.filter(workspace_id=workspace_id)
    page = rows.order_by("-asked_at", "-pk").prefetch_related("steps").defer("receipt")[after : after + limit]
    return _shown(list(page), receipts=False), rows.count()


def get_erasure(*, workspace_id: int, erasure_id: UUID) -> ErasureInfo:
    """Return one erasure. Raises NotFound."""
    rows = Erasure.objects.filter(workspace_id=workspace_id, pk=erasure_id).prefetch_related("steps")
    if not rows:
        raise NotFound("There is no such erasure.")
    return _shown(list(rows), receipts=True)[0]


def find_erasure_of(*, workspace_id: int, request_id: UUID) -> ErasureInfo | None:
    """Return the erasure that answers a request about somebody's data, if there is one."""
    found = Erasure.objects.filter(workspace_id=workspace_id, request_id=request_id).values_list("pk", flat=True).first()
    return get_erasure(workspace_id=workspace_id, erasure_id=found) if found else None


def _shown(rows: Sequence[Erasure], *, receipts: bool) -> list[ErasureInfo]:
    held = Suppression.objects.filter(erasure_id__in=[row.pk for row in rows], before=None).exclude(kind="")
    kept_out = Counter(dict(held.order_by().values_list("erasure_id").annotate(number=Count("hash"))))
    known = stores()
    return [
        ErasureInfo(
            id=row.pk,
            of=row.hint,
            reason=row.reason,
            asked_by=row.asked_by,
            asked_at=row.asked_at,
            state=row.state,
            state_name=STATES[row.state],
            request_id=row.request_id,
            suppressed_at=row.suppressed_at,
            finished_at=row.finished_at,
            trouble=row.trouble,
            kept_out=kept_out[row.pk],
            stores=tuple(
                StoreErased(store=name, title=known[name].title, found=step.found, left=step.left)
                for name in known
                for step in row.steps.all()
                if step.store == name
            ),
            receipt=row.receipt if receipts else None,
        )
        for row in rows
    ]
