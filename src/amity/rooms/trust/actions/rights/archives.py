"""Archives: what is held of a person, as one file, made by a worker, kept for some days, and deleted."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from hashlib import file_digest
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from uuid import UUID
from zipfile import ZIP_DEFLATED, ZipFile

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from amity.kernel.cells import safe_cell
from amity.kernel.errors import AmityError, Invalid, NotFound
from amity.kernel.holdings import Subject, holders, stores
from amity.kernel.settings import settings
from amity.rooms.trust.actions.record import record
from amity.rooms.trust.actions.rights.requests import close, held, note_step, sure_of
from amity.rooms.trust.contracts import SYSTEM, Access
from amity.rooms.trust.models import RightsArchive, RightsRequest
from amity.rooms.trust.queries.rights import setting_of, subject_of, workspace_name
from amity.rooms.trust.rules.archive import About, cells, columns, line, page
from amity.rooms.trust.rules.rights import ENDED

GIVEN = ("access", "portability")  # kinds that are answered with an archive


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """Records of one store as lines of JSON in a file."""

    store: str
    title: str
    path: Path
    number: int

    def records(self) -> Iterator[dict[str, Any]]:
        """Read them again, one at a time."""
        with self.path.open(encoding="utf-8") as file:
            for one in file:
                yield json.loads(one)


def ask_archive(access: Access, *, request_id: UUID, request: HttpRequest | None = None) -> RightsArchive:
    """Have an archive made for a request for access or portability; one that was made before is made anew.

    Raises Forbidden without `rights.write`, NotFound, and Invalid where the person's identity isn't confirmed.
    """
    with transaction.atomic():
        row = held(access, request_id)
        if row.kind not in GIVEN:
            raise Invalid("This kind of request is not answered with an archive.")
        sure_of(row)
        by = (access.actor.email or access.actor.name)[:254]
        asked, _ = RightsArchive.objects.update_or_create(
            request=row,
            defaults={
                "asked_at": timezone.now(), "asked_by": by, "made_at": None, "expires_at": None, "size": None, "sha256": "",
                "counts": {}, "trouble": "",
            },
        )  # fmt: skip
        note_step(row, "archive_asked", access.actor)
        record(access, action="rights.archive_asked", target=f"rights:{row.pk}", request=request)
    return asked


def take_archive(access: Access, *, request_id: UUID, request: HttpRequest | None = None) -> IO[bytes]:
    """Open an archive to be downloaded; that it was stands in the audit log. Raises Forbidden, NotFound once it is gone."""
    with transaction.atomic():
        row = held(access, request_id, ended=True)
        archive = RightsArchive.objects.filter(request=row, made_at__isnull=False, expires_at__gt=timezone.now()).first()
        if archive is None:
            raise NotFound("There is no archive, or it has expired. Have it made again.")
        try:
            file = path_of(row.pk).open("rb")
        except OSError:
            raise NotFound("The archive’s file isn’t on this machine. Have it made again.") from None
        note_step(row, "archive_taken", access.actor)
        record(
            access, action="rights.archive_taken", target=f"rights:{row.pk}", request=request,
            after={"sha256": archive.sha256, "size": archive.size},
        )  # fmt: skip
    return file


def make_next_archive() -> bool:
    """Make the archive that has waited longest; False where none waits. What fails stays, with the reason, for the next time."""
    waiting = RightsArchive.objects.select_related("request").filter(made_at=None)
    asked = waiting.order_by("trouble", "asked_at").first()
    if asked is None:
        return False
    if asked.request.state in ENDED:
        asked.delete()
        return True
    try:
        _make(asked)
    except (AmityError, OSError) as error:
        RightsArchive.objects.filter(pk=asked.pk).update(trouble=str(error)[:500])
        raise
    return True


def forget_old_archives() -> int:
    """Delete the files of archives that have expired, and return how many."""
    gone = 0
    for archive in RightsArchive.objects.select_related("request").filter(expires_at__lte=timezone.now()):
        path_of(archive.request_id).unlink(missing_ok=True)
        with transaction.atomic():
            archive.delete()
            note_step(archive.request, "archive_expired", SYSTEM)
        gone += 1
    return gone


def drop_archive(request_id: UUID) -> None:
    """Delete the archive of a request, and its file."""
    path_of(request_id).unlink(missing_ok=True)
    RightsArchive.objects.filter(request_id=request_id).delete()


def path_of(request_id: UUID) -> Path:
    """Return where the file of a request's archive lies."""
    return settings().archives / f"{request_id}.zip"


def _make(asked: RightsArchive) -> None:
    row: RightsRequest = asked.request
    folder = settings().archives
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    subject = subject_of(row)
    with TemporaryDirectory(dir=folder, prefix=".making-") as made:
        found = _gather(subject, Path(made), provided=row.kind == "portability")
        fresh = Path(made) / "whole.zip"
        _write(fresh, found, row)
        fresh.chmod(0o600)
        with fresh.open("rb") as file:
            digest = file_digest(file, "sha256").hexdigest()
        size, now = fresh.stat().st_size, timezone.now()
        with transaction.atomic():
            # Asked anew or ended meanwhile: what was made is of no use then.
            still = RightsArchive.objects.select_for_update().filter(pk=asked.pk, asked_at=asked.asked_at, made_at=None)
            if not still.exists():
                return
            still.update(
                made_at=now,
                expires_at=now + timedelta(days=setting_of(row.workspace_id).archive_days),
                size=size,
                sha256=digest,
                counts={one.store: one.number for one in found},
                trouble="",
            )
            note_step(row, "archive_made", SYSTEM)
            record(
                SYSTEM, action="rights.archive_made", target=f"rights:{row.pk}", workspace_id=row.workspace_id,
                after={"sha256": digest, "size": size},
            )  # fmt: skip
            if row.via == "opendsr":  # whoever passed it on fetches it; no colleague has to answer
                close(row, "done", SYSTEM)
            fresh.replace(path_of(row.pk))


def _gather(subject: Subject, folder: Path, *, provided: bool) -> list[Gathered]:
    """Write every record into a file of its store, so that all that is made from them agrees, and none has to be in memory."""
    known = stores()
    counts: dict[str, int] = {}
    with ExitStack() as open_files:
        files: dict[str, IO[str]] = {}
        for holder in holders().values():
            for one in holder.export(subject):
                if provided and known[one.store].derived:
                    continue
                if one.store not in files:
                    files[one.store] = open_files.enter_context((folder / one.store).open("w", encoding="utf-8"))
                files[one.store].write(line(one.data) + "\n")
                counts[one.store] = counts.get(one.store, 0) + 1
    order = [name for name in known if name in counts]
    return [Gathered(store=name, title=known[name].title, path=folder / name, number=counts[name]) for name in order]


def _write(path: Path, found: list[Gathered], row: RightsRequest) -> None:
    about = About(
        company=workspace_name(row.workspace_id),
        request=str(row.pk),
        kind=row.kind,
        made_at=timezone.now(),
        contents=[(one.store, one.title, one.number) for one in found],
    )
    with ZipFile(path, "w", ZIP_DEFLATED) as whole:
        whole.writestr("about.json", json.dumps(_described(about), indent=2, ensure_ascii=False))
        if row.kind == "access":
            with _text(whole, "index.html") as file:
                file.writelines(page(about, ((one.store, one.records()) for one in found)))
        for one in found:
            with _text(whole, f"data/{one.store}.json") as file:
                file.writelines(_array(one))
            if row.kind == "portability":
                names = columns(one.records())
                with _text(whole, f"data/{one.store}.csv") as file:
                    table = csv.writer(file)
                    table.writerow(map(safe_cell, names))
                    table.writerows(cells(record, names) for record in one.records())


def _array(found: Gathered) -> Iterator[str]:
    yield "["
    with found.path.open(encoding="utf-8") as file:
        for number, one in enumerate(file):
            yield f"{',' if number else ''}\n{one.rstrip()}"
    yield "\n]\n"


def _described(about: About) -> Mapping[str, Any]:
    return {
        "company": about.company,
        "request": about.request,
        "kind": about.kind,
        "made_at": about.made_at.isoformat(),
        "contents": [{"data": f"data/{name}.json", "title": title, "records": number} for name, title, number in about.contents],
    }


def _text(whole: ZipFile, name: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(whole.open(name, "w", force_zip64=True), encoding="utf-8", newline="")
