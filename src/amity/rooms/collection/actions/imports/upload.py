"""Uploads: a file comes in pieces, each appended where the last one ended, under a name that is ours."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO
from uuid import UUID

from django.http import HttpRequest

from amity.kernel.errors import Invalid, NotFound
from amity.kernel.ids import new_id
from amity.kernel.settings import settings
from amity.rooms.collection.actions.imports.register import digest_of, register
from amity.rooms.collection.contracts import ImportView
from amity.rooms.trust.contracts import Access

PIECE_BYTES = 2 * 1024 * 1024
_FORGOTTEN_AFTER = 86_400  # seconds after which an upload that nobody went on with is deleted
_READ = 262_144


def begin_upload(*, workspace_id: int, size: int) -> UUID:
    """Make room for a file of `size` bytes and return its upload's id. Raises Invalid where it is too large or empty."""
    _check_size(size)
    folder = _folder(workspace_id)
    for old in folder.glob("*.part"):
        if time.time() - old.stat().st_mtime > _FORGOTTEN_AFTER:
            old.unlink(missing_ok=True)
    upload_id = new_id()
    os.close(os.open(_part(workspace_id, upload_id), os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    return upload_id


def append_piece(*, workspace_id: int, upload_id: UUID, at: int, piece: BinaryIO) -> int:
    """Append a piece that begins at `at` and return where the next one does.

    A piece that was there already, or lies ahead, changes nothing: the answer says what is wanted. Raises NotFound, Invalid.
    """
    path = _part(workspace_id, upload_id)
    if not path.is_file():
        raise NotFound("There is no such upload, or it was forgotten. Begin again.")
    with path.open("r+b") as file:
        held = file.seek(0, os.SEEK_END)
        if at != held:
            return held
        left = PIECE_BYTES
        while part := piece.read(min(_READ, left + 1)):
            left -= len(part)
            if left < 0 or file.tell() + len(part) > settings().import_bytes:
                file.truncate(held)
                raise Invalid("The piece or the file is larger than allowed.")
            file.write(part)
        return file.tell()


def end_upload(*, access: Access, upload_id: UUID, name: str, size: int, request: HttpRequest | None = None) -> ImportView:
    """Make the file an import that waits for its map. Raises NotFound; Invalid where not all of it came."""
    path = _part(access.workspace_id, upload_id)
    if not path.is_file():
        raise NotFound("There is no such upload, or it was forgotten. Begin again.")
    if path.stat().st_size != size:
        raise Invalid(f"{path.stat().st_size:,} of {size:,} bytes came. Begin again.")
    with path.open("rb") as file:
        digest, size = digest_of(file)
    whole = path.with_suffix(".data")
    path.rename(whole)
    return register(
        workspace_id=access.workspace_id, actor=access, path=whole, name=name, digest=digest, size=size, own_file=True,
        request=request,
    )  # fmt: skip


def take_whole(
    *, access: Access, name: str, size: int, pieces: Iterable[bytes], request: HttpRequest | None = None
) -> ImportView:
    """Take a file that came at once. Raises Invalid where it is too large or empty."""
    upload_id = begin_upload(workspace_id=access.workspace_id, size=size)
    with _part(access.workspace_id, upload_id).open("ab") as file:
        for part in pieces:
            file.write(part)
        came = file.tell()
    return end_upload(access=access, upload_id=upload_id, name=name, size=came, request=request)


def _check_size(size: int) -> None:
    most = settings().import_bytes
    if size <= 0:
        raise Invalid("The file is empty.")
    if size > most:
        raise Invalid(
            f"The file has {size:,} bytes; {most:,} are allowed (AMITY_IMPORT_BYTES). Use the command line: amity import FILE"
        )


def _folder(workspace_id: int) -> Path:
    folder = settings().imports / str(int(workspace_id))
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _part(workspace_id: int, upload_id: UUID) -> Path:
    return _folder(workspace_id) / f"{UUID(str(upload_id)).hex}.part"
