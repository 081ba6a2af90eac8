"""The present, out of one snapshot and into an empty database: every table as COPY's text, whatever rooms there are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import msgspec
import psycopg
from psycopg import sql

from amity.engines.archive.layout import SCHEMA
from amity.engines.archive.reading import Part
from amity.engines.archive.writing import Writer
from amity.engines.backup.chunks import lines_in_chunks
from amity.kernel.errors import AmityError, NotRunning

Piece = bytes | bytearray | memoryview
KIND = "present"
MIGRATIONS = "django_migrations"
# Being signed in ends with a restore: who signed out since the backup must stay out, and a stolen backup opens no session.
LEFT_OUT = frozenset({"django_session", "usersessions_usersession"})

_BOUND = re.compile(r"DEFAULT|FOR VALUES IN \(-?\d+(, -?\d+)*\)|FOR VALUES FROM \('?[\d :.+-]+'?\) TO \('?[\d :.+-]+'?\)")
_NO_LIMITS = """
    SELECT set_config(name, '0', false) FROM pg_settings
    WHERE name IN ('statement_timeout', 'idle_in_transaction_session_timeout', 'transaction_timeout', 'lock_timeout')
"""
_TABLES = """
    SELECT c.relname FROM pg_class c
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
        AND c.relpersistence = 'p'
    ORDER BY c.relname
"""
_COLUMNS = """
    SELECT attname FROM pg_attribute
    WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum
"""
_PARTITIONS = """
    SELECT c.relname, p.relname, pg_get_expr(c.relpartbound, c.oid)
    FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid JOIN pg_class p ON p.oid = i.inhparent
    WHERE c.relnamespace = current_schema()::regnamespace AND c.relispartition AND c.relkind IN ('r', 'p') ORDER BY 1
"""
_SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = current_schema() AND last_value IS NOT NULL"
_MIGRATIONS = "SELECT app, name FROM django_migrations ORDER BY id"
_KEYS = """
    SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint
    WHERE contype = 'f' AND connamespace = current_schema()::regnamespace AND conparentid = 0
"""


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """What the tables' rows don't tell: the changes that made them, columns by table, partitions, sequences."""

    server: str
    migrations: tuple[tuple[str, str], ...]
    columns: dict[str, tuple[str, ...]]
    partitions: tuple[tuple[str, str, str], ...]
    sequences: tuple[tuple[str, int], ...]


def connect(url: str) -> psycopg.Connection[Any]:
    """Open a connection of our own to the present, without limits of time. Raises AmityError where nothing answers."""
    try:
        connection = psycopg.connect(url, autocommit=True, connect_timeout=10, application_name="amity backup")
    except psycopg.Error as error:
        raise AmityError(f"The present does not answer: {str(error).strip()}.") from error
    connection.execute(_NO_LIMITS)
    return connection


def begin_snapshot(connection: psycopg.Connection[Any]) -> None:
    """From now on this connection sees the present as it is at this instant."""
    connection.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    connection.execute("SET LOCAL DateStyle = 'ISO, YMD'")
    connection.execute("SELECT count(*) FROM present_position")


def read_schema(connection: psycopg.Connection[Any]) -> Schema:
    """Return the snapshot's schema."""
    tables = [name for (name,) in connection.execute(_TABLES) if name not in LEFT_OUT]
    columns = {one: tuple(name for (name,) in connection.execute(_COLUMNS, [f'"{one}"'])) for one in tables}
    return Schema(
        server=str(connection.info.server_version),
        migrations=tuple(connection.execute(_MIGRATIONS).fetchall()),
        columns=columns,
        partitions=tuple(connection.execute(_PARTITIONS).fetchall()),
        sequences=tuple(connection.execute(_SEQUENCES).fetchall()),
    )


def dump_present(connection: psycopg.Connection[Any], writer: Writer, *, told: Callable[[str, int], None]) -> Schema:
    """Write every table of the snapshot. `told` hears of each chunk: the table and its rows so far."""
    schema = read_schema(connection)
    writer.document(KIND, SCHEMA, msgspec.json.encode(schema))
    for table, columns in schema.columns.items():
        with writer.part(KIND, table) as part:
            for chunk, rows in lines_in_chunks(_copy_out(connection, table, columns)):
                part.add(chunk, rows=rows)
                told(table, part.rows)
    return schema


def load_present(
    connection: psycopg.Connection[Any], schema: Schema, parts: Iterator[Part], *, told: Callable[[str, int], None]
) -> None:
    """Fill the tables, which migrations have made, from the parts: all in one transaction, or nothing.

    Foreign keys are taken away meanwhile and checked at the end for all rows at once. Raises AmityError where they don't hold.
    """
    with connection.transaction():
        keys = connection.execute(_KEYS).fetchall()
        for table, name, _ in keys:
            connection.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        for child, parent, bound in schema.partitions:
            _make_partition(connection, child, parent, bound)
        for part in parts:
            _empty(connection, part.name)
            _copy_in(connection, part, schema.columns[part.name], told=told)
        for name, value in schema.sequences:
            connection.execute("SELECT setval(%s::regclass, %s)", [f'"{name}"', value])
        for table, name, definition in keys:
            connection.execute(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}')
    connection.execute("ANALYZE")


@contextmanager
def errors() -> Iterator[None]:
    """Say PostgreSQL's errors as Amity's."""
    try:
        yield
    except psycopg.OperationalError as error:
        raise NotRunning(f"The present broke off: {_first(error)}. See its log, and try again.") from error
    except psycopg.Error as error:
        raise AmityError(f"The present refused: {_first(error)}.") from error


def _first(error: psycopg.Error) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0].rstrip(".")


def has_tables(connection: psycopg.Connection[Any]) -> bool:
    """Whether the database holds any table."""
    return connection.execute(_TABLES).fetchone() is not None


def _make_partition(connection: psycopg.Connection[Any], child: str, parent: str, bound: str) -> None:
    """Make one partition. Raises AmityError for a bound of another kind than ours: what a file says is not simply run."""
    if not _BOUND.fullmatch(bound):
        raise AmityError(f"The backup's table {child} has bounds that this Amity doesn't make: {bound}.")
    made = sql.SQL("CREATE TABLE IF NOT EXISTS {} PARTITION OF {} " + bound)
    connection.execute(made.format(sql.Identifier(child), sql.Identifier(parent)))


def _copy_out(connection: psycopg.Connection[Any], table: str, columns: Sequence[str]) -> Iterator[Piece]:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    asked = sql.SQL("COPY (SELECT {} FROM {}) TO STDOUT").format(names, sql.Identifier(table))
    with connection.cursor() as cursor, cursor.copy(asked) as copy:
        yield from copy


def _copy_in(
    connection: psycopg.Connection[Any], part: Part, columns: Sequence[str], *, told: Callable[[str, int], None]
) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    asked = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(part.name), names)
    copied = 0
    with connection.cursor() as cursor:
        with cursor.copy(asked) as copy:
            for chunk, _ in part.chunks():
                copy.write(chunk)
                told(part.name, part.rows)
        copied = cursor.rowcount
    if copied != part.rows:
        raise AmityError(f"The present took {copied} of {part.rows} rows of {part.name}.")


def _empty(connection: psycopg.Connection[Any], table: str) -> None:
    """Take away what migrations put into a new table: the backup holds its own."""
    name = sql.Identifier(table)
    if connection.execute(sql.SQL("SELECT 1 FROM {} LIMIT 1").format(name)).fetchone():
        connection.execute(sql.SQL("DELETE FROM {}").format(name))
