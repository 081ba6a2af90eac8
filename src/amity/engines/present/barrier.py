"""Holds still, for the moment in which a backup begins, whatever moves rows from the present to the past.

Who moves or changes rows of the past holds the lock shared, in the transaction that says so in the present. Who holds it alone
sees each row in exactly one of the two engines.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from amity.kernel.errors import AmityError

if TYPE_CHECKING:
    import psycopg

_LOCK = 0x5041535421  # PAST!


def hold_shared() -> None:
    """Let no backup begin before the caller's transaction has ended; wait while one begins, which takes a moment."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock_shared(%s)", [_LOCK])


@contextmanager
def nothing_moves(connection: psycopg.Connection[Any], *, seconds: int = 120) -> Iterator[None]:
    """Wait until nothing moves to the past, and hold everyone else. `connection` is one of autocommit.

    Raises AmityError if something does not come to rest within `seconds`.
    """
    import psycopg

    connection.execute(f"SET lock_timeout = {int(seconds) * 1000}")
    try:
        connection.execute("SELECT pg_advisory_lock(%s)", [_LOCK])
    except psycopg.errors.LockNotAvailable:
        raise AmityError(
            f"A worker has been bringing rows to the past for more than {seconds} s. See amity status, and try again."
        ) from None
    try:
        yield
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", [_LOCK])
