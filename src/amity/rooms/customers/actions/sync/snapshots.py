"""A whole audience as a CSV file on disk, for destinations that take files."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import msgspec

from amity.kernel.settings import settings
from amity.rooms.customers.models import Subscription
from amity.rooms.customers.queries.sync.members import everybody
from amity.rooms.customers.rules.export.columns import Column
from amity.rooms.customers.rules.export.csv_lines import CsvLines
from amity.rooms.customers.rules.sync.connector import File
from amity.rooms.customers.rules.sync.payload import Told, member_id


@contextmanager
def snapshot(one: Subscription) -> Iterator[File]:
    """Write who is to be at the destination now to a file, which is deleted again."""
    folder = settings().home / "cache"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(prefix="audience-", suffix=".csv", dir=folder, delete=False) as out:
        path = Path(out.name)
        try:
            seen, size = sha256(), 0
            for piece in _lines(one):
                out.write(piece)
                seen.update(piece)
                size += len(piece)
            out.flush()
            yield File(
                path=path, name=f"{file_name(one.audience.name)}-{one.audience_id}.csv", size=size, sha256=seen.hexdigest()
            )
        finally:
            path.unlink(missing_ok=True)


def file_name(name: str) -> str:
    """Return an audience's name as a part of a file's: letters, digits and dashes."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:60] or "audience"


def _lines(one: Subscription) -> Iterator[bytes]:
    kinds, traits = list(one.identifiers), list(one.traits)
    writer = CsvLines(
        [Column("id"), Column("customer_id"), *(Column(kind) for kind in kinds), *(Column(name) for name in traits)]
    )
    yield writer.begin()
    for some in everybody(one):
        rows = [_row(one, told, kinds, traits) for told in some]
        if rows:
            yield writer.add(list(zip(*rows, strict=True)))


def _row(one: Subscription, told: Told, kinds: list[str], traits: list[str]) -> list[str]:
    found = [" ".join(told.identifiers.get(kind, ())) for kind in kinds]
    values = [_text(told.traits.get(name)) for name in traits]
    return [member_id(one.pk, told.customer_id), str(told.customer_id), *found, *values]


def _text(value: object) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()
