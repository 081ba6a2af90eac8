"""`python -m amity.config.backup.loading`: loads a backup into running engines. A child of `amity restore`.

It is told what to do by a line of JSON (`Order`), and tells its steps as `amity.config.serving.following` reads them.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import msgspec

from amity.config.backup.making import SECRETS
from amity.config.secrets import CONSOLE_KEY
from amity.config.serving.journal import set_up
from amity.engines.addresses import addresses
from amity.engines.archive.layout import SCHEMA, Manifest
from amity.engines.archive.reading import Part, Reader, opened
from amity.engines.backup import log as entries
from amity.engines.backup import past, present
from amity.engines.fieldkeys import FILES as FIELD_KEYS
from amity.kernel.errors import AmityError
from amity.kernel.settings import settings

_TELL_EVERY = 0.5  # seconds


class Order(msgspec.Struct, frozen=True, kw_only=True):
    """What the parent wants. `until` is in ms since 1970, `log` the address of the log that outlived the rest.

    `manifest` is the file's, which the parent has read to its end.
    """

    file: str
    manifest: Manifest
    passphrase: str | None
    log: str | None
    until: int | None
    create_database: bool


def main() -> None:
    """Do every step; exit code 1 after an error that was told."""
    set_up(settings().log_level)
    try:
        _Loading(msgspec.json.decode(sys.stdin.readline(), type=Order)).run()
    except AmityError as error:
        _tell(error=error.message)
        sys.exit(1)


class _Loading:
    def __init__(self, order: Order) -> None:
        self.order, self.path, self.manifest = order, Path(order.file), order.manifest
        self.told_at = 0.0

    def run(self) -> None:
        """Load the file part by part, then check what came of it."""
        if self.order.create_database:
            from amity.config.serving.prepare import create_database

            create_database(addresses().present)
        with present.errors(), present.connect(addresses().present) as self.connection:
            self._refuse_used()
            with opened(self.path, passphrase=self.order.passphrase) as reader:
                self._load(reader)
            self._settle()
            self._compare()
        rows = {kind: self.manifest.rows(kind) for kind in (past.KIND, present.KIND)}
        _tell(**rows, about=self.manifest.about, log=self.log)

    def _refuse_used(self) -> None:
        if present.has_tables(self.connection):
            raise AmityError(
                "The database that AMITY_PRESENT_URL names holds tables. Give an empty one: a restore never overwrites."
            )
        if past.has_rows():
            raise AmityError("The database that AMITY_PAST_URL names holds rows. Give an empty one: a restore never overwrites.")

    def _load(self, reader: Reader) -> None:
        parts = reader.parts()
        schema: past.Schema | None = None
        for part in parts:
            if part.kind == SECRETS:
                self._keep_secret(part)
            elif (part.kind, part.name) == (past.KIND, SCHEMA):
                schema = msgspec.json.decode(part.whole(), type=past.Schema)
                self._make_past(schema)
            elif part.kind == past.KIND and schema is not None:
                with _step(f"Loading the past: {part.name}", f"The past: {part.name}"):
                    past.load_past(schema, part, backup=reader.header.id, told=self._at)
            elif part.kind == entries.KIND:
                from amity.config.backup.following_log import load_log

                with _step("Loading the log", "The log"):
                    self.log = asyncio.run(
                        load_log(part, self.manifest.about["log"], self.order.log, until=self.order.until, told=self._at)
                    )
            elif (part.kind, part.name) == (present.KIND, SCHEMA):
                self._load_present(msgspec.json.decode(part.whole(), type=present.Schema), parts)

    def _keep_secret(self, part: Part) -> None:
        from amity.engines.supervisor.records import write_private

        if part.name == CONSOLE_KEY or fnmatch(part.name, FIELD_KEYS):
            write_private(settings().secrets / part.name, part.whole())

    def _make_past(self, schema: past.Schema) -> None:
        from amity.engines.past.migrate import check_ledger, known_migrations, migrate_past

        ledger = {int(number): made for number, made in schema.ledger.items()}
        check_ledger(known_migrations(), ledger)
        migrate_past(only=ledger)

    def _load_present(self, schema: present.Schema, parts: Iterator[Part]) -> None:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amity.config.settings")
        import django

        django.setup()
        from amity.config.serving import migrations

        with _step("Loading the present", "The present"):
            migrations.apply_only(schema.migrations)
            present.load_present(self.connection, schema, parts, told=self._at)

    def _settle(self) -> None:
        """Take out of the rows on their way to the past what is there already."""
        from amity.engines.backup.settling import settle

        settle(self.connection)

    def _compare(self) -> None:
        from amity.rooms.trust.queries.audit import verify_chain

        with _step("Comparing with the backup", "The same as the backup: rows, audit chain"):
            for one in self.manifest.parts:
                if one.kind == past.KIND and one.name != SCHEMA and (lacking := past.missing(one.name, one.rows)):
                    raise AmityError(f"The past's table {one.name} differs from the backup's {one.rows} rows by {lacking}.")
            verdict, head = verify_chain(), self.manifest.about["audit"]
            if verdict.broken is not None:
                raise AmityError(f"The audit chain breaks at row {verdict.broken}: {verdict.reason}.")
            if head and verdict.head != head:
                raise AmityError(f"The audit chain ends at {verdict.head}, that of the backup at {head}.")

    def _at(self, name: str, rows: int) -> None:
        if time.monotonic() - self.told_at > _TELL_EVERY:
            self.told_at = time.monotonic()
            _tell(at=f"{name}, {rows:,} rows")


@contextmanager
def _step(begin: str, then: str) -> Iterator[None]:
    _tell(begin=begin, then=then)
    yield
    _tell(end=True)


def _tell(**what: Any) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
