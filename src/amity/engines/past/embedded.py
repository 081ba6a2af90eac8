"""chDB in this process: one engine, a fresh connection for each query, so that no setting of one query reaches another.

chDB allows one process for each folder and must never be forked. A connection costs a quarter of a millisecond.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from importlib import import_module
from pathlib import Path
from typing import Any

from amity.engines.past.statement import Statement
from amity.engines.past.wire import Refused

# Formats whose blocks may simply be put one after the other; all others are made whole before they are sent.
STREAMS = frozenset(
    [
        "Native",
        "RowBinary",
        "TabSeparated",
        "TSV",
        "TabSeparatedRaw",
        "TSVRaw",
        "CSV",
        "JSONEachRow",
        "JSONLines",
        "NDJSON",
        "JSONCompactEachRow",
        "JSONStringsEachRow",
        "LineAsString",
        "Values",
    ],
)
# Two patterns: one that begins with a letter of its own is looked for forty times quicker than two joined by a bar.
_EMPTY_LINE, _EMPTY_START = re.compile(rb"\n[ \t\r]*\n"), re.compile(rb"[ \t\r]*\n")
_UNKNOWN_STATUS = 319  # ClickHouse's number for it
_SETTING = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,120}")


@dataclass(kw_only=True)
class Summary:
    """What `X-ClickHouse-Summary` tells: rows and bytes, as far as chDB tells them."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    result_rows: int = 0
    result_bytes: int = 0
    elapsed_ns: int = 0


@dataclass(kw_only=True)
class Work:
    """One request for the engine. `tag` names it among the running ones, so that it can be stopped."""

    statement: Statement
    tag: str
    format: str = "TabSeparated"
    database: str = ""
    params: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    query_id: str = ""
    summary: Summary = field(default_factory=Summary)
    abandoned: bool = False


class Embedded:
    """The engine over one folder. Its methods block; call them from threads."""

    def __init__(self, folder: Path) -> None:
        native: Any = import_module("chdb._chdb")
        folder.mkdir(parents=True, mode=0o700, exist_ok=True)
        self._native = native
        self._folder = str(folder)
        self._defaults = default_settings()
        self._keep = native.connect(self._folder)  # while one connection is open, so is the engine

    def close(self) -> None:
        """Stop the engine; its background merges are waited for."""
        self._keep.close()

    def warm_up(self) -> None:
        """Make the database, and pay now what the first query of each kind would pay."""
        for sql in ("CREATE DATABASE IF NOT EXISTS amity", "SELECT 1", "SELECT name FROM system.settings LIMIT 1"):
            self.command(sql)

    def command(self, sql: str) -> bytes:
        """Run a statement of our own and return its answer as tab-separated text."""
        with self._connection(database="", settings={}) as connection:
            return bytes(connection.query(sql, "TabSeparated", params={}).bytes())

    def stop(self, tag: str) -> None:
        """Ask the engine to give up the query of this tag. `tag` is made by us, never by a client."""
        with suppress(RuntimeError):
            self.command(f"KILL QUERY WHERE Settings['log_comment'] = '{tag}' ASYNC")

    def run(self, work: Work) -> Iterator[bytes]:
        """Run a request and yield its answer's pieces. Raises RuntimeError with ClickHouse's own error text."""
        settings = {**self._defaults, **work.settings, "log_comment": work.tag}
        with self._connection(database=work.database, settings=settings) as connection:
            if work.statement.data is not None:
                self._insert(connection, work, work.statement.data)
                return
            output = work.statement.format or work.format
            if work.statement.reads and output in STREAMS:
                yield from self._stream(connection, work, output)
                return
            sql = work.statement.text.decode()
            result = connection.query(sql, output, params=dict(work.params))
            _count(work.summary, result)
            yield result.bytes()

    def _stream(self, connection: Any, work: Work, output: str) -> Iterator[bytes]:
        stream = connection.send_query(work.statement.text.decode(), output, params=dict(work.params))
        finished = False
        try:
            while True:
                piece = connection.streaming_fetch_result(stream)
                if piece is None or piece.rows_read() == 0:
                    finished = True
                    if piece is not None and (rest := piece.bytes()):
                        yield rest
                    return
                _count(work.summary, piece)
                yield piece.bytes()
        except RuntimeError:
            finished = True
            raise
        finally:
            if not finished:
                connection.streaming_cancel_query(stream)

    def _insert(self, connection: Any, work: Work, data: bytes) -> None:
        if work.params:
            raise Refused(48, "NOT_IMPLEMENTED", "An INSERT with data takes no query parameters in the embedded past.")
        # In one piece, so that the same body always makes the same blocks, which deduplication counts on.
        result = self._inline(connection, work, data) if _fits_inline(work, data) else self._fed(connection, work, data)
        work.summary.written_rows = result.rows_written()
        work.summary.written_bytes = result.bytes_written()

    def _inline(self, connection: Any, work: Work, data: bytes) -> Any:
        head = b"%b FORMAT %b\n" % (work.statement.text, (work.statement.format or "").encode())
        return connection.query(head + data, "TabSeparated", params={})

    def _fed(self, connection: Any, work: Work, data: bytes) -> Any:
        """Insert by chDB's own streaming, which takes any format but swallows what goes wrong while the part is written.

        On a full disk it tells success and has stored nothing. The engine counts errors, though: where it counted one
        meanwhile, be it another query's, nothing is promised; repeating the insert under its token doubles nothing.
        """
        before = self._errors()
        handle = connection.send_insert(work.statement.text.decode(), work.statement.format)
        done = False
        try:
            connection.insert_append(handle, data)
            done = True
            result = connection.insert_done(handle)
        finally:
            if not done:
                with suppress(RuntimeError):
                    connection.insert_cancel(handle)
        if happened := {name for name, count in self._errors().items() if count != before.get(name)}:
            said = (
                f"An error happened meanwhile ({', '.join(sorted(happened))}): whether this was stored is unknown. Send it again."
            )
            raise Refused(_UNKNOWN_STATUS, "UNKNOWN_STATUS_OF_INSERT", said)
        return result

    def _errors(self) -> dict[str, str]:
        told = self.command("SELECT name, value FROM system.errors").decode()
        return dict(line.split("\t", 1) for line in told.splitlines())

    @contextmanager
    def _connection(self, *, database: str, settings: Mapping[str, str]) -> Iterator[Any]:
        connection = self._native.connect(self._folder)
        try:
            if database:
                connection.query(f"USE {quote_name(database)}", "TabSeparated", params={})
            if settings:
                connection.query(set_statement(settings), "TabSeparated", params={})
            yield connection
        finally:
            connection.close()


def _fits_inline(work: Work, data: bytes) -> bool:
    """Whether chDB takes the data within its query: there an empty line ends it, which other formats may hold."""
    lines = work.statement.format in {"JSONEachRow", "JSONLines", "NDJSON"}
    return lines and not _EMPTY_START.match(data) and not _EMPTY_LINE.search(data)


def _count(summary: Summary, result: Any) -> None:
    summary.read_rows += result.storage_rows_read()
    summary.read_bytes += result.storage_bytes_read()
    summary.result_rows += result.rows_read()
    summary.result_bytes += result.size()
    summary.elapsed_ns = max(summary.elapsed_ns, int(result.elapsed() * 1e9))


def default_settings() -> dict[str, str]:
    """Return what each query runs under unless it asks otherwise: it spills to disk before it may take half the memory."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    most = max(memory // 2, 512 * 2**20)
    return {
        "max_memory_usage": str(most),
        "max_bytes_before_external_group_by": str(most // 2),
        "max_bytes_before_external_sort": str(most // 2),
        "max_execution_time": "600",
        "log_queries": "0",
        "log_query_threads": "0",
        "log_profile_events": "0",
        "async_insert": "0",
        "input_format_parallel_parsing": "0",
    }


def set_statement(settings: Mapping[str, str]) -> str:
    """Return `SET …` for settings by name. Raises Refused for what is no name; the engine judges the rest."""
    pairs = []
    for name, value in settings.items():
        if not _SETTING.fullmatch(name):
            raise Refused(115, "UNKNOWN_SETTING", f"Unknown setting {name!r}")
        pairs.append(f"{name} = {quote_text(value)}")
    return "SET " + ", ".join(pairs)


def quote_text(value: str) -> str:
    """Return a ClickHouse string literal."""
    return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'"


def quote_name(name: str) -> str:
    """Return a ClickHouse identifier in backticks."""
    return "`" + name.replace("\\", "\\\\").replace("`", "\\`") + "`"
