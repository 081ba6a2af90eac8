"""Computed traits for pages: the list, one, its values in pages and as a distribution, and what a customer has.

A value that was picked of something sealed is shown as dots, like the interaction that it is of.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from amity.engines.present.bulk import run
from amity.kernel.errors import NotFound
from amity.kernel.sealed import hide_deep
from amity.rooms.customers.models import ComputedTrait, ComputedValue

_SPREAD = """
    SELECT count(*), avg(number), min(number), max(number),
        percentile_cont(ARRAY[0.1, 0.25, 0.5, 0.75, 0.9]) WITHIN GROUP (ORDER BY number)
    FROM customers_computed_value WHERE trait_id = %b AND number IS NOT NULL
"""
_COMMON = """
    SELECT value, count(*) FROM customers_computed_value WHERE trait_id = %b AND value IS NOT NULL
    GROUP BY value ORDER BY 2 DESC, 1 LIMIT %b
"""


@dataclass(frozen=True, kw_only=True)
class Spread:
    """How a number is spread over the `n` customers who have it. `percentiles` are the 10th, 25th, 50th, 75th and 90th."""

    n: int
    average: float
    smallest: float
    largest: float
    percentiles: Sequence[float]


@dataclass(frozen=True, kw_only=True)
class Held:
    """A customer's value of a computed trait, since when (ms)."""

    trait: ComputedTrait
    value: Any
    since: int


def accessible_trait(*, workspace_id: int, trait_id: int) -> ComputedTrait:
    """Return a computed trait of a workspace, an archived one too. Raises NotFound."""
    found = ComputedTrait.objects.filter(workspace_id=workspace_id, pk=trait_id).first()
    if found is None:
        raise NotFound("There is no such computed trait here.")
    return found


def list_traits(*, workspace_id: int, archived: bool = False, text: str = "") -> list[ComputedTrait]:
    """Return a workspace's computed traits by name; with `text`, those whose name or description has it."""
    from django.db.models import Q

    found = ComputedTrait.objects.filter(workspace_id=workspace_id, archived_at__isnull=not archived)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(about__icontains=text))
    return list(found.order_by("name", "pk"))


def trait_names(workspace_id: int) -> dict[int, str]:
    """Return names by id, archived ones too."""
    return dict(ComputedTrait.objects.filter(workspace_id=workspace_id).values_list("pk", "name"))


def spread_of(trait_id: int) -> Spread | None:
    """Return how a trait's numbers are spread; None where it has none."""
    [(n, average, smallest, largest, percentiles)] = run(_SPREAD, [trait_id])
    return Spread(n=n, average=average, smallest=smallest, largest=largest, percentiles=percentiles) if n else None


def common_of(trait_id: int, *, limit: int = 12) -> list[tuple[Any, int]]:
    """Return a trait's most common values with how many customers have each."""
    return [(hide_deep(value), count) for value, count in run(_COMMON, [trait_id, limit])]


def values_page(trait_id: int, *, after: UUID | None = None, limit: int = 50) -> list[tuple[UUID, Any, int]]:
    """Return (customer, value, since) in the order of ids, after one of them; only those who have a value."""
    found = ComputedValue.objects.filter(trait_id=trait_id, value__isnull=False)
    if after is not None:
        found = found.filter(customer_id__gt=after)
    rows = found.order_by("customer_id").values_list("customer_id", "value", "since")[:limit]
    return [(who, hide_deep(value), since) for who, value, since in rows]


def values_of(customer_id: UUID) -> list[Held]:
    """Return a customer's values of the traits in use, by name."""
    found = ComputedValue.objects.filter(customer_id=customer_id, value__isnull=False, trait__archived_at=None)
    return [
        Held(trait=one.trait, value=hide_deep(one.value), since=one.since)
        for one in found.select_related("trait").order_by("trait__name")
    ]
