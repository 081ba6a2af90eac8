"""Brings Linden's year into the log, on the same way as any import: envelopes appended in bulk, in order of time."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from amity.demo.company import Company, tell
from amity.demo.wire import LogForm
from amity.engines.log.bulk import Progress
from amity.engines.log.bulk_thread import BulkThread
from amity.kernel.clock import now_ms

PATIENCE = 120.0  # seconds without anything stored after which it gives up


def load(
    company: Company, *, log_url: str, workspace: int, sources: Sequence[int], told: Callable[[Progress], None] | None = None
) -> Progress:
    """Tell the year and append it to the log; return how many interactions it was, and the last one's sequence.

    `told` hears of what is on disk; its `mark` is the time of the last interaction. Raises NotRunning where the log stays away.
    """
    form = LogForm(seed=company.seed, workspace=workspace, sources=sources, received_at=now_ms())
    with BulkThread(log_url, name="demo", told=told, patience=PATIENCE) as bulk:
        for entry in tell(company):
            bulk.add(form.write(entry), mark=entry[0])
        return bulk.flush()
