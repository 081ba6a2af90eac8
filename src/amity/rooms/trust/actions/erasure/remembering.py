"""Write down who is kept out where no restore reaches it: beside the engines, and beside the last backup."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import structlog
from django.db.models import Q

from amity.engines.backup.erased import Line, add, append, missing
from amity.engines.backup.noted import last_backup
from amity.kernel.clock import now_ms, to_ms
from amity.kernel.settings import settings
from amity.rooms.trust.actions.erasure.suppress import NOTHING, Hashed, hashes_of
from amity.rooms.trust.models import Erasure, Suppression

log = structlog.get_logger("amity.trust")


def remember_erasure(run: Erasure, hashes: Iterable[Hashed]) -> None:
    """Write down that an erasure keeps these out. Raises OSError where the data folder can't be written to."""
    _write([_line(run, hashes)])


def remember_suppression(*, workspace_id: int, hashes: Iterable[Hashed], before: int | None = None) -> None:
    """Write down that these are kept out, or let back from `before` (ms) on, without anybody being erased."""
    _write([Line(at=now_ms(), workspace=workspace_id, mark=mark_of(workspace_id), hashes=_written(hashes), before=before)])


def write_list(folder: Path) -> int:
    """Write who is kept out now to the list of a folder, as far as it isn't there; return how many lines those were."""
    return add(folder, _lines_now())


def unlisted(folder: Path) -> int:
    """Return how many lines the list of a folder lacks of who is kept out now: a restore would bring those people back."""
    return len(missing(folder, _lines_now()))


def _lines_now() -> list[Line]:
    held: dict[UUID | None, dict[int, list[Hashed]]] = {}
    rows = Suppression.objects.exclude(kind="").order_by("created_at").values_list("erasure_id", "workspace_id", "kind", "hash")
    for erasure, workspace, kind, one in rows.iterator(chunk_size=5_000):
        held.setdefault(erasure, {}).setdefault(workspace, []).append((kind, one))
    runs = Erasure.objects.exclude(suppressed_at=None).in_bulk([one for one in held if one is not None])
    lines = [_line(run, hashes) for pk, run in runs.items() for hashes in held[pk].values()]
    return [*lines, *_lines_without_erasure()]


def _lines_without_erasure() -> list[Line]:
    """Return lines for what is kept out without an erasure, and for what was let back."""
    held: dict[tuple[int, int, int | None], list[Hashed]] = {}
    loose = Suppression.objects.exclude(kind="").filter(Q(erasure_id=None) | Q(before__isnull=False)).order_by("created_at")
    for one in loose.iterator(chunk_size=5_000):
        held.setdefault((one.workspace_id, one.before or to_ms(one.created_at), one.before), []).append((one.kind, one.hash))
    return [
        Line(at=at, workspace=workspace, mark=mark_of(workspace), hashes=_written(hashes), before=before)
        for (workspace, at, before), hashes in held.items()
    ]


def mark_of(workspace_id: int) -> str:
    """Return the hash of nothing, by which a workspace's key is known."""
    [(_, mark)] = hashes_of(workspace_id, [NOTHING])
    return mark.hex


def _line(run: Erasure, hashes: Iterable[Hashed]) -> Line:
    return Line(
        at=to_ms(run.suppressed_at) if run.suppressed_at else now_ms(),
        workspace=run.workspace_id,
        mark=mark_of(run.workspace_id),
        hashes=_written(hashes),
        erasure=str(run.pk),
        request=str(run.request_id or ""),
        of=run.hint,
        reason=run.reason,
    )


def _written(hashes: Iterable[Hashed]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((kind, one.hex) for kind, one in hashes if kind))


def _write(lines: list[Line]) -> None:
    chosen = settings()
    append(chosen.home, lines)
    made = last_backup(chosen)
    beside = Path(made.file).parent if made else None
    if beside is not None and beside.is_dir() and beside != chosen.home:
        with suppress(OSError):  # a disk that is away, or a folder of somebody else's: the next backup brings the list along
            append(beside, lines)
