"""Statements over many rows at once: arrays in binary form, bound by the server, in Django's own transaction.

Django's cursors bind on the client and as text, which costs eight times as much for arrays of thousands.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import psycopg
from django.db import connection


def run(sql: str, params: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
    """Run a statement whose arrays are bound with `%b`; return its rows, or none where it gives none."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(cast("psycopg.Connection[Any]", connection.connection)) as cursor:
        cursor.execute(cast("Any", sql), params, prepare=True)
        return cursor.fetchall() if cursor.description else []
