"""Merges of a workspace by what people ask for: rule, identifier, span of time, source; and how taking them back goes."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import Any, Self
from uuid import UUID

from django.db.models import Q, QuerySet

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.customers import contracts
from amity.rooms.customers.models import Merge, UnmergeRun
from amity.rooms.customers.queries.evidence import current_of
from amity.rooms.customers.queries.profiles import merge_of

RULES = ("shared_identifiers", "alias", "people")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which merges: empty fields let everything through. Times are ms, of when the merge happened; `until` is left out.

    `kind` and `value` are an identifier that the deciding interaction carried.
    """

    merge: int | None = None
    rule: str = ""
    kind: str = ""
    value: str = ""
    source: int | None = None
    since: int | None = None
    until: int | None = None

    def __post_init__(self) -> None:
        if not self.stored():
            raise Invalid("Say which merges: by one of rule, identifier, source or time.")
        if self.rule and self.rule not in RULES:
            raise Invalid(f"A merge's rule is one of {', '.join(RULES)}.")

    def stored(self) -> dict[str, Any]:
        """Return it as JSON holds it, without what is empty."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}

    @classmethod
    def read(cls, stored: dict[str, Any]) -> Self:
        """Return what `stored` gave."""
        return cls(**stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class Count:
    """How many merges a query finds, and of how many customers."""

    merges: int
    customers: int


def matching(*, workspace_id: int, wanted: Wanted) -> QuerySet[Merge]:
    """Return the merges that stand and that are wanted."""
    found = Q(workspace_id=workspace_id, undone=None)
    if wanted.merge is not None:
        found &= Q(pk=wanted.merge)
    if wanted.rule:
        found &= Q(rule=wanted.rule)
    if wanted.source is not None:
        found &= Q(source_id=wanted.source)
    if wanted.since is not None:
        found &= Q(merged_at__gte=wanted.since)
    if wanted.until is not None:
        found &= Q(merged_at__lt=wanted.until)
    rows = Merge.objects.filter(found)
    if wanted.value or wanted.kind:
        rows = rows.filter(identifiers__contains=[[part for part in (wanted.kind, wanted.value) if part]])
    return rows


def count_matching(*, workspace_id: int, wanted: Wanted) -> Count:
    """Count without doing anything."""
    pairs = list(matching(workspace_id=workspace_id, wanted=wanted).values_list("old_id", "into_id"))
    return Count(merges=len(pairs), customers=len({one for pair in pairs for one in pair}))


def examples(*, workspace_id: int, wanted: Wanted, limit: int = 10) -> list[contracts.Merge]:
    """Return some of the merges that are wanted, newest first, each with the customer of today in `into_id`."""
    rows = list(matching(workspace_id=workspace_id, wanted=wanted).order_by("-id")[:limit])
    current = current_of(workspace_id=workspace_id, customer_ids=[row.into_id for row in rows])
    return [replace(merge_of(row), into_id=current.get(row.into_id, row.into_id)) for row in rows]


def list_runs(workspace_id: int, *, limit: int = 20) -> list[UnmergeRun]:
    """Return what people asked to take back, newest first; not what applied rules took back."""
    return list(UnmergeRun.objects.filter(workspace_id=workspace_id).exclude(wanted__has_key="version").order_by("-id")[:limit])


def get_merge(*, workspace_id: int, merge_id: int, ids: list[UUID] | None = None) -> Merge:
    """Return a merge that stands, of one of `ids` where they are given. Raises NotFound."""
    row = Merge.objects.filter(workspace_id=workspace_id, pk=merge_id, undone=None).first()
    if row is None or (ids is not None and row.into_id not in ids):
        raise NotFound("There is no such join, or it was taken back already.")
    return row


def get_run(*, workspace_id: int, run_id: int) -> UnmergeRun:
    """Return how a run goes. Raises NotFound."""
    row = UnmergeRun.objects.filter(workspace_id=workspace_id, pk=run_id).exclude(wanted__has_key="version").first()
    if row is None:
        raise NotFound("There is no such run.")
    return row
