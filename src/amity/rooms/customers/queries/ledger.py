"""The ledger of one customer's identity: what was added, joined, left out and kept apart, with the evidence, newest first."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from django.db.models import Q

from amity.rooms.customers.models import Apart, Customer, Identifier, Merge, Refusal

What = Literal["created", "added", "joined", "taken_back", "left_out", "kept_apart"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One decision. `at` is when the deciding interaction was received, ms; `key` and `source_id` say which it was.

    `identifiers` are (kind, value): what was added, moved or left out. `other` is the other customer of a join, or of two
    that are kept apart. `rule` is the merge's rule or the refusal's reason; `person` and `reason` are a person's.
    """

    what: What
    at: int
    rule: str = ""
    source_id: int = 0
    key: UUID | None = None
    identifiers: Sequence[tuple[str, str]] = ()
    evidence: Sequence[tuple[str, str]] = ()
    other: UUID | None = None
    person: str = ""
    reason: str = ""
    merge_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerPage:
    """A stretch of the ledger. `after` asks for older entries; None: there are none."""

    entries: Sequence[Entry]
    total: int
    after: int | None


def get_entries(*, workspace_id: int, customer_id: UUID, after: int = 0, limit: int = 50) -> LedgerPage:
    """Return decisions about the customer of today and all that became part of it, newest first, without the first `after`."""
    rows = Customer.objects.filter(workspace_id=workspace_id)
    ids = [customer_id, *rows.filter(merged_into=customer_id).values_list("id", flat=True)]
    found = [*_added(workspace_id, customer_id), *_joined(workspace_id, ids), *_left_out(workspace_id, ids)]
    found += _apart(workspace_id, customer_id)
    found += [Entry(what="created", at=at) for at in rows.filter(id=customer_id).values_list("created_at", flat=True)]
    found.sort(key=lambda one: (-one.at, one.what, str(one.identifiers)))
    end = after + limit
    return LedgerPage(entries=found[after:end], total=len(found), after=end if end < len(found) else None)


def _added(workspace_id: int, customer_id: UUID) -> list[Entry]:
    return [
        Entry(what="added", at=row.added_at, source_id=row.source_id, key=row.key, identifiers=[(row.kind, row.value)],
              rule="alias" if row.aliased else "")
        for row in Identifier.objects.filter(workspace_id=workspace_id, customer_id=customer_id)
    ]  # fmt: skip


def _joined(workspace_id: int, ids: Sequence[UUID]) -> list[Entry]:
    rows = Merge.objects.filter(workspace_id=workspace_id).filter(Q(into_id__in=ids) | Q(old_id__in=ids, undone__isnull=False))
    return [
        Entry(
            what="joined" if row.undone is None else "taken_back",
            at=row.merged_at,
            rule=row.rule,
            source_id=row.source_id,
            key=row.key if row.source_id else None,
            identifiers=[(kind, value) for kind, value in row.moved],
            evidence=[(kind, value) for kind, value, _ in row.identifiers],
            other=row.old_id if row.into_id in ids else row.into_id,
            person=row.person,
            reason=row.reason,
            merge_id=row.pk,
        )
        for row in rows
    ]


def _left_out(workspace_id: int, ids: Sequence[UUID]) -> list[Entry]:
    return [
        Entry(what="left_out", at=row.received_at, rule=row.reason, source_id=row.source_id, key=row.key,
              identifiers=[(row.kind, row.value)])
        for row in Refusal.objects.filter(workspace_id=workspace_id, customer_id__in=ids)
    ]  # fmt: skip


def _apart(workspace_id: int, customer_id: UUID) -> list[Entry]:
    rows = Apart.objects.filter(workspace_id=workspace_id).filter(Q(first_now=customer_id) | Q(second_now=customer_id))
    seen: dict[UUID, Entry] = {}
    for row in rows.order_by("id"):
        other = row.second_now if row.first_now == customer_id else row.first_now
        seen.setdefault(other, Entry(what="kept_apart", at=row.made_at, other=other, person=row.person, reason=row.reason))
    return list(seen.values())
