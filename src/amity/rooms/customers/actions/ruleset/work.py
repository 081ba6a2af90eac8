"""Work runs of identity rules: read everybody, find who changes, then compare only (a dry run) or change, a few at a time.

Reading changes nothing, so a run that was broken off reads again. Changing goes on with who still waits.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import structlog
from django.db import transaction

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError
from amity.rooms.customers.actions.ruleset.change import change
from amity.rooms.customers.actions.ruleset.counting import counted
from amity.rooms.customers.actions.ruleset.telling import told_of
from amity.rooms.customers.models import IdentityGroup, IdentityRun
from amity.rooms.customers.queries.ruleset.everybody import Worked, count_customers, read_everybody, work_out
from amity.rooms.customers.queries.ruleset.groups import Wanted, list_groups
from amity.rooms.customers.rules.anew import effect, remake
from amity.rooms.customers.rules.ruleset import rules_from
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Actor

log = structlog.get_logger("amity.customers")
EXAMPLES = 12  # of each: customers who are parted, and who are put together
_AT_ONCE = 100  # customers compared in one reading
_STORED = 2_000


class Stopped(Exception):
    """Somebody stopped the run, or the worker ends."""


def anything_to_apply() -> bool:
    """Whether customers wait to be changed by rules."""
    return IdentityRun.objects.filter(finished_at=None, phase="applying").exists()


def work_trials(*, stopping: Callable[[], bool] = lambda: False) -> bool:
    """Do what changes nothing of the oldest run that waits for it: compare, or find who is to be changed. Returns whether there was one.

    Raises NotRunning without the past; the run is tried again.
    """
    one = IdentityRun.objects.filter(finished_at=None).exclude(phase="applying").order_by("pk").first()
    if one is None:
        return False
    try:
        _work(one, stopping)
    except Stopped:
        return True
    except AmityError as error:
        IdentityRun.objects.filter(pk=one.pk).update(trouble=error.message)
        raise
    return True


def _work(one: IdentityRun, stopping: Callable[[], bool]) -> None:
    rules = rules_from(one.rules)
    IdentityGroup.objects.filter(run=one).delete()

    def go(**columns: Any) -> None:
        if stopping() or not IdentityRun.objects.filter(pk=one.pk, finished_at=None).update(**columns, trouble=""):
            raise Stopped

    go(phase="reading", done=0, total=count_customers(one.workspace_id), found={})
    everybody = read_everybody(workspace_id=one.workspace_id, rules=rules, read=lambda number: go(done=number))
    worked = work_out(everybody)
    del everybody
    wanted = [Wanted(customers=customers, taken=taken) for customers, taken in worked.groups]
    if one.version_id is None:
        go(phase="comparing", done=0, total=len(wanted))
        _keep_largest(one, worked)
        _compare(one, wanted, go, worked.customers)
    else:
        _plan(one, wanted, go, worked.customers)


def _keep_largest(one: IdentityRun, worked: Worked) -> None:
    IdentityGroup.objects.bulk_create(
        IdentityGroup(run=one, customers=[who], told={"what": "largest", "when": when, "number": number})
        for when in ("before", "after")
        for who, number in getattr(worked, when)
    )


def batches(wanted: Sequence[Wanted]) -> Iterator[list[Wanted]]:
    """Give groups, about a hundred customers at a time."""
    some: list[Wanted] = []
    for one in wanted:
        some.append(one)
        if sum(len(w.customers) for w in some) >= _AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _compare(one: IdentityRun, wanted: Sequence[Wanted], go: Callable[..., None], customers: int) -> None:
    rules = rules_from(one.rules)
    found: Counter[str] = Counter()
    shown: Counter[str] = Counter()
    done = 0
    for some in batches(wanted):
        for group, happened in list_groups(one.workspace_id, some):
            remade = remake(group, happened, rules, learn=False)
            comes = effect(group, happened, remade)
            found.update(counted(comes, remade))
            what = "split" if comes.split else "joined" if comes.joined else ""
            if what and shown[what] < EXAMPLES:
                shown[what] += 1
                IdentityGroup.objects.create(
                    run=one,
                    customers=sorted(group.ids | set(remade.parted.root.values())),
                    told=told_of(group, happened, remade, what),
                )
        done += len(some)
        go(done=done, found={"customers": customers, **found})
    go(found={"customers": customers, "merges": 0, "splits": 0, **found}, finished_at=now_ms())


def _plan(one: IdentityRun, wanted: Sequence[Wanted], go: Callable[..., None], customers: int) -> None:
    with transaction.atomic():
        for start in range(0, len(wanted), _STORED):
            IdentityGroup.objects.bulk_create(
                IdentityGroup(run=one, customers=list(w.customers), taken=[list(p) for p in w.taken], waits=True)
                for w in wanted[start : start + _STORED]
            )
        go(phase="applying", done=0, total=len(wanted), found={"customers": customers, "merges": 0, "splits": 0})
    _finish(one)


def work_applying(*, groups: int = 50, at: Callable[[str], None] = lambda _: None) -> int:
    """Change so many groups of customers as the oldest application wants, and return how many were.

    Who is busy, or of whom rows are still on their way to the past, is left for the next time. Raises NotRunning without the past.
    """
    one = IdentityRun.objects.select_related("version").filter(finished_at=None, phase="applying").order_by("pk").first()
    if one is None:
        return 0
    done = 0
    after = 0
    while done < groups:
        waiting = list(IdentityGroup.objects.filter(run=one, waits=True, pk__gt=after).order_by("pk")[: groups - done])
        if not waiting:
            break
        for group in waiting:
            after = group.pk
            done += change(one, group, at)
    _finish(one)
    return done


def _finish(one: IdentityRun) -> None:
    """End an application once nobody waits."""
    with transaction.atomic():
        if IdentityGroup.objects.filter(run=one, waits=True).exists():
            return
        if not IdentityRun.objects.filter(pk=one.pk, finished_at=None).update(finished_at=now_ms()):
            return
        one.refresh_from_db()
        trust.record(
            Actor(kind="person", id=one.by_id, name=one.by),
            action="customers.identity_history_followed",
            target=f"identity run:{one.pk}",
            after=one.found,
            workspace_id=one.workspace_id,
        )
    log.info(
        "identity rules applied", workspace=one.workspace_id, **{name: one.found.get(name, 0) for name in ("merges", "splits")}
    )
