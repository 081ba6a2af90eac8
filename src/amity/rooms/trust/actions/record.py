"""Write the audit log: one chain for the whole installation, in the transaction of what it tells of."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.network import client_address, read_networks
from amity.kernel.settings import settings
from amity.rooms.trust.contracts import Access, Actor, Source
from amity.rooms.trust.models import AuditEntry, AuditHead
from amity.rooms.trust.rules.chain import GENESIS, clean, plain, row_hash


def record(  # noqa: PLR0913
    who: Access | Actor,
    *,
    action: str,
    target: str = "",
    before: Any = None,
    after: Any = None,
    request: HttpRequest | None = None,
    workspace_id: int | None = None,
) -> int:
    """Append one row to the audit log and return its number.

    `action` is a dotted verb (`member.invited`), `target` names the thing (`person:<id>`), `before` and `after` what
    changed; never a secret. Writers queue for the chain's head until their transaction ends, so call this last in it.
    """
    actor = who.actor if isinstance(who, Access) else who
    source = source_of(request)
    row: dict[str, Any] = {
        "workspace_id": who.workspace_id if isinstance(who, Access) else workspace_id,
        "actor_kind": actor.kind,
        "actor_id": clean(actor.id, 64),
        "actor_name": clean(actor.email or actor.name, 254),
        "action": clean(action, 64),
        "target": clean(target, 254),
        "before": plain(before),
        "after": plain(after),
        "ip": source.ip,
        "agent": source.agent,
    }
    with transaction.atomic():
        AuditHead.objects.bulk_create([AuditHead(hash=GENESIS)], ignore_conflicts=True)
        head = AuditHead.objects.select_for_update().get()
        row |= {"seq": head.seq + 1, "time": datetime.now(UTC)}
        entry = AuditEntry(**row, previous_hash=head.hash, hash=row_hash(head.hash, row))
        entry.save(force_insert=True)
        head.seq, head.hash = entry.seq, entry.hash
        head.save()
    return entry.seq


def source_of(request: HttpRequest | None) -> Source:
    """Return where a request came from; nothing for what did not come over HTTP."""
    if request is None:
        return Source()
    forwarded = request.headers.get("X-Forwarded-For", "")
    ip = client_address(request.META.get("REMOTE_ADDR") or "", forwarded, trusted=read_networks(settings().trusted_proxies))
    return Source(ip=ip, agent=clean(request.headers.get("User-Agent", ""), 400))
