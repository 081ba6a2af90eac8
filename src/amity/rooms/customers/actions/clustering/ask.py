"""Ask that customers are sorted by behaviour, end that, and keep its segments as lists. A worker does the work."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import IntegrityError, transaction
from django.http import HttpRequest

from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Forbidden, Invalid
from amity.rooms.customers.actions.audiences.listing import change_list, create_list
from amity.rooms.customers.models import Audience, ClusterMember, ClusterRun
from amity.rooms.customers.models.matching import DONE, RUNNING, STOPPED, WAITING
from amity.rooms.customers.queries.clustering.runs import get_run, lacking, lists_of
from amity.rooms.customers.rules.audiences.listing import OWN
from amity.rooms.customers.rules.clustering.model import GROUPS, LEAST_INTERACTIONS, USUAL
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import SYSTEM, Access, Actor

PERMISSION = "audiences.write"
FEWEST, MOST = 2, 12


def ask_clustering(
    access: Access,
    *,
    groups: Sequence[str] = USUAL,
    number: int = 0,
    least: int = LEAST_INTERACTIONS,
    request: HttpRequest | None = None,
) -> ClusterRun:
    """Let a worker sort the workspace's customers. `number` of segments: 0 lets the data say.

    Raises Forbidden without `audiences.write`, Invalid where scikit-learn is lacking, a run waits or runs, or something isn't known.
    """
    check(access)
    if said := lacking():
        raise Invalid(said)
    chosen = [name for name in GROUPS if name in groups]
    if not chosen:
        raise Invalid("Choose at least one kind of behaviour to sort by.")
    if number and not FEWEST <= number <= MOST:
        raise Invalid(f"Choose {FEWEST} to {MOST} segments, or let the data say.")
    if not 1 <= least <= 1_000:
        raise Invalid("Sort customers from 1 to 1,000 interactions on.")
    wanted = {"groups": chosen, "number": number, "least": least}
    try:
        with transaction.atomic():
            run = ClusterRun.objects.create(
                workspace_id=access.workspace_id,
                person=access.actor.name,
                person_id=access.actor.id,
                asked_at=now_ms(),
                wanted=wanted,
            )
            trust.record(access, action="clustering.asked", target=f"clustering:{run.pk}", after=wanted, request=request)
    except IntegrityError as error:
        raise Invalid("Customers are being sorted already.") from error
    return run


def stop_clustering(access: Access, *, run_id: int, request: HttpRequest | None = None) -> ClusterRun:
    """End a run. Raises Forbidden, NotFound; Invalid where it has ended."""
    check(access)
    with transaction.atomic():
        run = get_run(workspace_id=access.workspace_id, run_id=run_id)
        waiting = ClusterRun.objects.filter(pk=run.pk, state=WAITING).update(state=STOPPED, stop_asked=True, finished_at=now_ms())
        if not waiting and not ClusterRun.objects.filter(pk=run.pk, state=RUNNING).update(stop_asked=True):
            raise Invalid("This run has ended already.")
        trust.record(access, action="clustering.stopped", target=f"clustering:{run.pk}", request=request)
    run.refresh_from_db()
    return run


def keep_segment(access: Access, *, run_id: int, segment: int, name: str, request: HttpRequest | None = None) -> Audience:
    """Keep a segment as a list, which is sorted anew every day by the same centres. Raises Forbidden, NotFound, Invalid."""
    check(access)
    with transaction.atomic():
        ClusterRun.objects.select_for_update().filter(workspace_id=access.workspace_id, pk=run_id).first()
        run = get_run(workspace_id=access.workspace_id, run_id=run_id)
        if run.state != DONE or not 0 <= segment < len(run.model.get("segments", ())):
            raise Invalid("There is no such segment.")
        if segment in lists_of(run):
            raise Invalid("This segment is kept as a list already.")
        about = f"By behaviour, as sorted on {_day(run.finished_at or now_ms())}; sorted anew every day by the same centres."
        made = create_list(access, workspace_id=access.workspace_id, name=name, about=about, request=request)
        run.lists[str(segment)] = made.pk
        run.save(update_fields=["lists"])
        fill_list(access, run, segment, made, request=request)
    return made


def fill_list(
    who: Access | Actor, run: ClusterRun, segment: int, audience: Audience, *, request: HttpRequest | None = None
) -> None:
    """Let a list hold a segment's members as they are kept now; of an empty segment it stays as it is."""
    members = ClusterMember.objects.filter(run_id=run.pk, segment=segment).values_list("customer_id", flat=True)
    spelled = {str(one): (str(one),) for one in members}
    if not spelled:
        return
    change_list(
        who, workspace_id=run.workspace_id, audience_id=audience.pk, mode="replace", kind=OWN, spelled=spelled, request=request
    )


def runs_to_sort_again() -> list[ClusterRun]:
    """Return the runs whose segments are kept as lists and were sorted more than a day ago."""
    due = ClusterRun.objects.filter(state=DONE, sorted_at__lt=now_ms() - DAY).exclude(lists={}).order_by("sorted_at")
    return [one for one in due[:10] if lists_of(one)]


def refill_lists(run: ClusterRun) -> None:
    """Let every list of a run's segments hold who is in them now."""
    for segment, audience in lists_of(run).items():
        fill_list(SYSTEM, run, segment, audience)


def check(access: Access) -> None:
    """Raise Forbidden for who may not sort customers."""
    if not access.can(PERMISSION):
        raise Forbidden(f"Sorting customers by behaviour needs the permission {PERMISSION}.")


def _day(instant: int) -> str:
    from amity.kernel.clock import from_ms

    return from_ms(instant).date().isoformat()
