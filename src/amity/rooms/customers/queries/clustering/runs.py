"""How customers were sorted: the runs, one's segments with what sets them apart, and who is in them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from importlib.util import find_spec
from uuid import UUID

from amity.engines.present.bulk import run
from amity.kernel.errors import NotFound
from amity.rooms.customers.models import Audience, ClusterMember, ClusterRun
from amity.rooms.customers.models.matching import DONE

LACKING = (
    "Sorting customers by behaviour needs scikit-learn, which isn’t installed. On Amity’s machine: pip install 'amity[segments]'"
)
_BOTH = """
    SELECT a.segment, b.segment, count(*) FROM customers_cluster_member a
    JOIN customers_cluster_member b ON b.customer_id = a.customer_id AND b.run_id = %b WHERE a.run_id = %b GROUP BY 1, 2
"""


def lacking() -> str:
    """Return what is lacking to sort customers, as a sentence that says how to install it; empty where all is there."""
    return "" if find_spec("sklearn") else LACKING


def latest_run(*, workspace_id: int) -> ClusterRun | None:
    """Return the run that was asked for last."""
    return ClusterRun.objects.filter(workspace_id=workspace_id).order_by("-id").first()


def shown_run(*, workspace_id: int) -> ClusterRun | None:
    """Return the newest run that has an answer."""
    return ClusterRun.objects.filter(workspace_id=workspace_id, state=DONE).order_by("-id").first()


def get_run(*, workspace_id: int, run_id: int) -> ClusterRun:
    """Return one run. Raises NotFound."""
    found = ClusterRun.objects.filter(workspace_id=workspace_id, pk=run_id).first()
    if found is None:
        raise NotFound("There is no such run here.")
    return found


def earlier_runs(one: ClusterRun) -> list[ClusterRun]:
    """Return the runs before one that still have members, newest first."""
    found = ClusterRun.objects.filter(workspace_id=one.workspace_id, state=DONE, pk__lt=one.pk).order_by("-id")[:5]
    return [run_ for run_ in found if ClusterMember.objects.filter(run_id=run_.pk).exists()]


def sizes_of(run_id: int) -> Counter[int]:
    """Return how many are in each segment now."""
    rows = run("SELECT segment, count(*) FROM customers_cluster_member WHERE run_id = %b GROUP BY segment", [run_id])
    return Counter(dict(rows))


def typical_of(run_id: int, segment: int, *, limit: int = 5) -> list[UUID]:
    """Return the customers of a segment who are nearest to its centre."""
    found = ClusterMember.objects.filter(run_id=run_id, segment=segment).order_by("distance", "customer_id")
    return list(found.values_list("customer_id", flat=True)[:limit])


def members_of(run_id: int, segment: int, *, after: int, limit: int) -> list[tuple[UUID, float]]:
    """Return (customer, distance from the centre) of a stretch of a segment, the nearest first."""
    found = ClusterMember.objects.filter(run_id=run_id, segment=segment).order_by("distance", "customer_id")
    return list(found.values_list("customer_id", "distance")[after : after + limit])


def shared_with(one: ClusterRun, other: ClusterRun) -> list[tuple[int, int, int]]:
    """Return (segment of one, segment of other, customers in both)."""
    return [(a, b, n) for a, b, n in run(_BOTH, [other.pk, one.pk])]


def lists_of(one: ClusterRun) -> dict[int, Audience]:
    """Return the lists that a run's segments are kept in, those in use."""
    ids = {int(segment): audience for segment, audience in one.lists.items()}
    found: Sequence[Audience] = list(Audience.objects.filter(pk__in=ids.values(), archived_at=None))
    by_id = {audience.pk: audience for audience in found}
    return {segment: by_id[audience] for segment, audience in ids.items() if audience in by_id}
