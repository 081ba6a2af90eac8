"""Bring the past's tables to what this code expects: numbered SQL files, and a ledger of those already run."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files
from typing import Any

from amity.engines.past.client import connect, database_name, errors
from amity.kernel.errors import AmityError

_LONGEST = 86_400  # seconds that a statement may take: some copy a whole table
_FILE = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
_LEDGER = """
CREATE TABLE IF NOT EXISTS schema_ledger
(
    number UInt32,
    name String,
    sha256 String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree(applied_at)
ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
"""


@dataclass(frozen=True, kw_only=True)
class Migration:
    """One numbered file."""

    number: int
    name: str
    text: str

    @property
    def sha256(self) -> str:
        """Fingerprint, so that a file that was changed after it ran is noticed."""
        return sha256(self.text.encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        """The file's statements: each ends with a semicolon at the end of a line."""
        return [one.strip() for one in re.split(r";[ \t]*(?:\n|\Z)", self.text) if one.strip()]


def known_migrations() -> list[Migration]:
    """Return this code's migrations in order."""
    found = [
        Migration(number=int(match[1]), name=match[2], text=entry.read_text(encoding="utf-8"))
        for entry in files("amity.engines.past").joinpath("migrations").iterdir()
        if (match := _FILE.fullmatch(entry.name))
    ]
    return sorted(found, key=lambda one: one.number)


def waiting() -> int:
    """Return how many migrations the past has not seen yet; all of them where it has no tables. Raises NotRunning."""
    with errors():
        client = connect(database="")
        found = client.query(
            "SELECT count() FROM system.tables WHERE database = {d:String} AND name = 'schema_ledger'",
            parameters={"d": database_name()},
        ).first_row[0]
        applied = 0
        if found:
            where = {"d": database_name()}
            applied = client.query("SELECT uniqExact(number) FROM {d:Identifier}.schema_ledger", parameters=where).first_row[0]
        client.close()
    return len(known_migrations()) - int(applied)


def migrate_past(progress: Callable[[str], None] | None = None, *, only: Collection[int] | None = None) -> int:
    """Run the migrations that the past has not seen yet, or `only` those with certain numbers, and return how many.

    A migration that was interrupted is run again, so its statements say IF NOT EXISTS or are otherwise repeatable.
    Raises AmityError if the past was made by newer code, or by other code under the same number.
    """
    with errors():
        creator = connect(database="")
        creator.command("CREATE DATABASE IF NOT EXISTS {name:Identifier}", parameters={"name": database_name()})
        creator.close()
        client = connect(database=None, send_receive_timeout=_LONGEST)
        client.command(_LEDGER)
        applied = dict(client.query("SELECT number, sha256 FROM schema_ledger FINAL").result_rows)
    known = known_migrations()
    check_ledger(known, applied)
    pending = [one for one in known if one.number not in applied and (only is None or one.number in only)]
    for one in pending:
        if progress:
            progress(f"past: {one.number:04d} {one.name}")
        _apply(client, one)
    client.close()
    return len(pending)


def check_ledger(known: list[Migration], applied: dict[int, str]) -> None:
    """Refuse a past that this code doesn't understand."""
    newest = max((one.number for one in known), default=0)
    ahead = sorted(number for number in applied if number > newest)
    if ahead:
        raise AmityError(
            f"The past holds migration {ahead[-1]:04d}, but this version of Amity knows only up to {newest:04d}. "
            "It was opened by a newer version; going back isn't possible. Install that version again, or restore a backup.",
            code="downgrade",
        )
    for one in known:
        if applied.get(one.number, one.sha256) != one.sha256:
            raise AmityError(
                f"Migration {one.number:04d} of the past was changed after it ran here. "
                "Restore its file and put the change into a new migration.",
                code="migration_changed",
            )


def _apply(client: Any, one: Migration) -> None:
    with errors():
        for statement in one.statements:
            client.command(statement)
        client.insert(
            "schema_ledger",
            [[one.number, one.name, one.sha256]],
            column_names=["number", "name", "sha256"],
        )
