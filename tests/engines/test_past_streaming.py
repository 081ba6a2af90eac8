"""Long answers of the past: in blocks, in order through the disk, given up when their reader leaves."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import pytest

from amity.engines.past import client
from amity.engines.past.client import command, past
from amity.engines.past.streaming import stream
from amity.kernel.errors import AmityError, NotRunning
from tests.flows.wait import wait_for


@pytest.fixture
def asked(monkeypatch, past_ready):
    """Put a question in place of the file's."""

    def ask(sql, **params):
        monkeypatch.setattr("amity.engines.past.streaming.question", lambda package, name: sql)
        return stream(package="none", name="none", **params)

    return ask


def test_blocks_come_with_parameters_and_types(asked):
    (block,) = asked("SELECT number, if(number = 1, NULL, toString(number)) FROM numbers({n:UInt32})", n=3)
    assert [list(column) for column in block] == [[0, 1, 2], ["0", None, "2"]]


def test_no_rows_are_no_blocks_with_rows(asked):
    assert sum(len(block[0]) for block in asked("SELECT number FROM numbers(0)")) == 0


def test_what_is_sorted_on_disk_is_in_order(asked):
    rows = 300_000  # with 1 KB each several times what is sorted in memory
    blocks = asked("SELECT cityHash64(number) AS k, randomPrintableASCII(1000) AS t FROM numbers({n:UInt32}) ORDER BY k", n=rows)
    last, seen = -1, 0
    for keys, _ in blocks:
        assert keys[0] > last
        assert all(one < other for one, other in pairwise(keys))
        last, seen = keys[-1], seen + len(keys)
    assert seen == rows


def test_a_reader_that_leaves_ends_the_question(asked):
    blocks = asked("SELECT number, repeat('x', 1000) FROM numbers(100000000)")
    next(blocks)
    blocks.close()
    running = "SELECT count() FROM system.processes WHERE query LIKE '%numbers(100000000)%' AND query NOT LIKE '%processes%'"
    wait_for(lambda: past().query(running).result_rows == [(0,)])


def test_a_refusal_is_an_error_of_ours(asked):
    with pytest.raises(AmityError, match="The past refused"):
        list(asked("SELECT nothing FROM nowhere"))


def test_a_failure_half_way_is_an_error_too(asked):
    blocks = asked("SELECT number, throwIf(number > 300000), repeat('x', 100) FROM numbers(1000000)")
    with pytest.raises(AmityError):
        for _ in blocks:
            pass


def test_no_past_is_said(monkeypatch, asked):
    nowhere = SimpleNamespace(past="http://a:b@127.0.0.1:1/amity")
    monkeypatch.setattr(client, "addresses", lambda: nowhere)
    with pytest.raises(NotRunning):
        next(asked("SELECT 1"))


def test_the_client_is_none_of_the_threads_own(asked):
    blocks = asked("SELECT number FROM numbers(100000)")
    next(blocks)
    command("SELECT 1")  # would be refused on a connection that is busy with an answer
    assert past().query("SELECT 1").result_rows == [(1,)]
    blocks.close()
