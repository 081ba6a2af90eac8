"""Looks for texts in every column of every table of present and past: what was erased must be nowhere."""

from __future__ import annotations

from collections.abc import Iterable


def found_anywhere(texts: Iterable[str], *, but: Iterable[str] = ()) -> dict[str, int]:
    """Return how many rows hold one of the texts, by table; tables without any are left out."""
    sought, left_out = sorted(set(texts)), set(but)
    sought += [text.encode().hex() for text in sought]  # as bytea is written
    return {table: n for table, n in [*_in_present(sought), *_in_past(sought)] if n and table not in left_out}


def _in_present(sought: list[str]) -> Iterable[tuple[str, int]]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        for (table,) in cursor.fetchall():
            cursor.execute(
                f'SELECT count(*) FROM "{table}" t WHERE EXISTS (SELECT FROM unnest(%s::text[]) s WHERE strpos(lower(t::text), lower(s)) > 0)',
                [sought],
            )
            yield table, cursor.fetchone()[0]


def _in_past(sought: list[str]) -> Iterable[tuple[str, int]]:
    from amity.engines.past.client import past

    client = past()
    tables = client.query(
        "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree'"
    ).result_rows  # fmt: skip
    for (table,) in tables:
        asked = f"SELECT count() FROM (SELECT formatRow('JSONEachRow', *) AS row FROM {table}) WHERE multiSearchAnyCaseInsensitiveUTF8(row, %(s)s)"
        yield f"past.{table}", client.query(asked, parameters={"s": sought}).result_rows[0][0]
