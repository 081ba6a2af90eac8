"""Work a run: write down who is compared, let a process of its own compare them, and keep what it found.

Whoever works a run holds its claim and tells of itself every second; after a crash another one begins it anew.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from time import monotonic
from uuid import UUID

import msgspec
import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from amity.kernel.clock import now_ms
from amity.kernel.errors import AmityError, Invalid
from amity.kernel.ids import new_id
from amity.kernel.settings import settings
from amity.rooms.customers.actions.matching.ask import ask_scheduled
from amity.rooms.customers.actions.matching.folder import working_folder
from amity.rooms.customers.actions.matching.keep import keep
from amity.rooms.customers.models import MatchRun
from amity.rooms.customers.models.matching import FAILED, RUNNING, STOPPED, WAITING
from amity.rooms.customers.queries.matching.pairs import rejected_ids
from amity.rooms.customers.queries.matching.people import list_people, records_of
from amity.rooms.customers.queries.matching.runs import lacking
from amity.rooms.customers.rules.matching.model import weight_of

QUIET_AFTER = timedelta(seconds=60)
MOST_SECONDS = 2 * 3_600
MOST_FOUND = 10_000
MOST_READ = 4_000  # characters of a child's complaint that are looked at; none is kept, for values may stand in it
_TELL_EVERY = 1.0
_READ = 0.2  # share of the work that writing the people down is
_ALONE = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "2"}  # each thread would set memory aside
_NO_MEMORY = re.compile(r"out ?of ?memory|MemoryError|bad.?alloc", re.IGNORECASE)  # said by Python, DuckDB or the C++ library
_RAISED = re.compile(r"^(?:\w+\.)*(\w+(?:Error|Exception|Interrupt|Exit))\b", re.MULTILINE)

log = structlog.get_logger("amity.matching")


class Interrupted(Exception):
    """Whoever works the run is to stop: another goes on from the beginning."""


class Cancelled(Exception):
    """A person asked that the run ends."""


def run_next_matching(*, stopping: Callable[[], bool]) -> bool:
    """Work the run that waits longest, and return whether there was one. Raises what an engine raises."""
    ask_scheduled()
    run = _claim()
    if run is None:
        return False
    try:
        _Work(run, stopping).work()
    except Interrupted:
        MatchRun.objects.filter(pk=run.pk, claim=run.claim).update(state=WAITING, claim="", doing="", share=0.0)
        log.info("matching interrupted", run=run.pk)
    except Cancelled:
        _end(run, STOPPED)
    except AmityError as error:
        if not isinstance(error, Invalid):  # an engine is away: it begins anew as soon as that is back
            MatchRun.objects.filter(pk=run.pk, claim=run.claim).update(state=WAITING, claim="", trouble=error.message)
            raise
        _end(run, FAILED, error.message)
    except OSError as error:
        _end(run, FAILED, f"No room to work in: {error.strerror or error}.")
    return True


def _claim() -> MatchRun | None:
    quiet = Q(state=RUNNING, told_at__lt=timezone.now() - QUIET_AFTER)
    with transaction.atomic():
        run = MatchRun.objects.select_for_update(skip_locked=True).filter(Q(state=WAITING) | quiet).order_by("id").first()
        if run is None:
            return None
        run.claim, run.state, run.started_at, run.trouble = new_id().hex, RUNNING, now_ms(), ""
        run.save(update_fields=["claim", "state", "started_at", "trouble"])
        MatchRun.objects.filter(pk=run.pk).update(told_at=Now())
    return run


def _end(run: MatchRun, state: str, trouble: str = "") -> None:
    MatchRun.objects.filter(pk=run.pk, claim=run.claim).update(
        state=state, claim="", doing="", trouble=trouble, finished_at=now_ms()
    )


class _Work:
    """One turn at a run that was claimed."""

    def __init__(self, run: MatchRun, stopping: Callable[[], bool]) -> None:
        self._run, self._stopping, self._due = run, stopping, 0.0
        self._marks: dict[UUID, str] = {}

    def work(self) -> None:
        if said := lacking():
            raise Invalid(said)
        with working_folder() as folder:
            self._write_people(folder)
            learned = self._compare(folder)
            self._tell("Keeping what was found", 0.97, now=True)
            keep(self._run, learned=learned, pairs=_found(folder), marks=self._marks)

    def _write_people(self, folder: Path) -> None:
        run = self._run
        rejected = records_of(workspace_id=run.workspace_id, customer_ids=rejected_ids(workspace_id=run.workspace_id))
        self._marks = {id_: one.mark() for id_, one in rejected.items()}
        number = 0
        with (folder / "people").open("w", encoding="utf-8") as file:
            for lines in list_people(workspace_id=run.workspace_id):
                file.writelines(f"{line}\n" for line in lines)
                number += len(lines)
                self._tell(f"Reading customers: {number:,} so far", _READ / 2)

    def _compare(self, folder: Path) -> dict[str, object]:
        chosen = settings()
        wanted = {
            "threshold": weight_of(self._run.probability), "memory_mb": chosen.matching_memory // 1_000_000,
            "threads": chosen.matching_threads, "spill_mb": 10 * chosen.matching_memory // 1_000_000, "most_found": MOST_FOUND,
        }  # fmt: skip
        (folder / "wanted").write_bytes(msgspec.json.encode(wanted))
        kept = {name: os.environ[name] for name in ("PATH", "PYTHONPATH", "LANG") if name in os.environ} | _ALONE
        with (folder / "said").open("wb") as said:
            child = subprocess.Popen(_command(folder), stdin=subprocess.PIPE, stdout=said, stderr=said, env=kept, cwd=folder)
        try:
            ended = self._wait(child, folder)
        finally:
            child.kill()
            child.wait()
            if child.stdin:
                child.stdin.close()
        learned = _progress(folder).get("learned")
        if ended or not isinstance(learned, dict):
            raise Invalid(_why(ended, (folder / "said").read_text(errors="replace")[-MOST_READ:]))
        return learned

    def _wait(self, child: subprocess.Popen[bytes], folder: Path) -> int:
        until = monotonic() + MOST_SECONDS
        while True:
            try:
                return child.wait(timeout=0.2)
            except subprocess.TimeoutExpired:
                at = _progress(folder)
                self._tell(str(at.get("doing") or "Beginning"), _READ + 0.75 * float(at.get("share") or 0.0))  # type: ignore[arg-type]
            if monotonic() > until:
                raise Invalid(f"It took more than {MOST_SECONDS // 3_600} hours.")

    def _tell(self, doing: str, share: float, *, now: bool = False) -> None:
        if self._stopping():
            raise Interrupted
        if monotonic() < self._due and not now:
            return
        self._due = monotonic() + _TELL_EVERY
        run = self._run
        told = MatchRun.objects.filter(pk=run.pk, claim=run.claim, state=RUNNING)
        if not told.update(doing=doing, share=share, told_at=Now()):
            raise Cancelled  # somebody else took it up, or the workspace is gone
        if told.filter(stop_asked=True).exists():
            raise Cancelled


def _command(folder: Path) -> list[str]:
    return [sys.executable, "-m", "amity.rooms.customers.actions.matching.child", str(folder)]


def _progress(folder: Path) -> dict[str, object]:
    try:
        found = msgspec.json.decode((folder / "progress").read_bytes())
    except (OSError, msgspec.DecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def _found(folder: Path) -> Iterator[dict[str, object]]:
    with (folder / "found").open("rb") as file:
        for line in file:
            yield msgspec.json.decode(line)


def _why(ended: int, told: str) -> str:
    if ended == -9 or _NO_MEMORY.search(told):
        return "There wasn’t enough memory to compare them all. Raise AMITY_MATCHING_MEMORY."
    raised = _RAISED.findall(told)
    return f"Comparing failed ({raised[-1][:60] if raised else f'exit {ended}'})."
