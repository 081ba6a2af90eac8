"""A flipped bit in a file of the log's: never served, and whatever the server drops because of it is noticed."""

from __future__ import annotations

import asyncio
import signal
from contextlib import aclosing

import pytest

from amity.engines.log.client import Log, fingerprint
from amity.kernel.errors import LogGap
from tests.damage import flip_bit
from tests.engines.log.conftest import Nats


def body(n: int, *, size: int = 1_000) -> bytes:
    return b"entry %05d." % n + b"x" * size


async def fill(log: Log, first: int, last: int, *, size: int = 1_000) -> None:
    for n in range(first, last + 1):
        assert await log.append(body(n, size=size), message_id=f"{n}") == n


async def read_all(log: Log, last: int, *, after: int = 0, **options) -> list[int]:
    """Read to sequence `last`; no entry may differ from what was written."""
    got: list[int] = []
    async with asyncio.timeout(90), aclosing(log.read(after, idle=0.1, **options)) as reading:
        async for entries in reading:
            for entry in entries:
                assert entry.body.startswith(b"entry %05d." % entry.seq) or entry.body.startswith(b"new")
                got.append(entry.seq)
            if got and got[-1] >= last:
                break
    return got


async def damage(nats: Nats, near: bytes, *, sign: signal.Signals) -> None:
    """End the server by a signal, flip a bit in the entry that begins so, and start it again."""
    await asyncio.to_thread(nats.kill, sign)
    flip_bit(sorted(nats.data.rglob("streams/AMITY/msgs/*.blk")), near, offset=500)
    await asyncio.to_thread(nats.start)


async def test_one_entry_after_a_clean_stop(nats, log):
    await fill(log, 1, 30)
    await damage(nats, b"entry 00010.", sign=signal.SIGTERM)
    assert await read_all(log, 9) == list(range(1, 10))
    with pytest.raises(LogGap, match="Entry 10 is missing") as caught:
        await read_all(log, 30, after=9)
    assert (caught.value.first, caught.value.last) == (10, 10)
    assert await read_all(log, 30, after=9, passed=[(10, 10)]) == list(range(11, 31))


async def test_the_rest_of_a_file_after_a_crash(nats, log):
    """The file is not the newest: what follows in later ones stays, and the hole shows."""
    await log.prepare(max_bytes=5 * 10**7, max_days=1)
    await fill(log, 1, 20, size=1_000_000)
    assert len(list(nats.data.rglob("streams/AMITY/msgs/*.blk"))) > 1
    await damage(nats, b"entry 00003.", sign=signal.SIGKILL)
    with pytest.raises(LogGap, match=r"Entries 3 to .* are missing") as caught:
        await read_all(log, 20)
    hole = (caught.value.first, caught.value.last)
    assert hole[0] == 3 < hole[1] < 20
    assert await read_all(log, 20, after=2, passed=[hole]) == list(range(hole[1] + 1, 21))


async def test_the_newest_file_after_a_crash_and_its_numbers_given_again(nats, log):
    """NATS drops the rest and counts on from there, so no sequence is missing: what writers knew tells that entries are."""
    await fill(log, 1, 30)
    await damage(nats, b"entry 00010.", sign=signal.SIGKILL)
    assert (await log.state()).last_seq == 9
    with pytest.raises(LogGap, match="The log ends at 9, but was already read to 30"):  # a reader that had come to the end
        await read_all(log, 31, after=30)
    for n in range(10, 36):
        assert await log.append(b"new %d" % n, message_id=f"new {n}") == n
    with pytest.raises(LogGap, match="Entry 30 of the log is not the one"):  # the same reader, later
        await read_all(log, 31, after=30, print_of=fingerprint(body(30)))
    assert await read_all(log, 9, after=5) == [6, 7, 8, 9]  # one that was behind
    with pytest.raises(LogGap, match="Entries 10 to 30 were in the log once and are lost") as caught:
        await read_all(log, 35, after=9)
    cut = (caught.value.first, caught.value.last)
    assert await read_all(log, 35, after=5, passed=[cut]) == list(range(6, 36))


async def test_the_last_entry_is_known_again(nats, log):
    await fill(log, 1, 5)
    assert await read_all(log, 5, after=3, print_of=fingerprint(body(3))) == [4, 5]
    with pytest.raises(LogGap, match="Entry 3 of the log is not the one"):
        await read_all(log, 5, after=3, print_of=fingerprint(b"another"))
