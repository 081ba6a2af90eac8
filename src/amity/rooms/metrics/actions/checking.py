"""Checks run as they are due: claimed first, so that no two workers run one, then done side by side, then told to the log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from functools import partial

import msgspec
from django.db import transaction

from amity.facts.metrics import CHECK_RAN, CheckRan
from amity.kernel.clock import MINUTE, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.collection import api as collection
from amity.rooms.metrics.actions.checks import secrets_of
from amity.rooms.metrics.actions.requesting import Ran, run_steps
from amity.rooms.metrics.models import Check, CheckRun
from amity.rooms.metrics.queries.checks import KEPT_FOR
from amity.rooms.metrics.rules.checks.language import read_steps
from amity.rooms.metrics.rules.checks.slots import next_slot

AT_ONCE = 8
_FORGOTTEN_AT_ONCE = 10_000


def work_next_checks(*, now: int = 0) -> bool:
    """Run some of the checks that are due, each once; returns whether there were any.

    One that was claimed by a worker that then died is not run again: what wasn't measured is not made up.
    """
    claimed = _claimed(now or now_ms())
    if not claimed:
        return False
    with ThreadPoolExecutor(max_workers=len(claimed), thread_name_prefix="check") as pool:
        running = {pool.submit(_work_of(one)): one for one in claimed}
        for done in as_completed(running):
            started, ran = done.result()
            _keep(running[done], started, ran)
    return True


def forget_old_runs(*, now: int = 0) -> bool:
    """Forget some runs of more than 30 days ago, which the past keeps as interactions; returns whether more may be left."""
    old = CheckRun.objects.filter(started_at__lt=(now or now_ms()) - KEPT_FOR).order_by("started_at").values("pk")
    done, _ = CheckRun.objects.filter(pk__in=list(old.values_list("pk", flat=True)[:_FORGOTTEN_AT_ONCE])).delete()
    return done >= _FORGOTTEN_AT_ONCE


def _claimed(now: int) -> Sequence[Check]:
    """Return checks that are due, each put off to its next turn: turns that went by while nobody looked are gone."""
    with transaction.atomic():
        due = Check.objects.select_for_update(skip_locked=True).filter(archived_at=None, paused_at=None, next_at__lte=now)
        found = list(due.order_by("next_at", "pk")[:AT_ONCE])
        for one in found:
            one.next_at = next_slot(every=one.every * MINUTE, number=one.pk, now=now)
            one.save(update_fields=["next_at"])
    return found


def _work_of(one: Check) -> Callable[[], tuple[int, Ran]]:
    """Return what a thread does of a check, which asks the present nothing."""
    try:
        steps, secrets = read_steps(one.steps), secrets_of(one)
    except Invalid as error:
        trouble = Ran(ok=False, ms=0, answers=(), step=1, reason="refused", said=error.message)
        return lambda: (now_ms(), trouble)
    return partial(_timed, partial(run_steps, steps, secrets, seconds=one.seconds))


def _timed(work: Callable[[], Ran]) -> tuple[int, Ran]:
    return now_ms(), work()


def _keep(one: Check, started: int, ran: Ran) -> None:
    """Keep how a check went, with the fact that tells the log, in one transaction."""
    with transaction.atomic():
        if not Check.objects.filter(pk=one.pk, archived_at=None).exists():
            return
        run = CheckRun.objects.create(
            of=one, started_at=started, ok=ran.ok, ms=ran.ms, answers=list(ran.answers), step=ran.step, reason=ran.reason, said=ran.said,
            excerpt=ran.excerpt,
        )  # fmt: skip
        fact = CheckRan(
            check_id=one.pk, check=one.name, ok=ran.ok, duration_ms=ran.ms, step=ran.step, reason=ran.reason, status=ran.status
        )
        collection.record_fact(
            workspace_id=one.workspace_id, message_id=f"check-{one.pk}-{run.pk}", name=CHECK_RAN, properties=msgspec.to_builtins(fact),
            voice="ours", time=started, nobody=True,
        )  # fmt: skip
