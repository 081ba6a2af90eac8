"""Work a run: read what customers did, learn segments, sort everybody into them, and keep who is where.

Whoever works a run holds its claim and tells of itself; after a crash another one begins it anew. Runs whose segments are kept as
lists are sorted again every day by the same centres: by `nearest`, as at first.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from time import monotonic
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from amity.engines.present.bulk import run as run_sql
from amity.engines.present.bulk import uuids
from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid
from amity.kernel.ids import new_id
from amity.rooms.customers.actions.clustering.ask import refill_lists, runs_to_sort_again
from amity.rooms.customers.actions.clustering.learning import Learned, learn
from amity.rooms.customers.models import ClusterMember, ClusterRun
from amity.rooms.customers.models.matching import DONE, FAILED, RUNNING, STOPPED, WAITING
from amity.rooms.customers.queries.clustering.behaviour import (
    Names,
    Part,
    common_names,
    parts_for,
    read_part,
    who_may_be_sorted,
)
from amity.rooms.customers.queries.clustering.runs import lacking
from amity.rooms.customers.rules.clustering.describe import differences, named
from amity.rooms.customers.rules.clustering.model import LEAST_INTERACTIONS, Model, features, nearest, read, written
from amity.rooms.trust import api as trust

if TYPE_CHECKING:
    import numpy as np

QUIET_AFTER = timedelta(seconds=120)
FEWEST_CUSTOMERS = 60
RUNS_KEPT = 6  # with their members
MOST_DESCRIBED = 60_000  # customers by whose features segments are described
_TELL_EVERY = 1.0
_LEARN, _READ = 0.6, 0.15  # shares of the work
_PUT = """
    INSERT INTO customers_cluster_member (run_id, customer_id, segment, distance)
    SELECT %b, n.customer, n.segment, n.distance FROM unnest(%b::uuid[], %b::smallint[], %b::float8[]) AS n (customer, segment, distance)
    ON CONFLICT (run_id, customer_id) DO UPDATE SET segment = excluded.segment, distance = excluded.distance
"""

log = structlog.get_logger("amity.clustering")


class Interrupted(Exception):
    """Whoever works the run is to stop: another goes on from the beginning."""


class Cancelled(Exception):
    """A person asked that the run ends."""


def run_next_clustering(*, stopping: Callable[[], bool]) -> bool:
    """Work the run that waits longest, or sort one again whose day is over; return whether there was one. Raises what an engine raises."""
    run = _claim()
    if run is None:
        for one in runs_to_sort_again():
            sort_again(one, stopping=stopping)
            return True
        return False
    try:
        _Work(run, stopping).work()
    except Interrupted:
        ClusterRun.objects.filter(pk=run.pk, claim=run.claim).update(state=WAITING, claim="", doing="", share=0.0)
        log.info("clustering interrupted", run=run.pk)
    except Cancelled:
        _end(run, STOPPED)
    except AmityError as error:
        if not isinstance(error, Invalid):  # an engine is away: it begins anew as soon as that is back
            ClusterRun.objects.filter(pk=run.pk, claim=run.claim).update(state=WAITING, claim="", trouble=error.message)
            raise
        _end(run, FAILED, error.message)
    except (ValueError, ArithmeticError, MemoryError) as error:
        log.exception("clustering failed", run=run.pk)
        _end(run, FAILED, f"Sorting failed ({type(error).__name__}).")
    return True


def sort_again(run: ClusterRun, *, stopping: Callable[[], bool] = lambda: False) -> None:
    """Sort customers as they are now into a run's segments, and let its lists follow."""
    model = read(run.model["model"])
    allowed, withheld = who_may_be_sorted(run.workspace_id)
    names, zone = Names(channels=model.channels, events=model.events), _zone(run)
    parts, number = parts_for(len(allowed)), 0
    with transaction.atomic():
        ClusterMember.objects.filter(run_id=run.pk).delete()
        for part in range(parts):
            if stopping():
                transaction.set_rollback(True)
                return
            some = read_part(
                run.workspace_id, zone=zone, names=names, least=int(run.wanted["least"]), part=part, parts=parts, allowed=allowed
            )
            number += len(some.ids)
            _keep(run.pk, some, model)
        ClusterRun.objects.filter(pk=run.pk).update(
            sorted_at=now_ms(), sorted_customers=number, withheld=withheld, few=max(len(allowed) - number, 0)
        )
    refill_lists(run)


def _claim() -> ClusterRun | None:
    quiet = Q(state=RUNNING, told_at__lt=timezone.now() - QUIET_AFTER)
    with transaction.atomic():
        run = ClusterRun.objects.select_for_update(skip_locked=True).filter(Q(state=WAITING) | quiet).order_by("id").first()
        if run is None:
            return None
        run.claim, run.state, run.started_at, run.trouble = new_id().hex, RUNNING, now_ms(), ""
        run.save(update_fields=["claim", "state", "started_at", "trouble"])
        ClusterRun.objects.filter(pk=run.pk).update(told_at=Now())
    return run


def _end(run: ClusterRun, state: str, trouble: str = "") -> None:
    ClusterRun.objects.filter(pk=run.pk, claim=run.claim).update(
        state=state, claim="", doing="", trouble=trouble, finished_at=now_ms()
    )


class _Work:
    """One turn at a run that was claimed."""

    def __init__(self, run: ClusterRun, stopping: Callable[[], bool]) -> None:
        self._run, self._stopping, self._due = run, stopping, 0.0

    def work(self) -> None:
        if said := lacking():
            raise Invalid(said)
        run, wanted = self._run, self._run.wanted
        self._tell("Asking who may be sorted", 0.01)
        allowed, withheld = who_may_be_sorted(run.workspace_id)
        names = common_names(run.workspace_id, customers=max(len(allowed), 1))
        parts = self._read(names, allowed, least=int(wanted.get("least", LEAST_INTERACTIONS)))
        number = sum(len(part.ids) for part in parts)
        if number < FEWEST_CUSTOMERS:
            raise Invalid(
                f"Only {number:,} customers may be sorted and did enough; it takes {FEWEST_CUSTOMERS} at least. {withheld:,} don’t allow it."
            )
        raw, columns = self._features(parts, names, tuple(wanted["groups"]))
        learned = learn(raw, number=int(wanted["number"]), told=lambda doing, share: self._tell(doing, _READ + _LEARN * share))
        model = _model(learned, names, tuple(wanted["groups"]), columns)
        self._tell("Keeping who is where", 0.9, now=True)
        self._keep(model, learned, raw, columns, parts, withheld=withheld, allowed=len(allowed))

    def _read(self, names: Names, allowed: set[UUID], *, least: int) -> list[Part]:
        parts, found = parts_for(len(allowed)), []
        for part in range(parts):
            self._tell(f"Reading customers: part {part + 1} of {parts}", _READ * part / parts)
            found.append(
                read_part(
                    self._run.workspace_id,
                    zone=_zone(self._run),
                    names=names,
                    least=least,
                    part=part,
                    parts=parts,
                    allowed=allowed,
                )
            )
        return found

    def _features(self, parts: list[Part], names: Names, groups: tuple[str, ...]) -> tuple[np.ndarray, list[tuple[str, str]]]:
        import numpy as np

        made = [features(part.tallies, groups=groups, channels=names.channels, events=names.events) for part in parts]
        if not made[0][1]:
            raise Invalid("Too few customers share a channel or an event for that kind of behaviour; choose another.")
        return np.vstack([raw for raw, _ in made]), made[0][1]

    def _keep(  # noqa: PLR0913  one argument for each part
        self,
        model: Model,
        learned: Learned,
        raw: np.ndarray,
        columns: list[tuple[str, str]],
        parts: list[Part],
        *,
        withheld: int,
        allowed: int,
    ) -> None:
        run, number = self._run, sum(len(part.ids) for part in parts)
        segments, _ = nearest(raw[:MOST_DESCRIBED], model)
        told = differences(raw[:MOST_DESCRIBED], segments, len(model.centres), columns)
        names = named([one["told"] for one in told])
        with transaction.atomic():
            held = ClusterRun.objects.select_for_update().filter(pk=run.pk, claim=run.claim, state=RUNNING, stop_asked=False)
            if not held.exists():
                raise Cancelled  # stopped at the last moment, or taken up by another
            for part in parts:
                _keep(run.pk, part, model)
            kept: dict[str, Any] = {
                "model": written(model), "stable": learned.stable, "chosen": learned.chosen.number, "learned_on": learned.learned_on,
                "tried": [
                    {
                        "number": one.number, "silhouette": one.silhouette, "stability": one.stability, "low": one.low, "high": one.high,
                        "smallest": one.smallest,
                    }
                    for one in learned.tried
                ],
                "segments": [{"name": name, **one} for name, one in zip(names, told, strict=True)],
            }  # fmt: skip
            now = now_ms()
            held.update(
                state=DONE,
                claim="",
                doing="",
                share=1.0,
                finished_at=now,
                sorted_at=now,
                sorted_customers=number,
                withheld=withheld,
                few=max(allowed - number, 0),
                model=kept,
            )
            _forget(run.workspace_id)

    def _tell(self, doing: str, share: float, *, now: bool = False) -> None:
        if self._stopping():
            raise Interrupted
        if monotonic() < self._due and not now:
            return
        self._due = monotonic() + _TELL_EVERY
        run = self._run
        told = ClusterRun.objects.filter(pk=run.pk, claim=run.claim, state=RUNNING)
        if not told.update(doing=doing, share=share, told_at=Now()):
            raise Cancelled  # somebody else took it up, or the workspace is gone
        if told.filter(stop_asked=True).exists():
            raise Cancelled


def _model(learned: Learned, names: Names, groups: tuple[str, ...], columns: list[tuple[str, str]]) -> Model:
    return Model(
        groups=groups, channels=names.channels, events=names.events, names=tuple(columns), means=tuple(learned.means.tolist()),
        sds=tuple(learned.sds.tolist()), centres=tuple(tuple(one) for one in learned.chosen.centres.tolist()),
    )  # fmt: skip


def _keep(run_id: int, part: Part, model: Model) -> None:
    if not part.ids:
        return
    raw, _ = features(part.tallies, groups=model.groups, channels=model.channels, events=model.events)
    segments, distances = nearest(raw, model)
    run_sql(_PUT, [run_id, uuids(part.ids), segments.tolist(), distances.tolist()])


def _forget(workspace_id: int) -> None:
    """Let members of old runs go, but for those whose segments are kept as lists."""
    old = ClusterRun.objects.filter(workspace_id=workspace_id, state=DONE).order_by("-id").values_list("pk", "lists")[RUNS_KEPT:]
    ClusterMember.objects.filter(run_id__in=[pk for pk, lists in old if not lists]).delete()


def _zone(run: ClusterRun) -> str:
    return trust.get_workspace_by_id(run.workspace_id).time_zone
