"""What destinations have to hear: who is wanted there now is compared with who was sent, and the difference put on its way.

What was sent and the messages that say so change in one transaction, so nothing is told twice or forgotten by a crash.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q

from amity.engines.present.bulk import run
from amity.kernel.clock import HOUR, now_ms
from amity.kernel.ids import new_id
from amity.rooms.customers.actions.sync.connectors.known import CONNECTORS
from amity.rooms.customers.models import Delivery, SentMember, Subscription, SyncTouch
from amity.rooms.customers.queries.sync.members import AT_ONCE, to_compare, told_of, wanted
from amity.rooms.customers.rules.sync.payload import member_id

log = structlog.get_logger("amity.sync")
ITEMS = 200  # members of one message
FULL_EVERY = 6 * HOUR  # consent runs out with time alone
SETTLED_FOR = 5_000  # ms that a snapshot waits for more changes
_TOUCHES = 50
_LOCK = "SELECT pg_advisory_xact_lock(hashtext('customers_subscription'), %b::int)"


def plan_touched() -> bool:
    """Look at customers who were noted; return whether more wait."""
    with transaction.atomic():
        touches = list(SyncTouch.objects.order_by("id").select_for_update(skip_locked=True)[:_TOUCHES])
        for workspace in sorted({one.workspace_id for one in touches}):
            _plan(workspace, [one for one in touches if one.workspace_id == workspace])
        SyncTouch.objects.filter(pk__in=[one.pk for one in touches]).delete()
    return len(touches) == _TOUCHES


def _plan(workspace: int, touches: Sequence[SyncTouch]) -> None:
    live = Subscription.objects.filter(destination__workspace_id=workspace, ended_at=None).select_related("destination")
    for one in live.order_by("pk"):
        mine = [touch for touch in touches if touch.audience_id in {None, one.audience_id}]
        ids = {who for touch in mine for who in _ids(bytes(touch.customers))}
        for start in range(0, len(ids), AT_ONCE):
            settle_sent(one, sorted(ids)[start : start + AT_ONCE])


def plan_full() -> bool:
    """Compare a stretch of one subscription in full: a new one, an ended one, or one that was long ago; return whether one was."""
    now = now_ms()
    Subscription.objects.filter(full_at=None, ended_at=None, fulled_at__lt=now - FULL_EVERY).update(full_at=now, full_cursor=None)
    with transaction.atomic():
        waiting = Subscription.objects.filter(full_at__isnull=False).order_by("full_at", "pk")
        one = waiting.select_for_update(skip_locked=True, of=("self",)).select_related("destination", "audience").first()
        if one is None:
            return False
        ids = to_compare(one, one.full_cursor or UUID(int=0))
        settle_sent(one, ids)
        one.full_cursor = ids[-1] if ids else one.full_cursor
        if len(ids) < AT_ONCE:
            one.full_at, one.full_cursor, one.fulled_at = None, None, now
            if _takes(one) == "snapshot" and not Delivery.objects.filter(subscription=one).exists():
                _snapshot(one, now)  # that nobody is in it is worth a file, too
        one.save(update_fields=["full_at", "full_cursor", "fulled_at"])
    return True


def settle_sent(one: Subscription, ids: Sequence[UUID]) -> int:
    """Let what was sent of these customers be what is wanted now, and put messages on their way; return how many changed."""
    if not ids:
        return 0
    run(_LOCK, [one.pk])
    now = now_ms()
    want = wanted(one, ids)
    have = dict(SentMember.objects.filter(subscription=one, customer_id__in=ids).values_list("customer_id", "digest"))
    told = told_of(one, sorted(want))
    add, remove = sorted(want - have.keys()), sorted(have.keys() - want)
    update = sorted(who for who in want & have.keys() if bytes(have[who]) != told[who].digest)
    rows = [SentMember(subscription=one, customer_id=who, digest=told[who].digest, since=now) for who in add]
    SentMember.objects.bulk_create(rows)
    SentMember.objects.filter(subscription=one, customer_id__in=remove).delete()
    for who in update:
        SentMember.objects.filter(subscription=one, customer_id=who).update(digest=told[who].digest)
    items = [_item(one, who, do) for do, some in (("add", add), ("update", update), ("remove", remove)) for who in some]
    if items:
        put_on_way(one, items, now)
    return len(items)


def forget_at_destinations(workspace_id: int, ids: Sequence[UUID]) -> None:
    """Let each destination hear that these customers left, by ids that tell nothing about them. In the caller's transaction."""
    now = now_ms()
    mine = Subscription.objects.filter(pk__in=_having(ids), destination__workspace_id=workspace_id)
    for one in mine.select_related("destination"):
        run(_LOCK, [one.pk])
        rows = SentMember.objects.filter(subscription=one, customer_id__in=ids)
        items = [{"id": member_id(one.pk, who), "do": "remove"} for who in rows.values_list("customer_id", flat=True)]
        rows.delete()
        put_on_way(one, items, now)


def put_on_way(one: Subscription, items: Sequence[dict[str, Any]], now: int) -> None:
    """Make the messages that tell of changes, in the caller's transaction."""
    if _takes(one) == "snapshot":
        _snapshot(one, now)
        return
    Delivery.objects.bulk_create(
        [
            Delivery(
                message_id=new_message_id(), destination_id=one.destination_id, subscription=one, what="changes",
                items=list(items[start : start + ITEMS]), made_at=now, due_at=now,
            )
            for start in range(0, len(items), ITEMS)
        ]
    )  # fmt: skip


def new_message_id() -> str:
    """Return an id of a message, which holds no dot: it is a part of what is signed."""
    return f"msg_{new_id().hex}"


def forget_done(*, after: int) -> None:
    """Delete traces of messages that were taken or given up so long ago (ms), and subscriptions that ended and were told so."""
    before = now_ms() - after
    Delivery.objects.filter(Q(done_at__lt=before) | Q(dead_at__lt=before)).delete()
    over = Subscription.objects.filter(ended_at__lt=before, full_at=None)
    for one in over:
        if not Delivery.objects.filter(subscription=one).exists():
            one.delete()


def _snapshot(one: Subscription, now: int) -> None:
    waiting = Delivery.objects.filter(subscription=one, what="snapshot", done_at=None, dead_at=None)
    if not waiting.exists():
        Delivery.objects.create(
            message_id=new_message_id(), destination_id=one.destination_id, subscription=one, what="snapshot", made_at=now,
            due_at=now + SETTLED_FOR,
        )  # fmt: skip


def _having(ids: Sequence[UUID]) -> set[int]:
    return set(SentMember.objects.filter(customer_id__in=ids).values_list("subscription_id", flat=True))


def _takes(one: Subscription) -> str:
    return CONNECTORS[one.destination.kind].takes


def _item(one: Subscription, who: UUID, do: str) -> dict[str, Any]:
    return {"id": member_id(one.pk, who), "customer": str(who), "do": do}


def _ids(packed: bytes) -> list[UUID]:
    return [UUID(bytes=packed[at : at + 16]) for at in range(0, len(packed), 16)]
