"""Sets in and out of the present: psycopg's own cursor, parameters and results in binary.

Arrays that travel in binary and are unnested in PostgreSQL are several times quicker than rows one by one or as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import OperationalError, connection

from amity.engines.present import bulk
from amity.engines.present.bulk import cursor
from amity.rooms.customers.contracts import Conflict

_CROSSED = "Another worker changed the same customers meanwhile; the batch is to be worked again."


def run(sql: str, params: Sequence[Any] = ()) -> psycopg.Cursor[Any]:
    """Run one statement of this room within the caller's transaction.

    Raises Conflict where two workers lock crosswise, Django's database errors otherwise.
    """
    with connection.wrap_database_errors:
        try:
            return cursor().execute(sql.encode(), params, binary=True, prepare=True)
        except (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure) as error:
            raise Conflict(_CROSSED) from error


def send(sql: str, params: Sequence[Any] = ()) -> None:
    """Run one statement of which nothing is to be known; it may go on while the caller does (`engines.present.bulk.deferring`)."""
    try:
        bulk.send(sql, params)
    except OperationalError as error:
        if isinstance(error.__cause__, (psycopg.errors.DeadlockDetected, psycopg.errors.SerializationFailure)):
            raise Conflict(_CROSSED) from error
        raise


def fetch(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run one question and return its rows."""
    return run(sql, params).fetchall()
