"""Keep audiences up to date: of customers who were touched, of those whose windows end, and of everybody when asked.

It is one question at two scopes. Whoever changes memberships of a workspace holds its lock, from before it looks until its
changes are committed; a computation of everybody looks without the lock, and looks again at whom others looked at meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from amity.kernel.clock import DAY, HOUR, now_ms
from amity.kernel.errors import AmityError
from amity.rooms.customers.actions.audiences.listing import follow_lists
from amity.rooms.customers.actions.audiences.settle import hold, settle
from amity.rooms.customers.actions.audiences.touching import (
    CHANGED,
    Touched,
    done_since,
    ready,
    settle_touched,
    waiting_workspaces,
)
from amity.rooms.customers.models import Audience, Member, Touch
from amity.rooms.customers.queries.audiences.evaluate import evaluate, overlaid, who_is
from amity.rooms.customers.queries.audiences.known import Kept

if TYPE_CHECKING:
    import numpy as np

log = structlog.get_logger("amity.audiences")
DUE_AT_ONCE = 5_000
_STALE = HOUR  # a computation that began longer ago was given up
_FORGOTTEN = DAY  # everybody is looked at anew at least this often


def refresh_touched(*, now: int | None = None) -> bool:
    """Look at the audiences of customers who were touched, a part in each workspace; return whether more wait."""
    more = False
    for workspace in waiting_workspaces():
        more |= _refresh(workspace, now)
    return more


def _refresh(workspace: int, instant: int | None) -> bool:
    with transaction.atomic():
        hold(workspace)
        touched = ready(workspace)
        if touched is None:
            return False
        now = now_ms() if instant is None else instant
        _look(workspace, touched, now)
        computing = Audience.objects.filter(workspace_id=workspace, computing_since__gt=now - _STALE).exists()
        settle_touched(touched, keep=computing, now=now)
        if not computing:
            Touch.objects.filter(workspace_id=workspace, done_at__isnull=False).delete()
    return True


def _look(workspace: int, touched: Touched, now: int) -> None:
    changed = touched.by({CHANGED})
    if len(changed):
        follow_lists(workspace_id=workspace, customer_ids=who_is(workspace, uuids_of(changed)), now=now)
    if not Audience.objects.filter(workspace_id=workspace, archived_at=None, definition__isnull=False).exists():
        return
    kept = Kept(workspace)
    concerned = kept.concerned(list(touched.names))
    if not concerned:
        return
    who = touched.by(set().union(*concerned.values()))
    _evaluate(kept, list(concerned), uuids_of(who), now)


def refresh_due(*, now: int | None = None) -> bool:
    """Look at customers whose windows have ended, and begin anew what a calendar has turned; return whether more wait."""
    instant = now_ms() if now is None else now
    _turn(instant)
    live = Member.objects.filter(due__lte=instant, audience__archived_at=None)
    rows = list(live.order_by("due").values_list("audience__workspace_id", "audience_id", "customer_id")[:DUE_AT_ONCE])
    for workspace in sorted({row[0] for row in rows}):
        with transaction.atomic():
            hold(workspace)
            kept = Kept(workspace)
            mine = [row for row in rows if row[0] == workspace and row[1] in kept.audiences]
            if mine:
                _evaluate(kept, sorted({row[1] for row in mine}), sorted({row[2] for row in mine}), instant)
    return len(rows) == DUE_AT_ONCE


def _turn(now: int) -> None:
    """Want everybody looked at where a calendar window has moved, and where that is a day ago."""
    live = Audience.objects.filter(archived_at=None, definition__isnull=False, wanted_at=None)
    live.filter(Q(turns_at__lte=now) | Q(computed_at__lt=now - _FORGOTTEN)).update(wanted_at=now)


def recompute_wanted() -> bool:
    """Compute the audience that has been wanted longest; return whether there was one."""
    waiting = Audience.objects.filter(archived_at=None, definition__isnull=False, wanted_at__isnull=False)
    idle = waiting.filter(Q(computing_since=None) | Q(computing_since__lt=now_ms() - _STALE))
    one = idle.order_by("wanted_at").values_list("pk", flat=True).first()
    if one is not None:
        recompute(one)
    return one is not None


def recompute(audience_id: int, *, now: int | None = None) -> tuple[int, int]:
    """Look at everybody and return how many entered and left. Raises NotRunning, or what is wrong with the definition."""
    began = now_ms() if now is None else now
    Audience.objects.filter(pk=audience_id).update(computing_since=began, wanted_at=None)
    try:
        counts = _recompute(audience_id, began)
    except AmityError as error:
        Audience.objects.filter(pk=audience_id).update(computing_since=None, trouble=error.message, wanted_at=None)
        if error.code == "not_running":
            Audience.objects.filter(pk=audience_id).update(wanted_at=began)
        raise
    except BaseException:
        Audience.objects.filter(pk=audience_id).update(computing_since=None, wanted_at=began)
        raise
    log.info("audience computed", audience=audience_id, entered=counts[0], left=counts[1], ms=now_ms() - began)
    return counts


def _recompute(audience_id: int, began: int) -> tuple[int, int]:
    workspace = Audience.objects.get(pk=audience_id).workspace_id
    kept = Kept(workspace)
    condition = kept.conditions[audience_id]
    done = evaluate({audience_id: condition}, workspace=workspace, zone=kept.zone, now=began)
    with transaction.atomic():
        hold(workspace)
        again = Kept(workspace)  # it may have been edited meanwhile: then what was found is of no use
        if again.conditions.get(audience_id) != condition:
            raise AmityError("The definition changed while it was computed; it is computed again.", code="not_running")
        audience = again.audiences[audience_id]
        meanwhile = done_since(workspace, began)
        if meanwhile is not None:
            ids = uuids_of(meanwhile.by(set(meanwhile.names)))
            newer = evaluate({audience_id: condition}, workspace=workspace, zone=kept.zone, now=max(now_ms(), began), only=ids)
            done = overlaid(done, newer)
        entered, left = settle([audience], done)[audience_id]
        Audience.objects.filter(pk=audience_id).update(
            computed_at=began, computing_since=None, turns_at=done.found[audience_id].turns, trouble=""
        )
    return entered, left


def _evaluate(kept: Kept, audiences: Sequence[int], ids: Sequence[UUID], now: int) -> None:
    conditions = {one: kept.conditions[one] for one in audiences}
    done = evaluate(conditions, workspace=kept.workspace_id, zone=kept.zone, now=now, only=ids)
    settle([kept.audiences[one] for one in audiences], done)


def uuids_of(ids: np.ndarray) -> list[UUID]:
    """Return ids from `S16`, which drops zeros at the end."""
    return [UUID(bytes=one.ljust(16, b"\0")) for one in ids]
