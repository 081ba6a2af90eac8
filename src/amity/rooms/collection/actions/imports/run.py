"""Work an import: read its file, make interactions, append them to the log, and note how far it came.

Whoever works one holds its `claim`. What is noted as stored is on disk, so after a crash another goes on behind it: the file is
read again, the same interactions are made in the same order, and those that are stored are left out. Those that were in flight
come again under the same message ids, and the pipeline knows them.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import monotonic
from uuid import UUID

import structlog
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.utils import timezone

from amity.engines.addresses import addresses
from amity.engines.log.bulk import Progress
from amity.engines.log.bulk_thread import BulkThread
from amity.kernel.clock import to_ms
from amity.kernel.errors import AmityError, Invalid
from amity.kernel.ids import new_id
from amity.rooms.collection.actions.imports.report import Report
from amity.rooms.collection.contracts import ImportView
from amity.rooms.collection.models import Import
from amity.rooms.collection.models.imports import QUIET_AFTER
from amity.rooms.collection.rules.imports.looking import look
from amity.rooms.collection.rules.imports.making import Whose, encode
from amity.rooms.collection.rules.imports.mapping import mapping_of
from amity.rooms.collection.rules.imports.refusal import Refused, Unfit
from amity.rooms.collection.rules.imports.stream import Stream

TELL_EVERY = 0.5
_LOOK_EVERY = 256  # interactions between two looks at the clock

log = structlog.get_logger("amity.import")


class Interrupted(Exception):
    """Whoever works the import is to stop: somebody else goes on, now or later."""


class Cancelled(Exception):
    """A person asked that the import ends."""


def next_waiting() -> UUID | None:
    """Return the import that a worker should take up: one that waits, or one whose worker crashed."""
    quiet = Q(state="running", own_file=True) & (Q(told_at=None) | Q(told_at__lt=timezone.now() - QUIET_AFTER))
    return Import.objects.filter(Q(state="waiting") | quiet).order_by("created_at").values_list("pk", flat=True).first()


def claim(import_id: UUID) -> Import | None:
    """Take an import up, or return None where somebody works it or it has ended."""
    with transaction.atomic():
        one = Import.objects.select_for_update(of=("self",)).filter(pk=import_id).first()
        if one is None or one.state not in {"waiting", "running"}:
            return None
        if one.state == "running" and one.told_at is not None and timezone.now() - one.told_at <= QUIET_AFTER:
            return None
        now = timezone.now()
        one.claim, one.state, one.told_at = new_id().hex, "running", now
        one.started_at = one.started_at or now
        one.run_began_at, one.run_began_with = now, one.stored
        one.save()
    return one


def run_next_import(*, stopping: Callable[[], bool]) -> bool:
    """Work the import that waits longest, to its end or until `stopping`. Return whether there was one. Raises what an engine raises."""
    waiting = next_waiting()
    one = claim(waiting) if waiting is not None else None
    if one is None:
        return False
    try:
        Run(one, stopping=stopping).work()
    except Interrupted:
        log.info("import interrupted", id=str(one.pk))
    return True


class Run:
    """One turn at an import that was claimed. `told` hears of every change; `stopping` is asked now and then."""

    def __init__(
        self, one: Import, *, stopping: Callable[[], bool] = lambda: False, told: Callable[[ImportView], None] = lambda _: None
    ) -> None:
        self.one, self._stopping, self._told = one, stopping, told
        self._due = 0.0
        self._stream: Stream | None = None
        self._report: Report | None = None
        self._bulk: BulkThread | None = None
        self._base = one.stored

    def work(self) -> ImportView:
        """Work it to its end and return how that was. Raises Interrupted where it was to stop; the import can go on then."""
        try:
            self._work()
        except Interrupted:
            self.release()
            raise
        except Cancelled:
            self._end("cancelled", "")
        except AmityError as error:
            if not isinstance(error, Invalid):  # an engine is away: it can go on as soon as that is back
                self._end("waiting" if self.one.own_file else "failed", error.message)
                raise
            self._end("failed", error.message)
        except OSError as error:
            self._end("failed", f"The file can't be read: {error.strerror or error}.")
        else:
            self._end("done", "")
        return self.one.view()

    def release(self, state: str = "waiting") -> None:
        """Give the import up where it stands, for somebody to go on with."""
        self._note(state=state, finished_at=None if state == "waiting" else timezone.now())
        Import.objects.filter(pk=self.one.pk, claim=self.one.claim).update(claim="")

    def _work(self) -> None:
        one = self.one
        if one.source_id is None or one.started_at is None:
            raise Invalid("Its source was deleted.")
        whose = Whose(workspace=one.workspace_id, source=one.source_id, prefix=one.prefix, received_at=to_ms(one.started_at))
        path = Path(one.path)
        with path.open("rb") as file:
            found = look(file, name=one.name, size=one.size, given=mapping_of(one.mapping), guessing=False)
            if found.questions:
                raise Invalid(f"The map lacks a line: {found.questions[0].line}")
            stream = self._stream = Stream(found, whose)
            with (
                BulkThread(addresses().log, name="import", idle=self._tell) as bulk,
                Report(report_path(one), unit=stream.table.unit) as report,
            ):
                self._bulk, self._report = bulk, report
                self._give(stream, report, bulk)
                bulk.flush()

    def _give(self, stream: Stream, report: Report, bulk: BulkThread) -> None:
        made, stored, tick = 0, self.one.stored, 0
        for one in stream:
            tick += 1
            if not tick % _LOOK_EVERY and monotonic() > self._due:
                self._tell()
            if isinstance(one, Refused):
                report.add(one)
                continue
            try:
                body = encode(one)
            except Unfit as unfit:
                report.add(Refused(int(one.message_id.rpartition("-")[2] or 0), unfit.reason, unfit.detail))
                continue
            made += 1
            if made > stored:
                bulk.add(body)

    def _tell(self) -> None:
        """Note how far it came, and hear whether it is to stop. Raises Interrupted, Cancelled."""
        self._due = monotonic() + TELL_EVERY
        self._note()
        held = Import.objects.filter(pk=self.one.pk).values_list("claim", "cancel_asked_at").first()
        if held is None or held[0] != self.one.claim or self._stopping():
            raise Interrupted
        if held[1] is not None:
            raise Cancelled
        self._told(self.one.view())

    def _note(self, **fields: object) -> None:
        one, progress = self.one, self._bulk.progress if self._bulk else Progress()
        if self._stream is not None and self._report is not None:
            self._report.flush()
            one.rows, one.left_out, one.share = self._stream.rows, self._stream.left_out, self._stream.table.share()
            one.rejected, one.reasons = self._report.count, dict(self._report.reasons)
            one.report = str(self._report.path) if self._report.count else ""
        one.stored, one.trouble, one.told_at = self._base + progress.interactions, progress.trouble, timezone.now()
        for name, value in fields.items():
            setattr(one, name, value)
        names = ("rows", "left_out", "share", "rejected", "reasons", "report", "stored", "trouble", "told_at", *fields)
        Import.objects.filter(pk=one.pk, claim=one.claim).update(**{name: getattr(one, name) for name in names})

    def _end(self, state: str, trouble: str) -> None:
        done = state == "done"
        self._note(state=state, trouble=trouble, finished_at=None if state == "waiting" else timezone.now())
        Import.objects.filter(pk=self.one.pk, claim=self.one.claim).update(
            claim="", **({"share": 1.0} if done else {}), **({"told_at": Now()} if state != "waiting" else {})
        )
        self.one.refresh_from_db()
        if done and self.one.own_file:
            Path(self.one.path).unlink(missing_ok=True)
        log.info("import ended", id=str(self.one.pk), state=state, stored=self.one.stored, rejected=self.one.rejected)
        self._told(self.one.view())


def report_path(one: Import) -> Path:
    """Return where an import's rejected rows are listed: beside the file."""
    return Path(one.path + ".rejected.csv")
