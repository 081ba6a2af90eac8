"""The RFM grid: how many customers each cell has, what they brought, and who they are. All of one set of rows, so that counts agree."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from amity.engines.present.bulk import run
from amity.rooms.customers.models import ComputedTrait
from amity.rooms.customers.rules.computed.standard import SEGMENTS, STAGES

SCORES = (1, 2, 3, 4, 5)
_JOINED = """
    FROM customers_computed_value r
    JOIN customers_computed_value f ON f.customer_id = r.customer_id AND f.trait_id = %b AND f.number IS NOT NULL
    LEFT JOIN customers_computed_value m ON m.customer_id = r.customer_id AND m.trait_id = %b
    LEFT JOIN customers_computed_value d ON d.customer_id = r.customer_id AND d.trait_id = %b
    LEFT JOIN customers_computed_value n ON n.customer_id = r.customer_id AND n.trait_id = %b
    WHERE r.trait_id = %b AND r.number IS NOT NULL
"""
_GRID = f"SELECT r.number::int, f.number::int, count(*), coalesce(sum(m.number), 0) {_JOINED} GROUP BY 1, 2"
_CELL = f"""
    SELECT r.customer_id, d.number, n.number, m.number {_JOINED} AND r.number = %b AND f.number = %b
    ORDER BY m.number DESC NULLS LAST, r.customer_id LIMIT %b OFFSET %b
"""
_NAMED = """
    SELECT s.value #>> '{}', count(*), coalesce(sum(m.number), 0) FROM customers_computed_value s
    LEFT JOIN customers_computed_value m ON m.customer_id = s.customer_id AND m.trait_id = %b
    WHERE s.trait_id = %b AND s.value IS NOT NULL GROUP BY 1
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """Customers with these two scores: how many, what they brought together, and their share of all, from 0 to 5 for its shade."""

    recency: int
    frequency: int
    customers: int
    money: float
    shade: int

    @property
    def mean(self) -> float:
        """What one brought on average."""
        return self.money / self.customers if self.customers else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """An RFM segment or a lifecycle stage: what it means, how many, what they brought."""

    name: str
    said: str
    customers: int
    money: float
    share: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Buyer:
    """A customer of a cell: days since the last purchase, how many, and the money."""

    customer_id: UUID
    days: float | None
    purchases: float | None
    money: float | None


def standard_ids(workspace_id: int) -> dict[str, int]:
    """Return the workspace's standard traits in use, by origin."""
    found = ComputedTrait.objects.filter(workspace_id=workspace_id, archived_at=None).exclude(origin="")
    return dict(found.values_list("origin", "pk"))


def grid(ids: Mapping[str, int]) -> list[list[Cell]]:
    """Return rows from frequency 5 down, in each recency from 1 up."""
    found = {(r, f): (count, float(money)) for r, f, count, money in run(_GRID, _traits(ids))}
    most = max((count for count, _ in found.values()), default=0)
    return [[_cell(r, f, *found.get((r, f), (0, 0.0)), most) for r in SCORES] for f in reversed(SCORES)]


def cell(ids: Mapping[str, int], *, recency: int, frequency: int, limit: int, offset: int) -> list[Buyer]:
    """Return a cell's customers, those who brought most first."""
    rows = run(_CELL, [*_traits(ids), recency, frequency, limit, offset])
    return [Buyer(customer_id=who, days=days, purchases=number, money=money) for who, days, number, money in rows]


def segments(ids: Mapping[str, int]) -> list[Group]:
    """Return the RFM segments with their numbers."""
    return _groups(ids, "rfm.segment", SEGMENTS)


def stages(ids: Mapping[str, int]) -> list[Group]:
    """Return the lifecycle's stages with their numbers."""
    return _groups(ids, "life.stage", STAGES)


def _groups(ids: Mapping[str, int], origin: str, known: Sequence[tuple[str, str]]) -> list[Group]:
    found = {name: (count, float(money)) for name, count, money in run(_NAMED, [ids["rfm.money"], ids[origin]])}
    everybody = sum(count for count, _ in found.values())
    groups = []
    for name, said in known:
        count, money = found.get(name, (0, 0.0))
        groups.append(Group(name=name, said=said, customers=count, money=money, share=count / everybody if everybody else 0.0))
    return groups


def _traits(ids: Mapping[str, int]) -> list[int]:
    return [ids["rfm.f"], ids["rfm.money"], ids["rfm.recency"], ids["rfm.frequency"], ids["rfm.r"]]


def _cell(recency: int, frequency: int, count: int, money: float, most: int) -> Cell:
    shade = 0 if not count else max(1, round(5 * count / most))
    return Cell(recency=recency, frequency=frequency, customers=count, money=money, shade=shade)
