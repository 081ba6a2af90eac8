"""Send what is on its way: each destination in its own thread, in order, so that a slow one lets nobody else wait.

A message that was sent while the process died is sent again under the same id. What is told is looked up at that moment: who
has left or withdrawn consent since isn't told of, however late a message is tried again.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from contextlib import ExitStack
from threading import Lock, Thread
from typing import Any
from uuid import UUID

import structlog
from django.db import connection, transaction
from django.db.models import F

from amity.engines.egress.retrying import rest_after, wait_after
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError
from amity.rooms.customers.actions.sync.connectors.known import CONNECTORS
from amity.rooms.customers.actions.sync.snapshots import snapshot
from amity.rooms.customers.models import Delivery, Destination, SentMember, Subscription
from amity.rooms.customers.queries.sync.members import told_of, wanted
from amity.rooms.customers.rules.sync.connector import File, Message, Receipt
from amity.rooms.customers.rules.sync.payload import changes, member_id
from amity.rooms.trust.api import unseal

log = structlog.get_logger("amity.sync")
MOST_AT_ONCE = 8  # destinations
_IN_A_ROW = 50
_busy: set[int] = set()
_guard = Lock()


def send_due() -> None:
    """Begin to send whatever is due, a thread for each destination that isn't being sent to already."""
    for destination in _due():
        with _guard:
            if destination in _busy or len(_busy) >= MOST_AT_ONCE:
                continue
            _busy.add(destination)
        Thread(target=_in_thread, args=(destination,), name=f"destination {destination}", daemon=True).start()


def _in_thread(destination: int) -> None:
    try:
        send_to(destination)
    except Exception as error:  # noqa: BLE001  an engine that is away: it is tried again
        log.warning("sending failed", destination=destination, error=str(error)[:200])
    finally:
        connection.close()
        with _guard:
            _busy.discard(destination)


def send_to(destination: int, *, at: Callable[[str], None] = lambda _: None) -> int:
    """Send what is due to one destination, until it fails; return how many messages it took."""
    taken = 0
    for _ in range(_IN_A_ROW):
        place = Destination.objects.get(pk=destination)
        if place.state not in {"open", "failing"} or place.rest_until > now_ms():
            break
        one = (
            Delivery.objects.filter(
                destination=place, done_at=None, dead_at=None, due_at__lte=now_ms(), subscription__paused_at=None
            )
            .exclude(what="snapshot", subscription__full_at__isnull=False)
            .select_related("subscription__destination", "subscription__audience")
            .order_by("due_at", "pk")
            .first()
        )
        if one is None:
            break
        receipt, counts = _attempt(place, one)
        at("after sending")
        _note(place, one, receipt, counts)
        if receipt.outcome != "taken":
            break
        taken += 1
    return taken


def _attempt(place: Destination, one: Delivery) -> tuple[Receipt, dict[str, int]]:
    """Send one message; what goes wrong on our side is a failure like one outside."""
    try:
        with ExitStack() as stack:
            file, body, counts = None, b"", dict[str, int]()
            if one.what == "snapshot":
                file = stack.enter_context(snapshot(one.subscription))
                counts = {"told": SentMember.objects.filter(subscription=one.subscription).count()}
            else:
                body, counts = _body(one)
                if not counts["told"]:
                    return Receipt(outcome="taken", said="Nothing was left to tell."), counts
            return deliver(place, message_id=one.message_id, what=one.what, body=body, file=file), counts
    except AmityError as error:
        return Receipt(outcome="failed", said=error.message), {}
    except Exception as error:  # noqa: BLE001  a connector of somebody's own
        log.warning("connector broke", kind=place.kind, error=type(error).__name__)
        return Receipt(outcome="failed", said=f"The connector broke: {type(error).__name__}."), {}


def deliver(place: Destination, *, message_id: str, what: Any, body: bytes = b"", file: File | None = None) -> Receipt:
    """Hand a message to the destination's connector."""
    secrets = json.loads(unseal(place.secrets)) if place.secrets else {}
    message = Message(id=message_id, what=what, now=now_ms(), config=place.config, secrets=secrets, body=body, file=file)
    return CONNECTORS[place.kind].send(message)


def _body(one: Delivery) -> tuple[bytes, dict[str, int]]:
    """Return what is still true of a message's changes, and how many those are."""
    sub = one.subscription
    named = {UUID(item["customer"]): item for item in one.items if item.get("customer")}
    sent = set(SentMember.objects.filter(subscription=sub, customer_id__in=named).values_list("customer_id", flat=True))
    allowed = wanted(sub, sent) if sent else set()
    told = told_of(sub, sorted(allowed))
    entered = [told[who] for who, item in named.items() if item["do"] == "add" and who in told]
    updated = [told[who] for who, item in named.items() if item["do"] == "update" and who in told]
    left: list[tuple[str, UUID | None]] = [
        (member_id(sub.pk, who), who) for who, item in named.items() if item["do"] == "remove" and who not in sent
    ]
    left += [(item["id"], None) for item in one.items if not item.get("customer")]
    body = changes(
        made_at=one.made_at, audience=(sub.audience_id, sub.audience.name), subscription_id=sub.pk, purpose=sub.purpose,
        entered=entered, updated=updated, left=left,
    )  # fmt: skip
    counts = {"entered": len(entered), "updated": len(updated), "left": len(left)}
    return body, {**counts, "told": sum(counts.values())}


@transaction.atomic
def _note(place: Destination, one: Delivery, receipt: Receipt, counts: dict[str, int]) -> None:
    now = now_ms()
    one.attempts, one.status, one.trouble = one.attempts + 1, receipt.status, receipt.said[:500]
    if receipt.outcome == "taken":
        one.done_at, one.told, one.items, one.trouble = now, counts.get("told", 0), [], ""
        Destination.objects.filter(pk=place.pk).update(ok_at=now, failures=0, rest_until=0, trouble="")
        Subscription.objects.filter(pk=one.subscription_id).update(
            **{name: F(name) + counts.get(name, 0) for name in ("entered", "updated", "left")}
        )
    elif receipt.outcome == "gone":
        one.due_at = now
        Destination.objects.filter(pk=place.pk).update(closed_at=now, failed_at=now, trouble=receipt.said[:500])
    else:
        failures = place.failures + 1
        wait = wait_after(one.attempts, random=random.random(), asked=receipt.wait)  # noqa: S311  jitter
        one.dead_at, one.due_at = (now, one.due_at) if wait is None else (None, now + wait)
        rest = rest_after(failures, status=receipt.status, asked=receipt.wait)
        Destination.objects.filter(pk=place.pk).update(
            failed_at=now, failures=failures, rest_until=now + rest, trouble=receipt.said[:500]
        )
    one.save(update_fields=["attempts", "status", "trouble", "done_at", "dead_at", "due_at", "told", "items"])


def _due() -> list[int]:
    now = now_ms()
    found = Delivery.objects.filter(
        done_at=None, dead_at=None, due_at__lte=now, subscription__paused_at=None, destination__paused_at=None,
        destination__closed_at=None, destination__archived_at=None, destination__rest_until__lte=now,
    )  # fmt: skip
    return list(found.order_by("destination_id").values_list("destination_id", flat=True).distinct())
