"""The past's tables: migrations, rows, named questions, retention, and a kill at any moment."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from uuid import UUID, uuid4

import clickhouse_connect
import httpx
import msgspec
import pytest

from amity.engines.past import migrate, rows
from amity.engines.past.client import INSERTING, ask, errors, insert_body, insert_rows, past
from amity.engines.past.migrate import Migration, check_ledger, known_migrations, migrate_past
from amity.engines.past.retention import enforce_retention
from amity.engines.past.rows import InteractionRow, MergeRow, QuarantineRow, encode_rows, money, seconds
from amity.kernel.clock import DAY, now_ms
from amity.kernel.errors import AmityError, Invalid, NotRunning
from tests.plugin import free_port


@pytest.fixture(scope="module", autouse=True)
def _migrated() -> None:
    migrate_past()


def row(workspace: int, *, time_: int | None = None, **more: object) -> InteractionRow:
    now = now_ms()
    given: dict[str, object] = {"customer_id": uuid4(), "message_id": str(uuid4()), "type": "track", "source_id": 1, **more}
    return InteractionRow(
        workspace_id=workspace, time=seconds(now if time_ is None else time_), message_key=uuid4(), received_at=seconds(now),
        projected_at=seconds(now), log_seq=1, log_index=0, **given,
    )  # fmt: skip


def columns(table: str) -> set[str]:
    found = past().query(
        "SELECT name FROM system.columns WHERE database = currentDatabase() AND table = {t:String}", parameters={"t": table}
    )
    return {name for (name,) in found.result_rows}


def count(workspace: int, table: str = "interactions_raw") -> int:
    return int(past().query(f"SELECT count() FROM {table} WHERE workspace_id = {workspace}").result_rows[0][0])


def test_migrating_again_does_nothing() -> None:
    assert migrate_past() == 0


def test_a_table_of_months_becomes_one_of_quarters_with_all_its_rows() -> None:
    past().command("CREATE DATABASE months")
    client = migrate.connect(database="months")
    first, second = known_migrations()[:2]
    for statement in first.statements:
        client.command(statement)
    rows_then = [row(1, time_=now_ms() - months * 31 * DAY) for months in range(14)]
    client.raw_insert("interactions_raw", insert_block=encode_rows(rows_then), fmt="JSONEachRow", compression="zstd")
    before = client.query("SELECT * FROM interactions ORDER BY message_key").result_rows
    for statement in [*second.statements[:2], *second.statements, *second.statements]:  # interrupted once, and repeated
        client.command(statement)
    assert client.query("SELECT * FROM interactions ORDER BY message_key").result_rows == before
    made = str(client.command("SHOW CREATE TABLE interactions_raw"))
    assert "toQuarter" in made
    assert "INDEX by_message_key" in made
    assert "the customer as resolved then" in made
    client.close()
    past().command("DROP DATABASE months")


def test_a_newer_past_is_refused() -> None:
    known = known_migrations()
    with pytest.raises(AmityError, match="opened by a newer version") as refused:
        check_ledger(known, {**{one.number: one.sha256 for one in known}, 9_999: "x"})
    assert refused.value.code == "downgrade"
    with pytest.raises(AmityError, match="was changed after it ran"):
        check_ledger(known, {known[0].number: "something else"})


def test_statements_end_at_line_ends() -> None:
    one = Migration(number=1, name="x", text="CREATE TABLE a (x String COMMENT 'a; b');\nSELECT ';'\n;\n")
    assert one.statements == ["CREATE TABLE a (x String COMMENT 'a; b')", "SELECT ';'"]
    assert [one.number for one in known_migrations()] == list(range(1, len(known_migrations()) + 1))


def test_rows_have_the_tables_columns() -> None:
    for table, struct in (("interactions_raw", InteractionRow), ("merges", MergeRow), ("quarantine", QuarantineRow)):
        assert set(struct.__struct_fields__) == columns(table)


def test_a_row_comes_back_as_it_went_in() -> None:
    customer, session, key = uuid4(), uuid4(), uuid4()
    given = row(
        730_001, customer_id=customer, time_=1_795_300_000_123, name="Order Completed", session_id=session, session_start=True,
        previous_key=key, previous_time=seconds(-5_001), value=money(12.345678), currency="EUR", consent={"ads": False, "x": True},
        flags=("time_future", "skewed"), gpc=True, voice="said", properties=msgspec.Raw(b'{"a":{"b":"2024-01-01"},"n":1}'),
        context=msgspec.Raw(b'{"page":{"path":"/x\\"y"},"n":1e400}'), original_at=seconds(10**15),
    )  # fmt: skip
    insert_rows(table="interactions_raw", rows=[given], token=str(customer))
    found = past().query("SELECT * FROM interactions_raw WHERE customer_id = {c:UUID}", parameters={"c": customer}).first_item
    assert found["time"].isoformat(timespec="milliseconds") == "2026-11-21T22:26:40.123+00:00"
    assert found["previous_time"].timestamp() == pytest.approx(-5.001)
    assert found["original_at"].year == 2099
    assert (found["value"], found["currency"], found["voice"]) == (Decimal("12.3457"), "EUR", "said")
    assert (found["session_id"], found["previous_key"], found["session_start"], found["gpc"]) == (session, key, True, True)
    assert (found["consent"], found["flags"]) == ({"ads": False, "x": True}, ["time_future", "skewed"])
    assert found["properties"] == {"a": {"b": "2024-01-01"}, "n": 1}
    assert found["context"] == '{"page":{"path":"/x\\"y"},"n":1e400}'
    plain = row(730_001)
    insert_rows(table="interactions_raw", rows=[plain], token=plain.message_id)
    kept = (
        past()
        .query("SELECT * FROM interactions_raw WHERE message_id = {m:String}", parameters={"m": plain.message_id})
        .first_item
    )
    assert (kept["voice"], kept["value"], kept["previous_key"], kept["session_id"]) == ("did", None, None, UUID(int=0))


def test_money() -> None:
    assert [money(one) for one in (None, float("nan"), float("inf"), 1e14, Decimal("1e30"))] == [None] * 5
    assert money(0.1) == Decimal("0.1")
    assert money(-99_999_999_999_999) == Decimal(-99_999_999_999_999)
    insert_rows(
        table="interactions_raw", rows=[row(730_002, value=money(10**14 - 1)), row(730_002, value=money(1e-9))], token="money"
    )
    assert count(730_002) == 2


def test_the_same_token_stores_once_and_any_year_is_taken() -> None:
    years = [row(730_003, time_=int((year - 1970) * 365.25 * DAY)) for year in range(1971, 2098)]
    body = encode_rows(years)
    for _ in range(3):
        insert_body(table="interactions_raw", body=body, token="years")
    assert count(730_003) == len(years)
    found = past().query(
        "SELECT uniqExact(partition) FROM system.parts WHERE table = 'interactions_raw' AND active AND database = currentDatabase()"
    )
    assert found.result_rows[0][0] < 120


def test_people_read_through_merges() -> None:
    old, new, other = uuid4(), uuid4(), uuid4()
    insert_rows(table="interactions_raw", rows=[row(730_004, customer_id=one) for one in (old, new, other)], token=f"m{old}")
    view = "SELECT customer_id, count() FROM interactions WHERE workspace_id = 730004 GROUP BY customer_id"
    insert_rows(table="merges", rows=[MergeRow(workspace_id=730_004, old_id=old, current_id=new, version=1)], token=f"1{old}")
    assert dict(past().query(view).result_rows) == {new: 2, other: 1}
    insert_rows(table="merges", rows=[MergeRow(workspace_id=730_004, old_id=old, current_id=old, version=2)], token=f"2{old}")
    assert dict(past().query(view).result_rows) == {old: 1, new: 1, other: 1}


def test_retention_deletes_what_is_old_and_nothing_else() -> None:
    now = now_ms()
    for workspace in (730_005, 730_006):
        given = [row(workspace, time_=now - days * DAY) for days in (0, 20, 40, 200)]
        insert_rows(table="interactions_raw", rows=given, token=f"retention-{workspace}-{now}")
    assert [one.rows for one in enforce_retention(days={730_005: 30}, now=now)] == [2]
    assert (count(730_005), count(730_006)) == (2, 4)
    assert [one.rows for one in enforce_retention(days={730_005: 30}, now=now)] == [0]
    with pytest.raises(Invalid):
        enforce_retention(days={730_005: 30, 730_006: 0}, now=now)


def test_questions_are_named_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "asked"
    (package / "sql").mkdir(parents=True)
    (package / "__init__.py").touch()
    (package / "sql" / "twice.sql").write_text("-- twice\nSELECT {n:UInt8} * 2 AS doubled, {s:String} AS text;\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert ask(package="asked", name="twice", n=4, s="it's") == [{"doubled": 8, "text": "it's"}]
    for name in ("../x", "Twice", ""):
        with pytest.raises(AmityError):
            ask(package="asked", name=name)


def test_errors_are_amitys() -> None:
    with pytest.raises(AmityError, match=r"The past refused: .*nope") as refused, errors():
        past().query("SELECT nope")
    assert refused.value.code == "past_47"
    assert "http" not in refused.value.message
    with pytest.raises(AmityError, match="no table"):
        insert_body(table="system.one", body=b"", token="x")
    with pytest.raises(NotRunning), errors():
        clickhouse_connect.get_client(host="127.0.0.1", port=free_port(), autogenerate_session_id=False)


class Process:
    """A history process of its own, to be killed."""

    def __init__(self, home: Path) -> None:
        self.port = free_port()
        self.home = home
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        url = f"http://amity:x@127.0.0.1:{self.port}/amity"
        environment = {**os.environ, "AMITY_HOME": str(self.home), "AMITY_PAST_URL": url}
        command = [sys.executable, "-m", "amity.config.cli", "history"]
        self.process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"http://127.0.0.1:{self.port}/readyz").status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.02)
        raise AssertionError("The history process did not start.")

    def kill(self, sign: signal.Signals = signal.SIGKILL) -> int:
        assert self.process
        self.process.send_signal(sign)
        return self.process.wait(30)

    def client(self) -> object:
        return clickhouse_connect.get_client(
            host="127.0.0.1", port=self.port, username="amity", password="x", database="amity", autogenerate_session_id=False
        )


@pytest.fixture
def own(tmp_path: Path) -> Iterator[Process]:
    one = Process(tmp_path)
    one.start()
    yield one
    if one.process and one.process.poll() is None:
        one.kill()


def test_killed_in_the_middle_of_inserts_nothing_is_lost_or_doubled(own: Process, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each round kills the process at another moment of an insert over several months, then repeats it under its token."""
    client = own.client()
    for one in known_migrations():
        for statement in one.statements:
            client.command(statement)  # type: ignore[attr-defined]
    now = now_ms()
    rounds, size = 3, 2_000
    for number in range(rounds):
        body = encode_rows([row(1, time_=now - n % 5 * 31 * DAY, message_id=f"{number}-{n}") for n in range(size)])

        def insert(body: bytes = body, number: int = number) -> None:
            own.client().raw_insert(  # type: ignore[attr-defined]
                "interactions_raw", insert_block=body, fmt="JSONEachRow", compression="zstd",
                settings={**INSERTING, "insert_deduplication_token": f"round-{number}"},
            )  # fmt: skip

        outcome: list[str] = []

        def attempt(outcome: list[str] = outcome, insert: object = insert) -> None:
            try:
                insert()  # type: ignore[operator]
                outcome.append("confirmed")
            except Exception:  # noqa: BLE001  it was killed
                outcome.append("unknown")

        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join(0.05 + 0.15 * number)
        own.kill()
        thread.join()
        own.start()
        insert()
        insert()
        found = own.client().query("SELECT count(), uniqExact(message_id) FROM interactions_raw").result_rows  # type: ignore[attr-defined]
        assert found == [((number + 1) * size, (number + 1) * size)]
    assert own.kill(signal.SIGTERM) == 0
    assert list(own.home.rglob("*.tmp")) == []


def test_modules_load_quickly() -> None:
    """Importing rows and migrate must not pull the client in: every command line start would pay for it."""
    code = "import sys, amity.engines.past.rows, amity.engines.past.migrate, amity.engines.past.guard; sys.exit('clickhouse_connect' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    assert migrate.known_migrations()
    assert rows.encode_rows([])
