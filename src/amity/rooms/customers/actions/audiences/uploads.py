"""Files that make or change lists: kept until a person has seen what they hold, read once, and forgotten."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import Invalid, NotFound
from amity.kernel.ids import new_id
from amity.kernel.settings import settings
from amity.rooms.collection.api import look_at_table
from amity.rooms.collection.contracts import FileTable
from amity.rooms.customers.actions.audiences.listing import Listed, change_list
from amity.rooms.customers.actions.settings import chosen_by
from amity.rooms.customers.models import ListUpload
from amity.rooms.customers.rules.audiences.listing import MODES, MOST_LINES, MOST_TOLD, Mode, Read, read_cells
from amity.rooms.customers.rules.traits import storable_text
from amity.rooms.trust.contracts import Access, Actor

KEPT_FOR = DAY


def take_file(access: Access, *, name: str, pieces: Iterable[bytes], audience_id: int | None = None) -> ListUpload:
    """Keep a file that somebody uploaded, until it is used. Raises Invalid where it is too large, or can't be read."""
    folder = settings().imports / str(access.workspace_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = folder / f"{new_id().hex}.list"
    try:
        with os.fdopen(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            for piece in pieces:
                _check_size(file.tell() + len(piece))
                file.write(piece)
        with opened(path, name=name):
            pass
        return ListUpload.objects.create(
            workspace_id=access.workspace_id, audience_id=audience_id, name=storable_text(name)[:255], path=str(path),
            size=path.stat().st_size, made_at=now_ms(), made_by=access.actor.name[:254],
        )  # fmt: skip
    except BaseException:
        path.unlink(missing_ok=True)
        raise


@contextmanager
def opened(path: Path, *, name: str) -> Iterator[FileTable]:
    """Open a file of rows. Raises Invalid where it can't be read."""
    with path.open("rb") as stream:
        yield look_at_table(stream, name=name, size=path.stat().st_size)


def waiting_upload(*, workspace_id: int, upload_id: int) -> ListUpload:
    """Return a file that waits to be used. Raises NotFound."""
    found = ListUpload.objects.filter(workspace_id=workspace_id, pk=upload_id, used_at=None).exclude(path="").first()
    if found is None or not Path(found.path).is_file():
        raise NotFound("This file was used or forgotten. Upload it again.")
    return found


def use_upload(  # noqa: PLR0913  one argument for each part
    access: Access,
    *,
    upload_id: int,
    audience_id: int,
    column: str,
    kind: str,
    mode: Mode,
    request: HttpRequest | None = None,
) -> Listed:
    """Change a list by an uploaded file, which is deleted then; what it did stays with the upload. Raises Invalid, NotFound."""
    one = waiting_upload(workspace_id=access.workspace_id, upload_id=upload_id)
    path = Path(one.path)
    with transaction.atomic():
        with opened(path, name=one.name) as table:
            listed, read = list_table(
                access, table, workspace_id=access.workspace_id, audience_id=audience_id, column=column, kind=kind, mode=mode,
                request=request,
            )  # fmt: skip
        one.audience_id, one.column, one.kind, one.mode = audience_id, column, kind, mode
        one.used_at, one.path = now_ms(), ""
        one.counts, one.trouble = told(listed, read)
        one.save()
    path.unlink(missing_ok=True)
    return listed


def list_table(  # noqa: PLR0913  one argument for each part
    who: Access | Actor,
    table: FileTable,
    *,
    workspace_id: int,
    audience_id: int,
    column: str,
    kind: str,
    mode: Mode,
    request: HttpRequest | None = None,
) -> tuple[Listed, Read]:
    """Change a list by a column of a file; return what that did and what the file held. Raises Invalid, NotFound."""
    if mode not in MODES:
        raise Invalid(f"Choose what to do with the customers: {', '.join(MODES)}.")
    read = read_column(table, workspace_id=workspace_id, column=column, kind=kind)
    listed = change_list(
        who, workspace_id=workspace_id, audience_id=audience_id, mode=mode, kind=kind, spelled=read.spelled, request=request
    )
    return listed, read


def read_column(table: FileTable, *, workspace_id: int, column: str, kind: str) -> Read:
    """Read a column of a file as identifiers of a kind. Raises Invalid for no column of the file, or too many lines."""
    if column not in {one.name for one in table.columns}:
        raise Invalid(f"The file has no column {column!r}. It has: {', '.join(one.name for one in table.columns[:20])}.")
    rules = chosen_by([workspace_id])[workspace_id].rules
    return read_cells(_at_most(table.rows()), column=column, kind=kind, rules=rules)


def told(listed: Listed, read: Read) -> tuple[dict[str, int], list[tuple[int, str]]]:
    """Return counts by name, and (line, reason) of the first lines that named nobody."""
    trouble = [*read.trouble]
    trouble += [(read.values[value], "unknown") for value in listed.unknown]
    trouble += [(read.values[value], "ambiguous") for value in listed.several]
    trouble.sort()
    counts = {"lines": read.lines, "known": listed.known, "again": read.again, "entered": listed.entered, "left": listed.left}
    for _, reason in trouble:
        counts[reason] = counts.get(reason, 0) + 1
    return counts, trouble[:MOST_TOLD]


def forget_old_uploads() -> None:
    """Delete files that nobody used within a day."""
    for one in ListUpload.objects.filter(used_at=None, made_at__lt=now_ms() - KEPT_FOR):
        Path(one.path).unlink(missing_ok=True)
        one.delete()


def _check_size(size: int) -> None:
    if size > settings().import_bytes:
        raise Invalid(f"The file is larger than {settings().import_bytes:,} bytes (AMITY_IMPORT_BYTES).")


def _at_most(rows: Iterator[tuple[int, Mapping[str, Any] | None]]) -> Iterator[tuple[int, Mapping[str, Any] | None]]:
    for number, row in enumerate(rows):
        if number >= MOST_LINES:
            raise Invalid(f"A list’s file has at most {MOST_LINES:,} lines; split it.")
        yield row
