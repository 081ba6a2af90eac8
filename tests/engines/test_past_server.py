"""The history process answers clickhouse-connect's ordinary client as ClickHouse would."""

from __future__ import annotations

import gzip
import threading
import time
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import httpx
import lz4.frame
import pytest
from backports import zstd
from clickhouse_connect.driver.exceptions import DatabaseError

from amity.engines.addresses import addresses
from amity.engines.past import wire
from amity.engines.past.client import connect


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with connect(database="") as found:
        found.command("CREATE DATABASE IF NOT EXISTS conformance")
    with connect(database="conformance") as found:
        yield found


@pytest.fixture
def table(client: Any) -> Iterator[str]:
    name = f"t_{uuid4().hex}"
    client.command(
        f"CREATE TABLE {name} (a UInt64, b LowCardinality(String), c Nullable(Float64)) ENGINE = MergeTree ORDER BY a "
        "SETTINGS non_replicated_deduplication_window = 100"
    )
    yield name
    client.command(f"DROP TABLE {name}")


def count(client: Any, table: str) -> int:
    return int(client.query(f"SELECT count() FROM {table}").result_rows[0][0])


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("String", "o'x\\ \n\t\"é 😀 {a:String} --"),
        ("String", ""),
        ("UInt64", 2**64 - 1),
        ("Int64", -(2**63)),
        ("Float64", 1.5),
        ("Bool", True),
        ("UUID", UUID("0190b3c4-1111-7222-8333-444455556666")),
        ("Date", date(2026, 11, 22)),
        ("DateTime64(3, 'UTC')", datetime(2026, 11, 22, 1, 2, 3, 456000, tzinfo=UTC)),
        ("Decimal(18, 4)", Decimal("-12.3400")),
        ("Array(String)", ["a'b", "c\\", ""]),
        ("Array(UInt32)", [1, 2, 3]),
        ("Nullable(String)", None),
        ("Array(UUID)", [UUID(int=5), UUID(int=6)]),
    ],
)
def test_parameters_and_results_of_each_type(client: Any, kind: str, value: Any) -> None:
    result = client.query(f"SELECT {{value:{kind}}} AS v", parameters={"value": value})
    assert result.result_rows == [(value,)]
    assert result.column_names == ("v",)


def test_long_parameters_go_as_a_form(client: Any) -> None:
    ids = [f"{n:040d}" for n in range(3_000)]
    assert client.query("SELECT length({ids:Array(String)})", parameters={"ids": ids}).result_rows == [(3_000,)]


def test_inserts_in_each_format(client: Any, table: str) -> None:
    import pyarrow as pa

    summary = client.insert(table, [[1, "x", 1.5], [2, "y", None]], column_names=["a", "b", "c"])
    assert summary.written_rows == 2
    client.insert_arrow(table, pa.table({"a": [3], "b": ["z"], "c": [0.5]}))
    client.raw_insert(table, insert_block=b'{"a": 4, "b": "w"}\n{"a": 5, "b": "FORMAT SELECT \'"}\n', fmt="JSONEachRow")
    client.command(f"INSERT INTO {table} VALUES (6, 'v; -- (', NULL)")
    client.command(f"INSERT INTO {table} SELECT 7, 'u', 1")
    assert client.query(f"SELECT * FROM {table} ORDER BY a").result_rows == [
        (1, "x", 1.5), (2, "y", None), (3, "z", 0.5), (4, "w", None), (5, "FORMAT SELECT '", None), (6, "v; -- (", None), (7, "u", 1.0),
    ]  # fmt: skip
    assert client.query_arrow(f"SELECT a FROM {table} WHERE a < 3 ORDER BY a").column(0).to_pylist() == [1, 2]
    assert list(client.query_df(f"SELECT a FROM {table} WHERE a < 3 ORDER BY a")["a"]) == [1, 2]


@pytest.mark.parametrize("packing", ["lz4", "zstd", "gzip", False])
def test_compression_both_ways(packing: Any, client: Any, table: str) -> None:
    with connect(database="conformance", compress=packing) as packed:
        # More than one block: the client packs each by itself.
        packed.insert(table, [[n, "x" * 50, 0.5] for n in range(200_000)], column_names=["a", "b", "c"])
        assert count(client, table) == 200_000
        assert len(packed.query(f"SELECT * FROM {table} WHERE a < 20000").result_rows) == 20_000


@pytest.mark.parametrize("packing", ["lz4", "zstd", "gzip"])
def test_every_frame_is_unpacked_and_none_beyond_the_limit(packing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    pack: Any = {"lz4": lz4.frame.compress, "zstd": zstd.compress, "gzip": gzip.compress}[packing]
    body = pack(b"a" * 1_000) + pack(b"b" * 1_000) + pack(b"c")
    assert wire.bounded_unpack(body, packing) == b"a" * 1_000 + b"b" * 1_000 + b"c"
    for limit in (2_000, 1_500, 1_000, 1):
        monkeypatch.setattr(wire, "MAX_UNPACKED", limit)
        with pytest.raises(wire.Refused, match="cut off"):
            wire.bounded_unpack(body, packing)
    monkeypatch.undo()
    with pytest.raises(wire.Refused):
        wire.bounded_unpack(body[:-4], packing)


def test_compressed_raw_inserts(client: Any, table: str) -> None:
    line = b'{"a": 1, "b": "x"}\n'
    bodies = (("zstd", zstd.compress(line)), ("gzip", gzip.compress(line)), ("zstd", zstd.compress(line) + zstd.compress(line)))
    for n, (packing, body) in enumerate(bodies):
        settings = {"insert_deduplication_token": f"{table}-{n}"}
        client.raw_insert(table, insert_block=body, compression=packing, fmt="JSONEachRow", settings=settings)
    assert count(client, table) == 4
    for body in (b"no zstd at all", zstd.compress(line)[:-3]):
        with pytest.raises(DatabaseError):
            client.raw_insert(table, insert_block=body, compression="zstd", fmt="JSONEachRow")


def test_the_same_token_inserts_once(client: Any, table: str) -> None:
    for token in ("one", "one", "two"):
        client.raw_insert(table, insert_block=b'{"a": 1}\n', fmt="JSONEachRow", settings={"insert_deduplication_token": token})
    assert count(client, table) == 2


@pytest.mark.parametrize(
    ("sql", "code", "status"),
    [
        ("SELECT nope", 47, 404),
        ("SELEC 1", 62, 400),
        ("SELECT * FROM nope", 60, 404),
        ("SELECT {x:UInt8}", 456, 400),
        ("SELECT 1 SETTINGS no_such_setting = 1", 115, 404),
        ("SELECT throwIf(1)", 395, 500),
        ("SELECT * FROM file('/etc/passwd', 'LineAsString')", 291, 500),
        ("SELECT 1 INTO OUTFILE '/tmp/amity-must-not-exist'", 291, 500),
        ("SELECT arrayMap(`file`, ['/etc/passwd'])", 291, 500),
    ],
)
def test_errors_have_clickhouses_code_and_status(client: Any, sql: str, code: int, status: int) -> None:
    with pytest.raises(DatabaseError, match=f"Code: {code}"):
        client.command(sql)
    assert post(sql).status_code == status
    assert post(sql).headers["x-clickhouse-exception-code"] == str(code)


def post(sql: str, *, auth: tuple[str, str] | None = None, **params: str) -> httpx.Response:
    at = urlsplit(addresses().past)
    with httpx.Client(auth=auth or (at.username or "", at.password or ""), trust_env=False) as plain:
        return plain.post(f"http://{at.hostname}:{at.port}/", params=params, content=sql.encode())


def test_a_bad_row_stores_nothing_of_its_insert(client: Any, table: str) -> None:
    with pytest.raises(DatabaseError, match="CANNOT_PARSE"):
        client.raw_insert(table, insert_block=b'{"a": 1}\n{"a": "x"}\n', fmt="JSONEachRow")
    assert count(client, table) == 0


def test_settings_hold_for_one_query_only(client: Any) -> None:
    assert client.query("SELECT getSetting('max_threads')", settings={"max_threads": 1}).result_rows == [(1,)]
    assert client.query("SELECT getSetting('readonly')", settings={"readonly": 1}).result_rows == [(1,)]
    client.command("SET max_threads = 1")
    assert client.query("SELECT getSetting('readonly'), getSetting('max_threads') > 1").result_rows == [(0, True)]
    assert post("SELECT 1", **{"max_threads; DROP": "1"}).status_code == 404


def test_only_the_right_user_gets_in() -> None:
    user = urlsplit(addresses().past).username or ""
    for auth in ((user, "wrong"), ("other", "wrong"), (user, "")):
        answer = post("SELECT 1", auth=auth)
        assert (answer.status_code, answer.headers["x-clickhouse-exception-code"]) == (403, "516")
    at = urlsplit(addresses().past)
    named = httpx.get(
        f"http://{at.hostname}:{at.port}/", params={"query": "SELECT 1"},
        headers={"X-ClickHouse-User": user, "X-ClickHouse-Key": at.password or ""},
    )  # fmt: skip
    assert named.text == "1\n"
    link = httpx.get(f"http://{at.hostname}:{at.port}/", params={"query": "CREATE DATABASE x"}, auth=(user, at.password or ""))
    assert link.headers["x-clickhouse-exception-code"] == "164"


def test_health() -> None:
    at = urlsplit(addresses().past)
    for path in ("/ping", "/healthz", "/readyz"):
        assert httpx.get(f"http://{at.hostname}:{at.port}{path}").status_code == 200
    assert "amity_history_queries_total" in httpx.get(f"http://{at.hostname}:{at.port}/metrics").text


def test_large_results_stream_and_a_late_error_is_told(client: Any) -> None:
    with client.query_row_block_stream("SELECT number, toString(number) FROM numbers(2000000)") as stream:
        assert sum(len(block) for block in stream) == 2_000_000
    with pytest.raises(DatabaseError, match="395"):
        _ = client.query("SELECT throwIf(number = 3000000), toString(number) FROM numbers(5000000)").result_rows


def test_whole_formats_stay_whole(client: Any) -> None:
    assert client.query_arrow("SELECT number FROM numbers(200000)").num_rows == 200_000
    assert (
        len(httpx.Response(200, content=client.raw_query("SELECT number FROM numbers(100000)", fmt="JSON")).json()["data"])
        == 100_000
    )


def test_limits_of_time_and_memory(client: Any) -> None:
    with pytest.raises(DatabaseError, match="Code: 159"):
        client.query("SELECT sum(sipHash64(number)) FROM numbers(100000000000)", settings={"max_execution_time": 1})
    with pytest.raises(DatabaseError, match="Code: 241"):
        client.query("SELECT groupArray(number) FROM numbers(100000000)", settings={"max_memory_usage": 20_000_000})


def test_a_query_stops_when_its_client_goes(client: Any) -> None:
    at = urlsplit(addresses().past)
    mark = f"gone-{uuid4()}"
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(
            f"http://{at.hostname}:{at.port}/", auth=(at.username or "", at.password or ""), timeout=1,
            content=f"SELECT sum(sipHash64(number)), '{mark}' FROM numbers(1000000000000)".encode(),
        )  # fmt: skip
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline:
        running = client.query("SELECT count() FROM system.processes WHERE query LIKE {m:String} AND query NOT LIKE '%processes%'",
                               parameters={"m": f"%{mark}%"}).result_rows[0][0]  # fmt: skip
        if running == 0:
            return
    raise AssertionError("The query still runs although nobody waits for it.")


def test_reads_beside_writes(client: Any, table: str) -> None:
    failures: list[BaseException] = []

    def write(part: int) -> None:
        try:
            with connect(database="conformance") as mine:
                for n in range(10):
                    mine.insert(table, [[part * 1000 + n * 10 + i, "x", None] for i in range(10)], column_names=["a", "b", "c"])
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    def read() -> None:
        try:
            with connect(database="conformance") as mine:
                for _ in range(15):
                    assert mine.query(f"SELECT count() % 10 FROM {table}").result_rows == [(0,)]
        except BaseException as error:  # noqa: BLE001
            failures.append(error)

    threads = [threading.Thread(target=write, args=(n,)) for n in range(4)] + [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert count(client, table) == 400


def test_nothing_grows_by_itself(client: Any) -> None:
    logs = client.query("SELECT name FROM system.tables WHERE database = 'system' AND engine LIKE '%MergeTree'").result_rows
    assert logs == []
