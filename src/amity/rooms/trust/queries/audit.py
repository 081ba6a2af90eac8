"""Read the audit log of one workspace, and verify the chain of all of it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import Q, QuerySet

from amity.rooms.trust.models import AuditEntry, AuditHead, Membership
from amity.rooms.trust.rules.chain import COVERED, GENESIS, row_hash

KINDS = {
    "sign_in": "Signing in and out",
    "access": "Denials",
    "member": "Colleagues",
    "invitation": "Invitations",
    "person": "Accounts",
    "link": "One-time links",
    "token": "API tokens",
    "source": "Sources and write keys",
    "workspace": "Settings",
    "customer": "Customers",
    "erasure": "Erasures",
    "quarantine": "Quarantine",
    "query": "Queries",
    "backup": "Backups",
    "audit": "The audit log itself",
}


@dataclass(frozen=True, kw_only=True)
class AuditFilter:
    """Which rows to show: a kind of action, whose, from when until when (exclusive)."""

    kind: str = ""
    person: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What verifying found: how many rows hold, where the chain ends, and the first row that doesn't hold."""

    rows: int
    head: str
    broken: int | None = None
    reason: str = ""


def list_entries(workspace_id: int, wanted: AuditFilter, *, before: int | None = None) -> QuerySet[AuditEntry]:
    """Return a workspace's rows, newest first, from below row `before`; with what its members did outside of any workspace."""
    members = [str(one) for one in Membership.objects.filter(workspace_id=workspace_id).values_list("person_id", flat=True)]
    outside = Q(workspace_id=None) & (Q(actor_id__in=members) | Q(target__in=[f"person:{one}" for one in members]))
    found = AuditEntry.objects.filter(Q(workspace_id=workspace_id) | outside)
    if wanted.kind in KINDS:
        found = found.filter(action__startswith=f"{wanted.kind}.")
    if wanted.person:
        found = found.filter(Q(actor_name__icontains=wanted.person) | Q(actor_id=wanted.person))
    if wanted.since is not None:
        found = found.filter(time__gte=wanted.since)
    if wanted.until is not None:
        found = found.filter(time__lt=wanted.until)
    if before is not None:
        found = found.filter(seq__lt=before)
    return found.order_by("-seq")


def verify_chain(*, known_head: str = "") -> Verdict:
    """Read every row in order and say whether the chain holds; names the first row that doesn't.

    `known_head` is what an earlier verification printed (`<row>:<hash>`): that row must still be the same, which also
    catches a chain that was rewritten from end to end.
    """
    known_seq, _, known_hash = known_head.partition(":")
    with transaction.atomic():
        _one_snapshot()
        head = AuditHead.objects.first()
        previous, last = GENESIS, 0
        for row in _rows():
            fault = _fault(row, last, previous)
            if not fault and str(row.seq) == known_seq and row.hash != known_hash:
                fault = "it isn't the row that was verified earlier"
            if fault:
                return Verdict(rows=last, head=f"{last}:{previous}", broken=row.seq, reason=fault)
            previous, last = row.hash, row.seq
    end = f"{last}:{previous}"
    if head is not None and (head.seq, head.hash) != (last, previous):
        return Verdict(rows=last, head=end, broken=last + 1, reason="rows are missing at the end")
    if known_seq and int(known_seq) > last:
        return Verdict(rows=last, head=end, broken=last + 1, reason="rows that were verified earlier are missing")
    return Verdict(rows=last, head=end)


def _fault(row: AuditEntry, last: int, previous: str) -> str:
    if row.seq != last + 1:
        return f"row {last + 1} is missing"
    if row.previous_hash != previous:
        return "it doesn't follow from the row before it"
    if row.hash != row_hash(previous, {name: getattr(row, name) for name in COVERED}):
        return "its content was changed"
    return ""


def _rows() -> Iterator[AuditEntry]:
    yield from AuditEntry.objects.order_by("seq").iterator(chunk_size=2_000)


def _one_snapshot() -> None:
    if not connection.in_atomic_block or connection.savepoint_ids:
        return  # inside somebody's transaction the isolation level is theirs
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
