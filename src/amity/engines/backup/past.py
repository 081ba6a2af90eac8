"""The past, as it is at one instant and into empty tables: every table of its own as JSON lines."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import msgspec

from amity.engines.archive.layout import SCHEMA
from amity.engines.archive.reading import Part
from amity.engines.archive.writing import Writer
from amity.engines.backup.chunks import lines_in_chunks
from amity.engines.past.client import INSERTING, connect, errors
from amity.engines.past.zstd import compress
from amity.kernel.errors import AmityError, NotRunning

KIND = "past"
_AT_ONCE = 16 * 1024 * 1024  # bytes of one insert: many rows, so that what each costs beside them counts little
_SIDE_BY_SIDE = min(4, max(2, os.cpu_count() or 1))  # inserts: each is worked by one thread of the engine
_READING = {
    "max_execution_time": "0",
    "max_threads": "1",  # part after part, so that what is inserted again lies together
    "http_send_timeout": "86400",  # the answer waits while other tables are written
    "http_receive_timeout": "86400",
    "output_format_json_quote_64bit_integers": "0",
    "output_format_json_quote_denormals": "1",
    "output_format_json_escape_forward_slashes": "0",
    "output_format_json_named_tuples_as_objects": "1",
    "date_time_output_format": "simple",
}
_TABLES = """
    SELECT name, engine FROM system.tables
    WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'schema_ledger'
    ORDER BY total_rows, name
"""
_COLUMNS = """
    SELECT name, type FROM system.columns
    WHERE database = currentDatabase() AND table = {table:String} AND default_kind IN ('', 'DEFAULT') ORDER BY position
"""
_EXPIRES = """
    SELECT position(create_table_query, ' TTL ') > 0 FROM system.tables
    WHERE database = currentDatabase() AND name = {table:String}
"""


class Schema(msgspec.Struct, frozen=True, kw_only=True):
    """Which numbered changes made the tables, each with its fingerprint, and their columns."""

    server: str
    ledger: dict[str, str]
    columns: dict[str, tuple[str, ...]]


@dataclass(frozen=True, kw_only=True)
class Question:
    """A table's rows, to be asked for by a client of their own."""

    table: str
    columns: tuple[str, ...]
    text: str
    client: Any


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A table's rows on their way: the engine has fixed which rows they are when this was made."""

    table: str
    columns: tuple[str, ...]
    stream: Any


class Snapshot:
    """All tables of the past as they are when `begin` is called: each is one question, answered as it is read."""

    def __init__(self) -> None:
        client = connect(database=None)
        self.answers: list[Answer] = []
        with errors():
            self.ledger = {str(n): made for n, made in client.query("SELECT number, sha256 FROM schema_ledger FINAL").result_rows}
            self.server = str(client.server_version)
            self._asked = [_question(client, table, engine) for table, engine in client.query(_TABLES).result_rows]
        client.close()

    def begin(self) -> None:
        """Ask for every table. Each question reads the parts that there are at this moment, whatever comes or goes later."""
        with errors():
            for one in self._asked:
                stream = one.client.raw_stream(one.text, settings=_READING, fmt="JSONEachRow")
                self.answers.append(Answer(table=one.table, columns=one.columns, stream=stream))

    def dump(self, writer: Writer, *, told: Callable[[str, int], None]) -> Schema:
        """Write every table. `told` hears of each chunk: the table and its rows so far."""
        schema = Schema(server=self.server, ledger=self.ledger, columns={one.table: one.columns for one in self.answers})
        writer.document(KIND, SCHEMA, msgspec.json.encode(schema))
        for answer in self.answers:
            with writer.part(KIND, answer.table) as part:
                for chunk, rows in lines_in_chunks(_pieces(answer)):
                    _check(chunk, rows)
                    part.add(chunk, rows=rows)
                    told(answer.table, part.rows)
        return schema

    def close(self) -> None:
        """Let the questions go."""
        for answer in self.answers:
            answer.stream.close()
        for one in self._asked:
            one.client.close()


def load_past(schema: Schema, part: Part, *, backup: str, told: Callable[[str, int], None]) -> None:
    """Insert a table's rows, some megabytes at a time and a few times side by side. Raises AmityError where one is refused."""
    client = connect(database=None, send_receive_timeout=3600)
    columns = _known_columns(client, part.name, schema)

    def insert(number: int, body: bytes) -> None:
        with errors():
            client.raw_insert(
                part.name,
                column_names=columns,
                insert_block=compress(body, level=1),
                fmt="JSONEachRow",
                compression="zstd",
                settings={**INSERTING, "insert_deduplication_token": f"restore-{backup}:{part.name}:{number}"},
            )

    with ThreadPoolExecutor(_SIDE_BY_SIDE, thread_name_prefix="insert") as threads:
        running: deque[Future[None]] = deque()
        for number, body in enumerate(_joined(part)):
            if len(running) == _SIDE_BY_SIDE:
                running.popleft().result()
            running.append(threads.submit(insert, number, body))
            told(part.name, part.rows)
        for one in running:
            one.result()
    client.close()


def _known_columns(client: Any, table: str, schema: Schema) -> list[str]:
    """Return the columns that the backup has of a table. Raises AmityError for one that the migrations didn't make."""
    with errors():
        known = {name for name, _ in client.query(_COLUMNS, parameters={"table": table}).result_rows}
    columns = list(schema.columns.get(table, ()))
    if not columns or not known.issuperset(columns):
        raise AmityError(f"The backup holds a table {table} of the past, or columns of it, that this Amity doesn't know.")
    return columns


def missing(table: str, rows: int) -> int:
    """Return how many of `rows` a table lacks; none of one whose rows expire, for they may do so at any moment."""
    client = connect(database=None)
    try:
        with errors():
            found = client.query("SELECT count() FROM {table:Identifier}", parameters={"table": table}).first_row[0]
            expires = client.query(_EXPIRES, parameters={"table": table}).first_row[0]
    finally:
        client.close()
    return 0 if expires else abs(rows - int(found))


def has_rows() -> bool:
    """Whether the database of the past holds any row already."""
    client = connect(database="")
    try:
        with errors():
            from amity.engines.past.client import database_name

            asked = "SELECT sum(total_rows) FROM system.tables WHERE database = {name:String} AND name != 'schema_ledger'"
            return bool(client.query(asked, parameters={"name": database_name()}).first_row[0])
    finally:
        client.close()


def _question(client: Any, table: str, engine: str) -> Question:
    found = client.query(_COLUMNS, parameters={"table": table}).result_rows
    if odd := [name for name, kind in found if "AggregateFunction" in kind]:
        raise AmityError(f"The past's table {table} holds what a backup can't carry: {', '.join(odd)}.")
    columns = tuple(name for name, _ in found)
    names = ", ".join(f"`{name}`" for name in columns)
    final = " FINAL" if "Replacing" in engine else ""
    text = f"SELECT {names} FROM `{table}`{final}"  # noqa: S608  our own names
    return Question(
        table=table, columns=columns, text=text, client=connect(database=None, send_receive_timeout=86_400, compress=False)
    )


def _pieces(answer: Answer) -> Iterator[bytes]:
    from urllib3.exceptions import HTTPError

    try:
        while piece := answer.stream.read(1 << 20):
            yield piece
    except HTTPError as error:
        raise NotRunning(f"The past broke off while its table {answer.table} was read. See its log, and try again.") from error


def _check(chunk: bytes, rows: int) -> None:
    """Notice an error that the engine wrote into an answer that had begun."""
    if not (chunk.startswith(b"{") and chunk.endswith(b"}\n") and chunk.count(b"\n{") == rows - 1):
        at = max(chunk.rfind(b"}\n") + 2, 0)
        said = chunk[at : at + 400].decode("utf-8", "replace").replace("__exception__", "").split()
        raise AmityError(f"The past broke off while it was read: {' '.join(said)}")


def _joined(part: Part) -> Iterator[bytes]:
    held: list[bytes] = []
    for chunk, _ in part.chunks():
        held.append(chunk)
        if sum(map(len, held)) >= _AT_ONCE:
            yield b"".join(held)
            held = []
    if held:
        yield b"".join(held)
