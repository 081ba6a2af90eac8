"""Ask for merges to be taken back, or say that the rest of them may stay. A worker does it, so that it may wait and go on."""

from __future__ import annotations

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.actions.people import decided
from amity.rooms.customers.models import Unmerge, UnmergeRun
from amity.rooms.customers.queries.merges import Wanted, get_run, matching
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access

MOST = 10_000


def ask_unmerge(access: Access, *, wanted: Wanted, reason: str, request: HttpRequest | None = None) -> UnmergeRun:
    """Let a worker take back the merges that are wanted, and keep those customers apart from then on.

    Raises Forbidden without `identity.write`, Invalid where none is found, more than 10,000 are, or one waits already.
    """
    by = decided(access, reason)
    with transaction.atomic():
        ids = list(
            matching(workspace_id=access.workspace_id, wanted=wanted)
            .order_by("id").values_list("pk", flat=True)[: MOST + 1]
        )  # fmt: skip
        if not ids:
            raise Invalid("There is no such join, or it was taken back already.")
        if len(ids) > MOST:
            raise Invalid(f"More than {MOST:,} joins match. Narrow it down, by time for example.")
        run = UnmergeRun.objects.create(
            workspace_id=access.workspace_id, wanted=wanted.stored(), person=by.person, person_id=by.person_id, reason=by.reason,
            asked_at=now_ms(), total=len(ids),
        )  # fmt: skip
        Unmerge.objects.bulk_create([Unmerge(run=run, merge_id=one) for one in ids], ignore_conflicts=True)
        total = Unmerge.objects.filter(run=run).count()  # others wait for another run already
        if not total:
            raise Invalid("This is waiting to be taken back already.")
        UnmergeRun.objects.filter(pk=run.pk).update(total=total)
        run.total = total
        trust.record(
            access,
            action="customers.unmerge_asked",
            target=f"unmerge:{run.pk}",
            after={"wanted": wanted.stored(), "merges": total, "reason": by.reason},
            request=request,
        )
    return run


def stop_unmerge(access: Access, *, run_id: int, request: HttpRequest | None = None) -> None:
    """Let the merges that still wait stay. Raises Forbidden without `identity.write`, NotFound for no run."""
    decided(access, "")
    with transaction.atomic():
        run = get_run(workspace_id=access.workspace_id, run_id=run_id)
        left, _ = Unmerge.objects.filter(run=run).delete()
        UnmergeRun.objects.filter(pk=run.pk, finished_at=None).update(stopped=True, finished_at=now_ms())
        trust.record(
            access, action="customers.unmerge_stopped", target=f"unmerge:{run.pk}", after={"left": left}, request=request
        )
