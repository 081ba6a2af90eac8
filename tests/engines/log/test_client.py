"""The log's client against a server that comes and goes."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import time
from contextlib import aclosing

import pytest

from amity.engines.log.client import STREAM, Log
from amity.kernel.errors import Invalid, LogGap, NotRunning


async def take(log: Log, count: int, *, after: int = 0, **options) -> list:
    """Read until `count` entries have come."""
    got = []
    async with asyncio.timeout(90), aclosing(log.read(after, idle=0.2, **options)) as reading:
        async for entries in reading:
            got += entries
            if len(got) >= count:
                return got
    raise AssertionError


async def fill(log: Log, count: int, *, begin: int = 0) -> None:
    for n in range(begin, begin + count):
        await log.append(b"%d" % n, message_id=f"m{n}")


async def test_entries_come_back_in_order_with_their_time(log):
    before = time.time() * 1000
    await fill(log, 5)
    got = await take(log, 5, batch=2)
    assert [e.seq for e in got] == [1, 2, 3, 4, 5]
    assert [e.body for e in got] == [b"0", b"1", b"2", b"3", b"4"]
    assert all(before - 1000 < e.stored_at < time.time() * 1000 + 1000 for e in got)
    assert [e.seq for e in await take(log, 2, after=3)] == [4, 5]


async def test_a_repeated_append_is_stored_once(log):
    assert await log.append(b"x", message_id="same") == await log.append(b"x", message_id="same")
    assert (await log.state()).messages == 1


async def test_an_idle_reader_says_so_and_hears_of_the_next_entry_at_once(log):
    reading = log.read(0, idle=0.05)
    assert await anext(reading) == []
    await log.append(b"x", message_id="1")
    begun = time.monotonic()
    while not (entries := await anext(reading)):
        pass
    assert (entries[0].seq, time.monotonic() - begun < 20) == (1, True)
    await reading.aclose()


async def test_a_trickle_is_not_held_back_until_a_batch_is_full(log):
    reading = log.read(0, idle=60, batch=64)
    for n in range(3):
        await log.append(b"x", message_id=f"{n}")
        begun = time.monotonic()
        assert [e.seq for e in await anext(reading)] == [n + 1]
        assert time.monotonic() - begun < 30
    await reading.aclose()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
async def test_appending_and_reading_go_on_over_a_restart(nats, log, sign):
    await fill(log, 3)
    reading = asyncio.create_task(take(log, 8))
    await take(log, 3)
    nats.kill(sign)
    appending = asyncio.create_task(fill(log, 5, begin=3))
    nats.start()
    await appending
    got = await reading
    assert [(e.seq, e.body) for e in got] == [(n + 1, b"%d" % n) for n in range(8)]


async def test_every_acknowledged_entry_is_there_once_after_kills_in_the_middle(nats, log):
    acknowledged: dict[str, int] = {}

    async def client(name: str) -> None:
        for n in range(60):
            while f"{name}{n}" not in acknowledged:
                try:
                    acknowledged[f"{name}{n}"] = await log.append(f"{name}{n}".encode(), message_id=f"{name}{n}", wait=1)
                except NotRunning:
                    continue

    clients = asyncio.gather(*(client(c) for c in "abcdefgh"))
    for threshold in (60, 200):
        while len(acknowledged) < threshold:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        nats.kill()
        nats.start()
    await clients
    got = await take(log, 480)
    assert {e.body.decode(): e.seq for e in got} == acknowledged
    assert len(got) == 480 == (await log.state()).messages


async def test_a_wrong_password_is_told(nats):
    with pytest.raises(NotRunning, match=r"[Aa]uthorization"):
        await Log.connect(nats.url.replace(":p@", ":wrong@"), name="test", wait=2)


async def test_without_a_server_an_append_fails_in_time(nats, log):
    nats.kill()
    begun = time.monotonic()
    with pytest.raises(NotRunning, match="did not confirm"):
        await log.append(b"x", message_id="1", wait=0.3)
    assert time.monotonic() - begun < 4.5  # it would try for five seconds by itself


async def test_a_full_log_refuses_at_once_and_keeps_what_it_has(log):
    await log.prepare(max_bytes=200_000, max_days=1)
    for n in range(3):
        await log.append(b"x" * 50_000, message_id=str(n))
    begun = time.monotonic()
    with pytest.raises(NotRunning, match="takes nothing more") as caught:
        await log.append(b"x" * 50_000, message_id="4", wait=60)
    assert time.monotonic() - begun < 30
    assert caught.value.code == "log_full"
    assert (await log.state()).first_seq == 1


async def test_a_message_that_is_too_large_is_invalid(log):
    with pytest.raises(Invalid, match="larger"):
        await log.append(b"x" * (9 * 2**20), message_id="1")


async def test_nobody_answers(nats, log):
    nats.kill()
    with pytest.raises(NotRunning, match="does not answer"):
        await Log.connect(nats.url, name="test", wait=0.5)


async def may_delete(log: Log) -> None:
    """The log itself denies deletions: a stream with holes is made beside it, and put in its place."""
    from nats.js.api import StreamConfig
    from nats.js.errors import ServerError

    await log.js.delete_stream(STREAM)
    async with asyncio.timeout(90):
        while True:  # on a busy machine the old one's folder is not gone at once
            with contextlib.suppress(ServerError):
                return await log.js.add_stream(StreamConfig(name=STREAM, subjects=["amity.log"]))
            await asyncio.sleep(0.05)


async def test_the_log_denies_deletes_and_purges(log):
    from nats.js.errors import APIError

    await fill(log, 1)
    with pytest.raises(APIError):
        await log.js.delete_msg(STREAM, 1)
    with pytest.raises(APIError):
        await log.js.purge_stream(STREAM)


@pytest.mark.parametrize("batch", [1, 2, 64])
async def test_a_hole_stops_the_reader(log, batch):
    await may_delete(log)
    await fill(log, 5)
    await log.js.delete_msg(STREAM, 3)
    got = []

    async def read() -> None:
        async for entries in log.read(0, idle=0.2, batch=batch):
            got.extend(entries)

    with pytest.raises(LogGap, match=r"Entry 3 is missing"):
        await read()
    assert [e.seq for e in got] == [1, 2]


async def test_a_hole_at_the_end_stops_the_reader(log, monkeypatch):
    from amity.engines.log import reader

    monkeypatch.setattr(reader, "_LOOK_AGAIN", 0.1)
    await may_delete(log)
    await fill(log, 3)
    await log.js.delete_msg(STREAM, 3)
    with pytest.raises(LogGap, match=r"Entry 3 is missing"):
        await take(log, 3)


async def test_entries_that_went_before_they_were_read_are_a_gap(log):
    await may_delete(log)
    await fill(log, 5)
    await log.js.purge_stream(STREAM, seq=4)
    with pytest.raises(LogGap, match=r"2 entries of the log \(2 to 3\).*amity log pass-gap"):
        await take(log, 1, after=1)
    assert [e.seq for e in await take(log, 2, after=3)] == [4, 5]


async def test_everything_expired_is_a_gap_too(log):
    await may_delete(log)
    await fill(log, 5)
    await log.js.purge_stream(STREAM)
    with pytest.raises(LogGap, match=r"4 entries of the log \(2 to 5\)"):
        await take(log, 1, after=1)


async def test_a_log_that_ends_before_the_reader_is_a_gap(log):
    await fill(log, 2)
    with pytest.raises(LogGap, match="ends at 2, but was already read to 7"):
        await take(log, 1, after=7)


async def test_a_log_replaced_while_reading_is_a_gap(nats, log):
    await fill(log, 3)
    got: list = []

    async def read() -> None:
        async for entries in log.read(0, idle=0.2):
            got.extend(entries)

    reading = asyncio.create_task(read())
    async with asyncio.timeout(60):
        while len(got) < 3:  # noqa: ASYNC110  what another task has read
            await asyncio.sleep(0.01)
    nats.kill()
    nats.forget()
    nats.start()
    await log.prepare(max_bytes=10**7, max_days=1)
    with pytest.raises(LogGap, match="ends at 0, but was already read to 3"):
        await asyncio.wait_for(reading, 90)


async def test_live_words_are_dropped_while_the_log_is_away(nats, log):
    nats.kill()
    while log.client.is_connected:  # noqa: ASYNC110
        await asyncio.sleep(0.01)
    await log.publish_live("amity.live.1", b"x" * 3_000_000)


async def test_a_snapshot_is_shared(nats, log):
    other = await Log.connect(nats.url, name="other")
    await (await log.snapshot("amity_test")).put("key", b"value")
    assert (await (await other.snapshot("amity_test")).get("key")).value == b"value"
    await other.close()
