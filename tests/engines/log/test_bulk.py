"""Bulk appending against a server that comes, goes and fills up."""

from __future__ import annotations

import asyncio
import time
from contextlib import aclosing

import msgspec
import pytest

from amity.engines.log import bulk as bulk_module
from amity.engines.log.bulk import Bulk
from amity.engines.log.bulk_thread import BulkThread
from amity.engines.log.chunks import CHUNK_BYTES, Packer
from amity.engines.log.client import Log
from amity.facts.envelope import decode_envelope
from amity.facts.interaction import Interaction
from amity.kernel.errors import Invalid, NotRunning


def one(number: int, *, size: int = 2_000) -> Interaction:
    return Interaction(
        workspace=1,
        source=2,
        message_id=f"m{number}",
        kind="track",
        time=3,
        received_at=4,
        name="Order Completed",
        user_id="ada",
        properties=msgspec.Raw(b'{"text":"' + b"x" * size + b'"}'),
    )


class Interrupted(BaseException):
    """As Ctrl-C would."""


async def give(log: Log, some, **options) -> None:
    async with Bulk(log, **options) as bulk:
        await bulk.add_all(some)


async def stored(log: Log) -> list[str]:
    last = (await log.state()).last_seq
    ids: list[str] = []
    seq = 0
    async with asyncio.timeout(90), aclosing(log.read(0, idle=0.2)) as reading:
        while seq < last:
            for entry in await anext(reading):
                ids += [i.message_id for i in decode_envelope(entry.body).interactions]
                seq = entry.seq
    return ids


def ids(count: int) -> list[str]:
    return [f"m{n}" for n in range(count)]


async def roomy(log: Log) -> None:
    await log.prepare(max_bytes=9 * 10**7, max_days=1)


async def test_all_of_it_arrives_in_order_in_envelopes_of_a_megabyte_with_its_marks(log):
    await roomy(log)
    told = []
    async with Bulk(log, told=told.append) as bulk:
        for n in range(5_000):
            await bulk.add(one(n), mark=n)
        done = await bulk.flush()
    assert (done.interactions, done.mark, done.seq) == (5_000, 4_999, (await log.state()).last_seq)
    assert await stored(log) == ids(5_000)
    assert [p.interactions for p in told] == sorted({p.interactions for p in told})
    assert all(p.mark == p.interactions - 1 for p in told), "a mark tells of what is on disk, no more and no less"
    assert 10 <= done.seq <= 12, "5,000 of 2 KB are some ten envelopes"


async def test_the_same_again_is_folded(log):
    await roomy(log)
    for _ in range(2):
        async with Bulk(log) as bulk:
            await bulk.add_all(one(n) for n in range(1_500))
    assert await stored(log) == ids(1_500)


async def test_encoded_ones_pass_as_they_are_and_nothing_given_is_nothing_stored(log):
    async with Bulk(log) as bulk:
        await bulk.flush()
        await bulk.add(msgspec.json.encode(one(0)))
    assert await stored(log) == ids(1)


async def test_order_holds_and_nothing_is_lost_or_doubled_over_kills(nats, log):
    await roomy(log)
    marks = []

    async def kill_now_and_then() -> None:
        for threshold in (1_000, 4_000, 7_000):
            while not marks or marks[-1].interactions < threshold:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            nats.kill()
            nats.start()

    killing = asyncio.create_task(kill_now_and_then())
    async with Bulk(log, told=marks.append) as bulk:
        for n in range(10_000):
            await bulk.add(one(n), mark=n)
    await killing
    assert await stored(log) == ids(10_000)
    assert bulk.progress.mark == 9_999
    assert bulk.progress.trouble == ""


async def test_what_fails_is_sent_again_before_anything_new_and_the_mark_waits_for_it():
    """A log that refuses the second envelope once, while the third is stored."""

    class Odd:
        def __init__(self) -> None:
            self.kept: list[bytes] = []
            self.refused = False

        async def state(self):
            return type("State", (), {"max_bytes": -1, "bytes": 0})

        async def append_once(self, body: bytes, *, message_id: str, wait: float) -> int:
            await asyncio.sleep(0)
            if len(self.kept) == 1 and not self.refused:
                self.refused = True
                raise NotRunning("full for a moment", code="log_full")
            self.kept.append(body)
            return len(self.kept)

    odd, told = Odd(), []
    async with Bulk(odd, told=told.append) as bulk:
        for n in range(4_000):
            await bulk.add(one(n), mark=n)
    arrived = [i.message_id for body in odd.kept for i in decode_envelope(body).interactions]
    assert sorted(arrived) == sorted(ids(4_000)), "each once, though not in order this time"
    first = [decode_envelope(body).interactions[0].message_id for body in odd.kept]
    numbers = [int(name[1:]) for name in first]
    late = numbers.index(sorted(numbers)[1])
    assert 1 < late < bulk_module.FLIGHTS, "at most those that were in flight with it stand before it"
    assert [p.mark for p in told if not p.trouble] == sorted(p.mark for p in told if not p.trouble)
    assert any(p.trouble for p in told)


async def test_it_leaves_room_for_what_comes_live_and_says_so(log):
    await log.prepare(max_bytes=4_000_000, max_days=1)
    for n in range(4):
        await log.append(b"x" * 900_000, message_id=f"fill{n}")
    told = []
    with pytest.raises(NotRunning, match="AMITY_LOG_MAX_BYTES") as caught:
        await give(log, [one(1)], told=told.append, patience=0.3)
    assert caught.value.code == "log_full"
    assert "left to what comes in live" in told[-1].trouble
    await log.append(b"live", message_id="live")


async def test_it_goes_on_by_itself_when_there_is_room_again(log):
    await log.prepare(max_bytes=4_000_000, max_days=1)
    for n in range(4):
        await log.append(b"x" * 900_000, message_id=f"fill{n}")
    troubled = asyncio.Event()
    async with Bulk(log, told=lambda p: troubled.set() if p.trouble else None) as bulk:
        await bulk.add(one(1))
        flushing = asyncio.create_task(bulk.flush())
        await asyncio.wait_for(troubled.wait(), 60)
        await roomy(log)
        done = await asyncio.wait_for(flushing, 60)
    assert (done.interactions, done.trouble) == (1, "")


async def test_patience_ends_while_the_log_is_away(nats, log, monkeypatch):
    monkeypatch.setattr(bulk_module, "ATTEMPT_SECONDS", 0.2)
    nats.kill()
    began = time.monotonic()
    with pytest.raises(NotRunning):
        await give(log, (one(n) for n in range(20_000)), patience=0.5)
    assert time.monotonic() - began < 60


async def test_what_is_too_large_for_the_log_is_told_and_not_tried_for_ever(log):
    await roomy(log)
    with pytest.raises(Invalid, match="larger"):
        await give(log, [one(0, size=9 * 2**20), one(1)])


def test_a_chunk_is_no_larger_than_a_megabyte_and_its_id_tells_of_its_content_alone():
    packer, again = Packer(), Packer()
    chunks = [c for n in range(2_000) if (c := packer.add(one(n), n))]
    same = [c for n in range(2_000) if (c := again.add(msgspec.json.encode(one(n))))]
    assert [c.message_id for c in chunks] == [c.message_id for c in same]
    assert len({c.message_id for c in chunks}) == len(chunks) > 2
    assert all(len(c.body) < CHUNK_BYTES + 100 for c in chunks)
    assert packer.rest().interactions + sum(c.interactions for c in chunks) == 2_000
    assert packer.rest() is None


async def test_ordinary_code_does_the_same_in_its_own_thread(nats, log):
    await roomy(log)

    def work() -> None:
        with BulkThread(nats.url, name="test") as bulk:
            bulk.add_all((one(n) for n in range(3_000)), mark="first")
            assert bulk.flush().interactions == 3_000
            bulk.add(one(3_000), mark="last")
        assert bulk.progress.mark == "last"

    await asyncio.to_thread(work)
    assert await stored(log) == ids(3_001)


def test_ordinary_code_hears_of_a_log_that_is_away(nats):
    nats.kill()
    with pytest.raises(NotRunning, match="does not answer"), BulkThread(nats.url, name="test", wait=0.3):
        pass


async def test_stopping_in_the_middle_stops_at_once(nats, log):
    await roomy(log)

    def work() -> None:
        with BulkThread(nats.url, name="test") as bulk:
            bulk.add_all(one(n) for n in range(2_000))
            nats.kill()
            raise Interrupted

    began = time.monotonic()
    with pytest.raises(Interrupted):
        await asyncio.to_thread(work)
    assert time.monotonic() - began < 30
