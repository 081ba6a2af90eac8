"""Checks and how they went, as the present holds them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber

from amity.kernel.clock import DAY
from amity.kernel.errors import NotFound
from amity.rooms.metrics.contracts import Figure
from amity.rooms.metrics.models import Check, CheckRun
from amity.rooms.metrics.rules.statistics import Sums, proportion

KEPT_FOR = 30 * DAY
DRAWN = 48  # runs of a sparkline


@dataclass(frozen=True, slots=True, kw_only=True)
class Went:
    """How a check went: the share of runs without fault over a day and over a week, with Wilson's interval; runs, the newest first."""

    day: Figure
    week: Figure
    runs: Sequence[CheckRun]

    @property
    def last(self) -> CheckRun | None:
        """The newest run."""
        return self.runs[0] if self.runs else None


def accessible_check(*, workspace_id: int, check_id: int) -> Check:
    """Return a check of a workspace that is in use. Raises NotFound."""
    found = Check.objects.filter(workspace_id=workspace_id, pk=check_id, archived_at=None).first()
    if found is None:
        raise NotFound("There is no such check here.")
    return found


def list_checks(*, workspace_id: int) -> list[Check]:
    """Return a workspace's checks in use, by name."""
    return list(Check.objects.filter(workspace_id=workspace_id, archived_at=None).order_by("name", "pk"))


def how_they_went(checks: Sequence[Check], *, now: int) -> dict[int, Went]:
    """Return by check how it went until now (ms)."""
    runs = CheckRun.objects.filter(of__in=checks)
    day = Q(started_at__gt=now - DAY)
    sums = {
        row["of"]: row
        for row in runs.filter(started_at__gt=now - 7 * DAY).values("of").annotate(
            week=Count("pk"), week_ok=Count("pk", filter=Q(ok=True)), day=Count("pk", filter=day),
            day_ok=Count("pk", filter=day & Q(ok=True)),
        )
    }  # fmt: skip
    newest: dict[int, list[CheckRun]] = {one.pk: [] for one in checks}
    place = Window(RowNumber(), partition_by=F("of"), order_by=F("started_at").desc())
    for run in runs.annotate(place=place).filter(place__lte=DRAWN).order_by("-started_at", "-pk"):
        newest[run.of_id].append(run)
    none = {"week": 0, "week_ok": 0, "day": 0, "day_ok": 0}
    return {
        one.pk: Went(
            day=_share(row["day_ok"], row["day"]), week=_share(row["week_ok"], row["week"]), runs=newest[one.pk]
        )
        for one in checks
        for row in [sums.get(one.pk, none)]
    }  # fmt: skip


def list_runs(*, check_id: int, failed: bool = False, before: int = 0, limit: int = 50) -> list[CheckRun]:
    """Return runs of a check, the newest first; `failed`: those only; `before`: only those with a lower id."""
    found = CheckRun.objects.filter(of_id=check_id)
    found = found.filter(ok=False) if failed else found
    found = found.filter(pk__lt=before) if before else found
    return list(found.order_by("-pk")[:limit])


def _share(ok: int, n: int) -> Figure:
    """Return the availability, as the shipped metric has it: each run is sampled by itself."""
    return proportion(Sums(n=n, events=n, y=ok, x=n, yy=ok, xx=n, xy=ok))
