"""Erase whoever was asked to be erased: keep them out, erase everywhere, look again, sign the receipt.

One step after the other, each harmless to repeat, with what it found written down before it erases. So a crash anywhere means
only that the step at hand is done again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass

import structlog
from django.db import DatabaseError, transaction
from django.utils import timezone

from amity.engines.present.models import PastBatch, Position
from amity.kernel.errors import AmityError
from amity.kernel.holdings import Holder, Subject, holders, resolver, stores
from amity.rooms.trust.actions.erasure.receipts import make_receipt
from amity.rooms.trust.actions.erasure.remembering import remember_erasure
from amity.rooms.trust.actions.erasure.subjects import close_subject, names_of, open_subject
from amity.rooms.trust.actions.erasure.suppress import hashes_of, newest_on_its_way, suppress, wait_for_batches_in_flight
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.contracts import SYSTEM
from amity.rooms.trust.models import Erasure, ErasureStep
from amity.rooms.trust.rules.erasure.states import ASKED, DONE, ERASED, LOOKING, SUPPRESSED

log = structlog.get_logger("amity.trust")
_AT_ONCE = 50  # erasures looked at in one go
_ROUNDS = 5  # of finding and erasing in one go; what is still there then is tried again later


class _Waits(AmityError):
    """It can't go on yet; the message says what for."""


@dataclass(frozen=True, kw_only=True)
class Surroundings:
    """What a worker knows and the room doesn't.

    `log_end` returns the log's last sequence. `alone` enters with True where neither a replay nor an unmerge runs, and none begins
    until it ends. `at` is called at each boundary where a crash matters.
    """

    log_end: Callable[[], int]
    alone: Callable[[], AbstractContextManager[bool]]
    at: Callable[[str], None] = lambda _: None


def work_erasures(around: Surroundings) -> bool:
    """Take every erasure that can go on one step further, oldest first. True where there is more to do at once."""
    moved = False
    for run in Erasure.objects.filter(finished_at=None).order_by("asked_at", "pk")[:_AT_ONCE]:
        trouble = ""
        try:
            _STEPS[run.state](run, around)
            moved = True
        except (AmityError, DatabaseError, OSError) as error:
            trouble = error.message if isinstance(error, AmityError) else type(error).__name__
            if not isinstance(error, _Waits):
                log.warning("erasure waits", erasure=str(run.pk), state=run.state, error=trouble)
        if run.trouble != trouble:
            Erasure.objects.filter(pk=run.pk).update(trouble=trouble)
    return moved


def _keep_out(run: Erasure, around: Surroundings) -> None:
    """Suppress all that names the person, until nothing that was under way adds to it."""
    subject = resolver().grow(open_subject(run))
    while True:
        with transaction.atomic():
            suppress(workspace_id=run.workspace_id, hashes=hashes_of(run.workspace_id, names_of(subject)), erasure_id=run.pk)
            Erasure.objects.filter(pk=run.pk).update(subject=close_subject(subject))
        around.at("suppressed")
        barrier = wait_for_batches_in_flight()
        grown = resolver().grow(subject)
        if grown == subject:
            break
        subject = grown
    run.suppressed_at = timezone.now()
    remember_erasure(run, hashes_of(run.workspace_id, names_of(subject)))
    around.at("remembered")
    _to(run, SUPPRESSED, barrier=barrier, log_end=around.log_end(), suppressed_at=run.suppressed_at)


def _erase(run: Erasure, around: Surroundings) -> None:
    """Erase the person everywhere, once what had been worked before is in the past."""
    _wait_for_the_past(run)
    _erase_everywhere(run, around)
    _to(run, ERASED)


def _wait_for_the_log(run: Erasure, around: Surroundings) -> None:
    """Let the workers read past the instant of suppression, and whatever else rewrites the past come to its end."""
    seqs = Position.objects.filter(reader__startswith="worker-").values_list("seq", flat=True)
    if min(seqs, default=0) < run.log_end:
        raise _Waits("Waits until the workers have read the log to where it ended when the person was suppressed.")
    with around.alone() as none:
        if not none:
            raise _Waits("Waits for the end of a replay.")
        _to(run, LOOKING, barrier=newest_on_its_way())


def _look_again(run: Erasure, around: Surroundings) -> None:
    """Look a second time, erase what came meanwhile, and sign what was done."""
    _wait_for_the_past(run)
    _erase_everywhere(run, around)
    with transaction.atomic():
        run.finished_at = timezone.now()
        run.receipt = make_receipt(run, open_subject(run))
        run.state, run.subject = DONE, ""
        run.save(update_fields=["finished_at", "receipt", "state", "subject"])
        record(SYSTEM, action="erasure.done", target=f"erasure:{run.pk}", after={"erased": run.receipt["erased"]},
               workspace_id=run.workspace_id)  # fmt: skip
        around.at("before done")
    around.at("done")


_STEPS: Mapping[str, Callable[[Erasure, Surroundings], None]] = {
    ASKED: _keep_out, SUPPRESSED: _erase, ERASED: _wait_for_the_log, LOOKING: _look_again,
}  # fmt: skip


def _to(run: Erasure, state: str, **more: object) -> None:
    Erasure.objects.filter(pk=run.pk).update(state=state, **more)


def _wait_for_the_past(run: Erasure) -> None:
    if PastBatch.objects.filter(pk__lte=run.barrier).exists():
        raise _Waits("Waits until rows that are under way are in the past.")


def erase_ahead(run: Erasure) -> None:
    """Erase what is there already, before the steps begin: after a restore nobody is to see what was erased before it."""
    for room, holder in holders().items():
        _erase_of(run, room, holder, open_subject(run), lambda _: None)


def _erase_everywhere(run: Erasure, around: Surroundings) -> None:
    subject, known = open_subject(run), stores()
    for _ in range(_ROUNDS):
        for room, holder in holders().items():
            _erase_of(run, room, holder, subject, around.at)
        left = ErasureStep.objects.filter(erasure=run).exclude(left=0).values_list("store", flat=True)
        if not [store for store in left if not known[store].lasts_days]:
            return
    raise _Waits("Some records came back while they were erased; tries again.")


def _erase_of(run: Erasure, room: str, holder: Holder, subject: Subject, at: Callable[[str], None]) -> None:
    """Erase what one room holds, in a round that a crash can't count twice: it is one until what is left has been counted."""
    found = holder.find(subject)
    _begin_round(run, found)
    at(f"found {room}")
    if any(found.values()):
        holder.erase(subject)
        at(f"erased {room}")
        found = holder.find(subject)
    now = timezone.now()
    with transaction.atomic():
        for left in set(found.values()):
            stores_of_it = [store for store, number in found.items() if number == left]
            ErasureStep.objects.filter(erasure=run, store__in=stores_of_it).update(left=left, erased_at=now)


def _begin_round(run: Erasure, found: Mapping[str, int]) -> None:
    with transaction.atomic():
        held = {step.store: step for step in ErasureStep.objects.filter(erasure=run, store__in=found)}
        for store, number in found.items():
            step = held.get(store) or ErasureStep(erasure=run, store=store, left=0)
            if step.left is None:  # a round that was broken off: what it had found is counted
                continue
            step.found += max(number - step.left, 0)
            step.left, step.counted_at = None, timezone.now()
            step.save()
