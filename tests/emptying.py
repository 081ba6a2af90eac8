"""Empties present and past between tests: only rows go, in one statement for each engine."""

from __future__ import annotations

from functools import cache
from typing import Any

_KEPT = {"django_content_type", "auth_permission"}  # made by migrating, the same for every test


def empty_present(_: Any = None) -> None:
    """Delete the rows of every model's table, with no trigger and no foreign key in the way.

    Django would truncate each of a hundred tables, which gives each and its indexes new files, and make all permissions anew: a second
    for each test that commits, where most have written into five of them.
    """
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(_deleting())


@cache
def _deleting() -> str:
    from django.db import connection

    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    rows = "; ".join(f'DELETE FROM "{table}"' for table in sorted(set(tables) - _KEPT))
    return f"BEGIN; SET LOCAL session_replication_role = replica; {rows}; COMMIT"


def empty_past() -> None:
    """Drop all parts of the past's tables: each one that is left makes every later change of the table slower."""
    from amity.engines.past.client import TABLES, command, past

    held = past().query("SELECT DISTINCT table FROM system.parts WHERE active AND database = currentDatabase()").result_rows
    for table in sorted(TABLES & {table for (table,) in held}):
        command(f"TRUNCATE TABLE {table}")
