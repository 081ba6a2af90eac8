"""`python -m amity.config.serving.prepare`: brings schemas and first rows up to this code. A child of `amity serve`.

A process of its own, so that the supervisor stays small and never holds Django. It begins when it is sent a line, and tells its steps as JSON lines on standard
output: `{"begin": text, "then": text}`, `{"end": true}`, `{"sign_in": path}`, `{"error": text}`, `{"demo": true}`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import urlsplit

from amity.config.serving.journal import set_up
from amity.engines.addresses import addresses
from amity.kernel.errors import AmityError
from amity.kernel.settings import settings

OWN, DEMO = "your-company", "linden"


def main() -> None:
    """Do every step; exit code 1 after an error that was told."""
    set_up(settings().log_level)
    try:
        _prepare(with_demo="--no-demo" not in sys.argv)
    except AmityError as error:
        _tell(error=error.message)
        sys.exit(1)


def _prepare(*, with_demo: bool) -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "amity.config.settings")
    import django

    django.setup()
    from amity.config.serving import migrations

    if not sys.stdin.readline():  # everything is loaded; the engines may still be starting
        return
    if "--create-database" in sys.argv:
        create_database(addresses().present)
    with migrations.alone():
        migrations.refuse_downgrade()
        if waiting := migrations.waiting():
            with _step(f"Bringing the present's tables up to date ({waiting} changes)", "Tables of the present up to date"):
                migrations.apply()
        _migrate_past()
        _erase_again()
        _workspaces(with_demo=with_demo)


def _migrate_past() -> None:
    from django.db.models import Q

    from amity.engines.past.migrate import migrate_past, waiting
    from amity.engines.present.models import PastBatch
    from amity.workers.carrier import carry

    if waiting() and PastBatch.objects.exists():
        # A table that is made anew has forgotten which batches it was given, so none may be under way.
        with _step("Carrying what waits for the past", "Nothing waits for the past"):
            carry(Q())
    begun: list[str] = []

    def progress(name: str) -> None:
        if not begun:
            _tell(begin="Bringing the past's tables up to date", then="Tables of the past up to date")
        begun.append(name)

    migrate_past(progress)
    if begun:
        _tell(end=True)


def _erase_again() -> None:
    """Erase whoever a restore brought back, before anybody can see them."""
    from amity.engines.backup.erased import NAME
    from amity.rooms.trust import api as trust

    if not (settings().home / NAME).exists():
        return
    with _step("Looking for customers who were erased", "Who was erased is erased"):
        trust.erase_again()


def create_database(url: str) -> None:
    """Create the database that `url` names, in the embedded PostgreSQL, unless it is there."""
    import psycopg
    from psycopg import sql

    parts = urlsplit(url)
    name = parts.path.lstrip("/")
    with psycopg.connect(parts._replace(path="/postgres").geturl(), autocommit=True) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))


def _workspaces(*, with_demo: bool) -> None:
    from amity.rooms.trust import api as trust

    trust.ensure_workspace(slug=OWN, name="Your company", is_demo=False)
    if with_demo:
        demo = trust.ensure_workspace(slug=DEMO, name="Linden", is_demo=True)
        _tell(demo=_is_empty(demo.id))
    _tell(sign_in=trust.make_start_link() or "")


def _is_empty(workspace: int) -> bool:
    """Whether nothing was ever collected for a workspace."""
    from amity.engines.past.client import errors, past

    sql = "SELECT count() FROM (SELECT 1 FROM interactions_raw WHERE workspace_id = {workspace:UInt32} LIMIT 1)"
    with errors():
        return not past().query(sql, parameters={"workspace": workspace}).first_row[0]


@contextmanager
def _step(begin: str, done: str) -> Iterator[None]:
    _tell(begin=begin, then=done)
    yield
    _tell(end=True)


def _tell(**what: object) -> None:
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
