"""Proposals as they stand today: ids lead to who they are now, and two who became one or are kept apart are no proposal any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F

from amity.kernel.errors import NotFound
from amity.rooms.customers.models import Apart, Customer, MatchPair
from amity.rooms.customers.models.matching import REJECTED
from amity.rooms.customers.queries.matching.people import PURPOSE
from amity.rooms.customers.queries.permission import permitting
from amity.rooms.customers.queries.rows import fetch

MOST = 10_000
MOST_COUNTED = 300
# The heaviest proposal of two customers of today stands for them: a merge may have brought several together. Who objects to
# being compared is left out as of now, whatever was found before.
_OPEN = """
    WITH now AS (
        SELECT p.id, p.weight, coalesce(l.merged_into, l.id) AS x, coalesce(r.merged_into, r.id) AS y
        FROM customers_match_pair p
        JOIN customers_customer l ON l.id = p.first_id JOIN customers_customer r ON r.id = p.second_id
        WHERE p.workspace_id = %(workspace)s AND p.state = 'open' AND p.weight >= %(weight)s AND {which}
        ORDER BY p.weight DESC, p.id LIMIT %(most)s
    ), pairs AS (
        SELECT DISTINCT ON (least(x, y), greatest(x, y)) id, weight, least(x, y) AS x, greatest(x, y) AS y
        FROM now n WHERE x <> y AND NOT EXISTS (
            SELECT FROM customers_apart a WHERE (a.first_now = n.x AND a.second_now = n.y) OR (a.first_now = n.y AND a.second_now = n.x)
        )
        ORDER BY least(x, y), greatest(x, y), weight DESC, id
    ), allowed AS (
        SELECT c.id FROM (SELECT x AS id FROM pairs UNION SELECT y FROM pairs) ids
        JOIN customers_customer c ON c.id = ids.id JOIN customers_activity a ON a.customer_id = c.id WHERE {allowed}
    )
    SELECT id, weight, x, y FROM pairs
    WHERE x IN (SELECT id FROM allowed) AND y IN (SELECT id FROM allowed)
    ORDER BY weight DESC, id
"""
_OF_ONE = """(p.first_id = ANY(%(ids)s) OR p.second_id = ANY(%(ids)s))"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """That two customers of today may be one. `weight` is log2 of the odds."""

    id: int
    weight: float
    first: UUID
    second: UUID


def list_proposals(*, workspace_id: int, weight: float = -1_000.0, most: int = MOST) -> list[Proposal]:
    """Return what is proposed, heaviest first, from a match weight on."""
    return _open(workspace_id, "true", {"weight": weight, "most": most})


def count_proposals(*, workspace_id: int) -> int:
    """Return how many proposals are open; MOST_COUNTED stands for that many and more."""
    if not MatchPair.objects.filter(workspace_id=workspace_id, state="open").exists():
        return 0
    return len(list_proposals(workspace_id=workspace_id, most=MOST_COUNTED))


def proposals_of(*, workspace_id: int, customer_id: UUID, merged: Sequence[UUID] | None = None) -> list[Proposal]:
    """Return who a customer of today may be as well, heaviest first. `merged` are those it took in, where they are known already."""
    if merged is None:
        merged = list(Customer.objects.filter(workspace_id=workspace_id, merged_into=customer_id).values_list("id", flat=True))
    ids = [customer_id, *merged]
    return _open(workspace_id, _OF_ONE, {"weight": -1_000.0, "most": MOST_COUNTED, "ids": ids})


def find_proposal(*, workspace_id: int, pair_id: int) -> tuple[MatchPair, Proposal]:
    """Return a proposal that is open today, with its row. Raises NotFound, also for what was decided or settled meanwhile."""
    found = _open(workspace_id, "p.id = %(pair)s", {"weight": -1_000.0, "most": 1, "pair": pair_id})
    if not found:
        raise NotFound("This isn’t proposed any more: somebody decided, or the two became one.")
    return MatchPair.objects.get(workspace_id=workspace_id, pk=found[0].id), found[0]


def apart_pairs(*, workspace_id: int) -> set[tuple[UUID, UUID]]:
    """Return who is kept apart from whom today, the smaller id first."""
    rows = Apart.objects.filter(workspace_id=workspace_id).values_list("first_now", "second_now")
    return {(min(row), max(row)) for row in rows}


def rejected_ids(*, workspace_id: int) -> set[UUID]:
    """Return the customers of pairs of which somebody said "not now"."""
    rows = MatchPair.objects.filter(workspace_id=workspace_id, state=REJECTED).values_list("first_id", "second_id")
    return {one for row in rows for one in row}


def rows_between(*, workspace_id: int, customer_ids: Iterable[UUID]) -> list[MatchPair]:
    """Return the open rows of which both sides are among customers of today, whatever ids they stand under."""
    wanted = list(set(customer_ids))
    under = {
        one.id: one.merged_into or one.id
        for one in Customer.objects.filter(workspace_id=workspace_id, id__in=wanted)
        | Customer.objects.filter(workspace_id=workspace_id, merged_into__in=wanted)
    }
    rows = MatchPair.objects.filter(workspace_id=workspace_id, state="open", first_id__in=under, second_id__in=under)
    return list(rows.exclude(first_id=F("second_id")).order_by("-weight", "id"))


def _open(workspace_id: int, which: str, given: dict[str, object]) -> list[Proposal]:
    allowed = permitting(workspace_id=workspace_id, purpose=PURPOSE)
    sql = _OPEN.format(which=which, allowed=allowed.sql)
    rows: Sequence[tuple[int, float, UUID, UUID]] = fetch(sql, {**allowed.params, "workspace": workspace_id, **given})
    return [Proposal(id=id_, weight=weight, first=x, second=y) for id_, weight, x, y in rows]
