"""Run a batch through the steps, and find the item that breaks one."""

from __future__ import annotations

from uuid import UUID

import structlog
from django.db import DataError, IntegrityError, InterfaceError, transaction
from django.db.utils import DatabaseError, OperationalError
from psycopg.errors import DeadlockDetected, SerializationFailure

from amity.engines.present.bulk import deferring
from amity.kernel.errors import AmityError, NotRunning
from amity.rooms.customers.contracts import Conflict
from amity.workers.batch import DUPLICATE, Batch, Item
from amity.workers.faults import said, where
from amity.workers.pipeline.steps import AHEAD, EACH, WHOLE

log = structlog.get_logger("amity.worker")


def run_ahead(batch: Batch) -> None:
    """Run the steps that need no engine. Any thread may."""
    for step in AHEAD:
        batch.pass_through(step)


def run(batch: Batch) -> None:
    """Run every step that was not run ahead. Whatever a step raises leaves the batch half worked: roll back and begin anew."""
    try:
        with deferring():
            for step in (*EACH, *WHOLE):
                if step.name not in batch.timings:
                    batch.pass_through(step)
    except OperationalError as error:
        if isinstance(error.__cause__, (DeadlockDetected, SerializationFailure)):  # of what was sent and not waited for at once
            raise Conflict("Another worker changed the same customers meanwhile; the batch is to be worked again.") from error
        raise


def run_carefully(batch: Batch) -> None:
    """Run every step, but turn an item that breaks one away as `failed`, and go on with its neighbours in their order."""
    worked: list[Item] = []
    once, again = _apart(batch.items) if batch.replayed else (batch.items, [])
    _halve(batch, once, worked)
    batch.items = worked + again
    for step in WHOLE:
        batch.pass_through(step)


def _apart(items: list[Item]) -> tuple[list[Item], list[Item]]:
    """Return items with each key once, and dropped ones for the others: a replay's parts don't know each other's keys."""
    keys: set[UUID] = set()
    once: list[Item] = []
    repeated: list[Item] = []
    for item in items:
        if item.key in keys:
            repeated.append(item.again())
            repeated[-1].drop(DUPLICATE)
            repeated[-1].step = "dedupe"
        else:
            keys.add(item.key)
            once.append(item)
    return once, repeated


def is_ours(error: Exception) -> bool:
    """Whether the error may come from an item's content, rather than from an engine that is away or a lost race."""
    if isinstance(error, (Conflict, NotRunning, OSError, InterfaceError)):
        return False
    if isinstance(error, AmityError) and error.code.startswith("past_"):
        return False  # too busy, out of memory, without its tables: no item's fault, and over some time
    return not isinstance(error, DatabaseError) or isinstance(error, (DataError, IntegrityError))


def _halve(batch: Batch, items: list[Item], worked: list[Item]) -> None:
    if not items:
        return
    part = batch.part([item.again() for item in items])
    at = ""
    try:
        with transaction.atomic():
            for step in EACH:
                at = step.name
                part.pass_through(step)
    except Exception as error:
        if not is_ours(error):
            raise
        if len(items) > 1:
            middle = len(items) // 2
            _halve(batch, items[:middle], worked)
            _halve(batch, items[middle:], worked)
            return
        failed = items[0].again()
        failed.drop("failed", f"The step {at} could not work it. {said(error)}")
        failed.step = at
        worked.append(failed)
        log.warning("item failed", step=at, error=type(error).__name__, where=where(error), seq=failed.seq, index=failed.index)
        return
    worked.extend(part.items)
    batch.moved.extend(part.moved)
    batch.changed |= part.changed
