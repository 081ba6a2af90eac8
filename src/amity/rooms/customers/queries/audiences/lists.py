"""Audiences for pages: the list with its changes, members in pages, sizes over time, overlaps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from amity.engines.present.bulk import run
from amity.kernel.clock import DAY, now_ms
from amity.rooms.customers.contracts import CustomerLine
from amity.rooms.customers.models import Audience, AudienceSize, ComputedTrait, Member
from amity.rooms.customers.queries.rows import LINE, fetch, lines_of

_BEFORE = """
    SELECT DISTINCT ON (audience_id) audience_id, size FROM customers_audience_size
    WHERE audience_id = ANY(%b::bigint[]) AND hour < %b ORDER BY audience_id, hour DESC
"""
_OVERLAP = """
    SELECT o.audience_id, count(*) FROM customers_member m JOIN customers_member o ON o.customer_id = m.customer_id AND o.inside
    WHERE m.audience_id = %b AND m.inside AND o.audience_id <> m.audience_id GROUP BY o.audience_id
"""
_THESE = f"""
    SELECT {LINE} FROM customers_activity a JOIN customers_customer c ON c.id = a.customer_id
    WHERE a.workspace_id = %s AND a.customer_id = ANY(%s) AND NOT a.merged
"""  # noqa: S608


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlap:
    """How many of one audience are in another, too; `share` of the smaller of the two."""

    audience: Audience
    both: int
    share: float


def list_audiences(*, workspace_id: int, archived: bool = False, text: str = "") -> list[Audience]:
    """Return a workspace's audiences by name; with `text`, those whose name or description has it."""
    from django.db.models import Q

    found = Audience.objects.filter(workspace_id=workspace_id, archived_at__isnull=not archived)
    if text:
        found = found.filter(Q(name__icontains=text) | Q(about__icontains=text))
    return list(found.order_by("name", "pk"))


def names_of(workspace_id: int) -> dict[tuple[str, int], str]:
    """Return names by ("audience" or "trait", id), archived ones too."""
    audiences = Audience.objects.filter(workspace_id=workspace_id).values_list("pk", "name")
    traits = ComputedTrait.objects.filter(workspace_id=workspace_id).values_list("pk", "name")
    return {("audience", pk): name for pk, name in audiences} | {("trait", pk): name for pk, name in traits}


def sizes_before(audiences: Sequence[int], instant: int) -> Mapping[int, int]:
    """Return how large audiences were at an instant (ms), of those that were counted before."""
    from amity.engines.present.bulk import bigints

    return dict(run(_BEFORE, [bigints(audiences), instant]))


def sizes_of(audience_id: int, *, days: int = 90) -> list[AudienceSize]:
    """Return an audience's sizes, oldest first: the hours in which it changed."""
    since = now_ms() - days * DAY
    return list(AudienceSize.objects.filter(audience_id=audience_id, hour__gte=since).order_by("hour"))


def member_ids(audience_id: int, *, after: UUID | None = None, limit: int = 50) -> list[tuple[UUID, int]]:
    """Return (customer, since) of members in the order of ids, after one of them."""
    found = Member.objects.filter(audience_id=audience_id, inside=True)
    if after is not None:
        found = found.filter(customer_id__gt=after)
    return list(found.order_by("customer_id").values_list("customer_id", "since")[:limit])


def audiences_of(customer_id: UUID) -> list[tuple[int, str, int]]:
    """Return (id, name, since) of the audiences that a customer is in."""
    found = Member.objects.filter(customer_id=customer_id, inside=True, audience__archived_at=None)
    return list(found.order_by("audience__name").values_list("audience_id", "audience__name", "since"))


def overlaps(audience: Audience) -> list[Overlap]:
    """Return how an audience overlaps with each other one, most first."""
    both = dict(run(_OVERLAP, [audience.pk]))
    others = Audience.objects.filter(pk__in=both, archived_at=None)
    found = [
        Overlap(audience=one, both=both[one.pk], share=both[one.pk] / max(min(one.size, audience.size), 1)) for one in others
    ]
    return sorted(found, key=lambda one: (-one.both, one.audience.name))


def lines_by_id(workspace_id: int, ids: Sequence[UUID]) -> dict[UUID, CustomerLine]:
    """Return the list's lines of customers."""
    return {one.id: one for one in lines_of(workspace_id, fetch(_THESE, [workspace_id, list(ids)]))}
