"""A flipped bit in a file of the embedded past: the query says so, and so does whoever asks how the past is."""

from __future__ import annotations

from typing import Any

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError

from amity.engines.asking import ask_past
from tests.damage import flip_bit
from tests.engines.test_past_store import Process


async def test_a_flipped_bit_in_a_part(tmp_path):
    own = Process(tmp_path)
    own.start()
    try:
        client: Any = own.client()
        client.command("CREATE TABLE t (s String CODEC(NONE)) ENGINE = MergeTree ORDER BY tuple()")
        client.insert("t", [["a sentence to be found"] for _ in range(1_000)], column_names=["s"])
        url = f"http://amity:x@127.0.0.1:{own.port}/amity"
        assert (await ask_past(url)).damage == ""
        flip_bit(sorted((tmp_path / "past" / "store").rglob("*.bin")), b"a sentence to be found", offset=2)
        with pytest.raises(DatabaseError, match="CHECKSUM_DOESNT_MATCH"):
            client.query("SELECT s FROM t")
        assert "Checksum doesn't match" in (await ask_past(url)).damage
    finally:
        own.kill()
