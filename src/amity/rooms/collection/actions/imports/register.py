"""Make an import known: the file's digest, whether it was brought in before, the source that receives it."""

from __future__ import annotations

import re
from hashlib import blake2b
from pathlib import Path
from typing import Any, BinaryIO
from uuid import UUID

from django.db import transaction
from django.http import HttpRequest

from amity.kernel.errors import Invalid, NotFound
from amity.rooms.collection.actions.sources import create_source
from amity.rooms.collection.contracts import ImportView
from amity.rooms.collection.models import Import, Source
from amity.rooms.collection.rules.sources import LONGEST_NAME
from amity.rooms.trust import api as trust
from amity.rooms.trust.contracts import Access, Actor

_PIECE = 1_048_576
_DIGEST_BYTES = 12


def digest_of(stream: BinaryIO) -> tuple[str, int]:
    """Return a file's digest and size; reads it whole, a piece at a time."""
    found, size = blake2b(digest_size=_DIGEST_BYTES), 0
    stream.seek(0)
    while piece := stream.read(_PIECE):
        found.update(piece)
        size += len(piece)
    return found.hexdigest(), size


def register(  # noqa: PLR0913  what is known of a file
    *,
    workspace_id: int,
    actor: Access | Actor,
    path: Path,
    name: str,
    digest: str,
    size: int,
    own_file: bool,
    request: HttpRequest | None = None,
) -> ImportView:
    """Make a file known that has no map yet."""
    with transaction.atomic():
        made = Import.objects.create(
            workspace_id=workspace_id, name=shown_name(name), path=str(path), own_file=own_file, size=size, digest=digest,
            prefix="", state="uploaded", created_by=_name_of(actor),
        )  # fmt: skip
        made.refresh_from_db()
        trust.record(
            actor,
            action="import.uploaded",
            target=f"import:{made.pk}",
            after={"name": made.name, "size": size},
            request=request,
            workspace_id=workspace_id,
        )
    return made.view()


def queue(  # noqa: PLR0913  what a person decides
    *,
    workspace_id: int,
    import_id: UUID,
    mapping: dict[str, Any],
    source_id: int | None,
    actor: Access | Actor,
    again: bool = False,
    state: str = "waiting",
    request: HttpRequest | None = None,
) -> ImportView:
    """Give a file its map and source (None: one of its own name) and let it be worked. Raises Invalid, NotFound.

    A file that its workspace brought in before is refused unless `again` says that its rows are meant to count twice.
    """
    source = _source(workspace_id, source_id, import_id, actor, request)
    with transaction.atomic():
        one = _locked(workspace_id, import_id)
        if one.state != "uploaded":
            raise Invalid("This file has its map already.")
        before = Import.objects.filter(workspace_id=workspace_id, digest=one.digest).exclude(prefix="")
        if before.exists() and not again:
            earlier = before.order_by("-created_at")[0]
            raise Invalid(
                f"This very file was brought in before ({earlier.name}, {earlier.created_at:%Y-%m-%d %H:%M} UTC, {earlier.state}). "
                "Brought in again, each of its rows would count twice.",
                code="again",
            )
        number = before.count()
        one.prefix = one.digest + (f"-{number + 1}" if number else "")
        one.mapping, one.source, one.state = mapping, source, state
        one.save()
        trust.record(
            actor,
            action="import.started",
            target=f"import:{one.pk}",
            after={"name": one.name, "source": source.pk, "map": mapping},
            request=request,
            workspace_id=workspace_id,
        )
    return one.view()


def shown_name(name: str) -> str:
    """Return a file's name for people: its last part, printable, not too long. It never becomes a path."""
    last = re.split(r"[\\/]", name)[-1]
    plain = "".join(c for c in last if c.isprintable()).strip() or "file"
    return plain[-200:]


def _source(
    workspace_id: int, source_id: int | None, import_id: UUID, actor: Access | Actor, request: HttpRequest | None
) -> Source:
    found = Source.objects.filter(workspace_id=workspace_id, kind="import")
    if source_id is not None:
        chosen = found.filter(pk=source_id).first()
        if chosen is None:
            raise NotFound("This workspace has no such source for imports.")
        return chosen
    held = Import.objects.filter(workspace_id=workspace_id, pk=import_id).first()
    if held is None:
        raise NotFound("This workspace has no such import.")
    name = " ".join(held.name.split())[:LONGEST_NAME].strip()
    same = found.filter(name=name).first()
    if same is not None:
        return same
    if Source.objects.filter(workspace_id=workspace_id, name=name).exists():
        name = f"{name[: LONGEST_NAME - 9]} (import)"
        if (again := found.filter(name=name).first()) is not None:
            return again
    made = create_source(workspace_id=workspace_id, name=name, kind="import", actor=actor, request=request)
    return Source.objects.get(pk=made.id)


def _locked(workspace_id: int, import_id: UUID) -> Import:
    one = Import.objects.select_for_update().filter(workspace_id=workspace_id, pk=import_id).first()
    if one is None:
        raise NotFound("This workspace has no such import.")
    return one


def _name_of(actor: Access | Actor) -> str:
    return (actor.actor if isinstance(actor, Access) else actor).name[:254]
