"""The embedded past on a disk that is full: what is not stored is never confirmed."""

from __future__ import annotations

from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.engines.test_past_store import Process


@pytest.fixture
def full(volume, tmp_path):
    """A history process and the disk that its data is on; an insert of 1 MB no longer fits there."""
    disk = volume("past", megabytes=64)
    one = Process(tmp_path)
    one.start()
    client: Any = one.client()
    client.command(
        "CREATE TABLE t (n UInt64, s String) ENGINE = MergeTree ORDER BY n SETTINGS non_replicated_deduplication_window = 100"
    )
    disk.fill(leave=300_000)
    yield client, disk
    one.kill()


def test_what_finds_no_space_is_refused_and_comes_in_once_there_is_some(full):
    client, disk = full
    rows = b"".join(b'{"n": %d, "s": "\\n;\\n\\n"}\n' % n for n in range(1_000))
    inserts = {
        "plain": lambda token: client.raw_insert("t", insert_block=rows, fmt="JSONEachRow", settings=token),
        "with empty lines": lambda token: client.raw_insert(
            "t", insert_block=rows.replace(b": ", b":\n\n"), fmt="JSONEachRow", settings=token
        ),
        "native": lambda token: client.insert("t", [[2570, "x"]] * 1_000, column_names=["n", "s"], settings=token),
    }
    for name, insert in inserts.items():
        with pytest.raises(DatabaseError, match="NOT_ENOUGH_SPACE"):
            insert({"insert_deduplication_token": name})
    assert client.query("SELECT count() FROM t").result_rows == [(0,)]
    disk.empty()
    for name, insert in [*inserts.items(), *inserts.items()]:
        insert({"insert_deduplication_token": name})
    assert client.query("SELECT count() FROM t").result_rows == [(3_000,)]
