"""The past's client: named questions, and inserts that can be repeated. ClickHouse by URL and the embedded past are the same to it."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from importlib.resources import files
from typing import Any, TypeVar
from urllib.parse import unquote, urlsplit

from amity.engines.addresses import addresses
from amity.engines.past.rows import Row, encode_rows
from amity.kernel.errors import AmityError, NotRunning

T = TypeVar("T")
TABLES = frozenset({"interactions_raw", "merges", "quarantine"})

# Each value keeps its kind: no text is taken for a date, no truth for a number. The years of clients' clocks may be many.
INSERTING = {
    "input_format_try_infer_dates": "0",
    "input_format_try_infer_datetimes": "0",
    "input_format_json_read_objects_as_strings": "1",
    "input_format_json_read_bools_as_strings": "0",
    "input_format_json_read_bools_as_numbers": "0",
    "input_format_json_read_numbers_as_strings": "0",
    "input_format_json_read_arrays_as_strings": "0",
    "type_json_skip_duplicated_paths": "1",
    "max_partitions_per_insert_block": "0",
    "async_insert": "0",
    # One body is one block for each partition, so a repeat under the same token is recognised as a whole.
    "max_insert_block_size": "10000000",
    "min_insert_block_size_rows": "10000000",
    "min_insert_block_size_bytes": "1073741824",
    "input_format_parallel_parsing": "0",
}
LONG = 200  # items of a parameter that travels in the body rather than in the address, which holds no thousand keys
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_local = threading.local()


def past() -> Any:
    """Return this thread's clickhouse-connect client. Raises NotRunning where nothing answers."""
    client = getattr(_local, "client", None)
    if client is None:
        client = _local.client = connect(database=None)
    return client


def connect(*, database: str | None, **options: Any) -> Any:
    """Open a client of its own. `database`: None for the URL's, an empty string for the server's default."""
    import clickhouse_connect

    at = urlsplit(addresses().past)
    with errors():
        return clickhouse_connect.get_client(
            host=at.hostname or "127.0.0.1",
            port=at.port or (8443 if at.scheme == "https" else 8123),
            interface="https" if at.scheme == "https" else "http",
            username=unquote(at.username or "default"),
            password=unquote(at.password or ""),
            database=(at.path.strip("/") or "amity") if database is None else database or "default",
            autogenerate_session_id=False,
            tz_mode="aware",
            **options,
        )


def database_name() -> str:
    """Return the database that the past's URL names; `amity` where it names none."""
    return urlsplit(addresses().past).path.strip("/") or "amity"


def ask(*, package: str, name: str, **params: Any) -> list[dict[str, Any]]:
    """Ask the question in `<package>/sql/<name>.sql` with bound parameters and return its rows.

    Parameters stand in the file as `{workspace_id:UInt32}`. Times come back as aware UTC datetimes.
    Raises NotRunning where the past doesn't answer, AmityError where it refuses.
    """
    with errors():
        client = past()
        if any(isinstance(value, list) and len(value) > LONG for value in params.values()):
            client.form_encode_query_params = True
        return list(client.query(question(package, name), parameters=params).named_results())


def later(question_of: Callable[[], T]) -> Callable[[], T]:
    """Begin to ask in another thread, so that the present can be asked meanwhile; call what is returned for the answer, or its error."""
    return _threads().submit(question_of).result


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(16, thread_name_prefix="past")  # as many as there are connections to the present


def command(sql: str, **params: Any) -> None:
    """Run a statement of our own that answers nothing, with bound parameters `{name:Type}`, which may be long."""
    with errors():
        client = past()
        client.form_encode_query_params = True
        client.raw_query(sql, parameters=params or None)


def insert_rows(*, table: str, rows: Sequence[Row], token: str) -> None:
    """Insert rows under a token; the same token again does nothing."""
    insert_body(table=table, body=encode_rows(rows), token=token)


def insert_body(*, table: str, body: bytes, token: str) -> None:
    """Insert a body that `encode_rows` made, under a token. Repeating it with that token stores nothing twice.

    The table remembers its last 10,000 inserts. Raises NotRunning, after which it is to be repeated, or AmityError.
    """
    if table not in TABLES:
        raise AmityError(f"The past has no table {table!r}.")
    with errors():
        past().raw_insert(
            table,
            insert_block=body,
            fmt="JSONEachRow",
            compression="zstd",
            settings={**INSERTING, "insert_deduplication_token": token},
        )


@cache
def question(package: str, name: str) -> str:
    """Return the text of a named question."""
    if not _NAME.fullmatch(name):
        raise AmityError(f"{name!r} is no name of a question.")
    return files(package).joinpath("sql", f"{name}.sql").read_text(encoding="utf-8").rstrip().rstrip(";")


@contextmanager
def errors() -> Iterator[None]:
    """Turn the client's errors into Amity's: no answer is NotRunning, a refusal is AmityError with ClickHouse's sentence."""
    from clickhouse_connect.driver.exceptions import ClickHouseError

    try:
        yield
    except ClickHouseError as error:
        text = str(error)
        found = re.search(r"Code: (\d+)\. DB::Exception: (.*)", text, re.DOTALL)
        if found is None:
            raise NotRunning("The past does not answer. Is Amity running? Start it with: amity serve") from error
        sentence = re.sub(r"\s*\((?:version|for url) [^)]*\).*", "", found.group(2), flags=re.DOTALL).strip()
        raise AmityError(f"The past refused: {sentence}", code=f"past_{found.group(1)}") from error
