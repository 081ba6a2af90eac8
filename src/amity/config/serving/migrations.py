"""The present's schema against this code: what waits to be applied, what this code doesn't know."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from amity.kernel.errors import AmityError

if TYPE_CHECKING:
    from django.db.migrations.loader import MigrationLoader

_LOCK = 0x416D697479  # "Amity": one migration at a time, also where two machines share a PostgreSQL


@contextmanager
def alone() -> Iterator[None]:
    """Hold the lock that lets one process at a time change schemas."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])


def refuse_downgrade() -> None:
    """Raise AmityError if the data was already used by a newer Amity, whose changes this one doesn't know."""
    if unknown := unknown_to_this_code():
        some = ", ".join(unknown[:5]) + (" …" if len(unknown) > 5 else "")
        raise AmityError(
            f"This data was used by a newer Amity: its changes {some} are unknown to this version. "
            "Going back is not supported; start the newer version, or restore a backup made by this one."
        )


def unknown_to_this_code() -> list[str]:
    """Return applied changes (`app.name`) that this code doesn't hold."""
    loader = _loader()
    replaced = {name for one in loader.disk_migrations.values() for name in one.replaces}
    known = set(loader.disk_migrations) | replaced
    return sorted(f"{app}.{name}" for app, name in loader.applied_migrations if (app, name) not in known)


def waiting() -> int:
    """Return how many changes are not applied yet."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    return len(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def apply() -> None:
    """Apply every change that waits."""
    from django.core.management import call_command

    call_command("migrate", verbosity=0, interactive=False)


def apply_only(wanted: Collection[tuple[str, str]]) -> None:
    """Make the tables of an empty database as they were after just these changes (app, name). Raises AmityError for one unknown."""
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    executor = MigrationExecutor(connection)
    if unknown := sorted(f"{app}.{name}" for app, name in set(wanted) - set(executor.loader.disk_migrations)):
        some = ", ".join(unknown[:5]) + (" …" if len(unknown) > 5 else "")
        raise AmityError(
            f"A newer Amity made this: its changes {some} are unknown to this version. Use that one, or a newer one."
        )
    plan = [
        one for one in executor.migration_plan(executor.loader.graph.leaf_nodes()) if (one[0].app_label, one[0].name) in wanted
    ]
    executor.migrate(executor.loader.graph.leaf_nodes(), plan=plan)


def _loader() -> MigrationLoader:
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    return MigrationLoader(connection)
