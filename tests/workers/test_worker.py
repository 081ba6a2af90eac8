"""A whole worker on the real log: read, work, carry, tell, lead, stop."""

from __future__ import annotations

import asyncio
import os
import signal

import httpx
import msgspec
from asgiref.sync import sync_to_async
from nats.errors import ConnectionClosedError
from nats.js.errors import NotFoundError

from amity.engines.log.client import Log
from amity.engines.present.models import LogDamage, OutboxFact, Position
from amity.kernel.clock import now_ms
from amity.kernel.errors import NotRunning
from amity.rooms.collection import api as collection
from amity.rooms.trust.models import AuditEntry
from amity.workers import gap, position
from amity.workers.worker import Worker, serve
from tests.workers.living import send, until, working


async def test_from_the_log_to_the_past(world, log):
    async with working() as worker:
        await send(log, world.one("a"), world.one("b"))
        await until(lambda: world.message_ids() == ["a", "b"])
        assert worker.report()["problems"] == {}


async def test_live_feed_tells_of_both_kinds(world, log):
    heard = await log.client.subscribe(f"amity.live.{world.workspace}")
    await log.client.flush()
    async with working():
        await send(log, world.one("a"), world.one("nobody", user_id=None))
        told = msgspec.json.decode((await heard.next_msg(20)).data)
    by_id = {one["message_id"]: one for one in told}
    assert by_id["a"]["outcome"] == "accepted"
    assert [name for name, _, _ in by_id["a"]["steps"]] == ["decode", "describe", "dedupe", "check", "place", "shape"]
    assert by_id["nobody"]["outcome"] == "no_identifier"
    assert by_id["nobody"]["steps"][-1][:2] == ["place", "no_identifier"]


async def test_a_fact_of_amitys_own_goes_the_same_way(world, log):
    def record():
        collection.record_fact(workspace_id=world.workspace, message_id="answer-1", name="SurveyAnswered", user_id="ada")

    await sync_to_async(record)()
    async with working():
        await until(lambda: world.message_ids() == ["answer-1"])
        await until(lambda: not OutboxFact.objects.exists())
    assert await sync_to_async(lambda: world.past("name, dialect, voice"))() == [("SurveyAnswered", "amity", "said")]


async def test_a_worker_goes_on_where_it_stopped(world, log):
    async with working():
        await send(log, world.one("a"))
        await until(lambda: world.message_ids() == ["a"])
    stood = (await Position.objects.aget()).seq
    last = await send(log, world.one("b"))
    async with working():
        await until(lambda: world.message_ids() == ["a", "b"])
    assert stood < last == (await Position.objects.aget()).seq


async def test_a_gap_halts_with_an_alarm_until_a_person_decides(world, log):
    """A position beyond the log's end: this is another log than the one that was read."""
    end = (await log.state()).last_seq
    await Position.objects.aupdate(seq=end + 1_000)
    async with working() as worker:
        await until(lambda: Position.objects.get().halted)
        assert worker.report()["problems"]["halted"]
        await send(log, world.one("a"))
        assert (await Position.objects.aget()).seq == end + 1_000
        [standing] = await sync_to_async(position.halted)()
        standing.entry_at = now_ms() - 60_000
        found = await gap.measure(log, standing, await gap.probe(log, standing, []))
        assert (found.entries, found.on_after <= end) == (0, True)
        await sync_to_async(gap.accept)([found], by="ada", reason="a new log")
        await until(lambda: world.message_ids() == ["a"])
        assert worker.report()["problems"] == {}
    assert (await Position.objects.aget()).halted == ""
    kept = await LogDamage.objects.aget()
    assert (kept.decided_by, kept.reason, kept.outcome) == ("ada", "a new log", "passed")
    row = await AuditEntry.objects.order_by("-seq").afirst()
    assert (row.action, row.after["reason"]) == ("log.gap_passed", "a new log")


async def test_a_gap_that_is_gone_is_no_gap(world, log):
    """The log's data was put back: nobody has to decide anything."""
    end = (await log.state()).last_seq
    await Position.objects.aupdate(seq=end + 2)
    async with working() as worker:
        await until(lambda: Position.objects.get().halted)
        for _ in range(3):
            await send(log, world.one("a"))
        await until(lambda: not Position.objects.get().halted)
        await send(log, world.one("b"))
        await until(lambda: "b" in world.message_ids())
        assert worker.report()["problems"] == {}


async def test_health_is_answered(world, log, unused_tcp_port):
    serving = asyncio.create_task(serve(index=0, of=1, health_port=unused_tcp_port))
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{unused_tcp_port}") as client:

        async def ready() -> bool:
            try:
                return (await client.get("/readyz")).status_code == 200
            except httpx.TransportError:
                return False

        async with asyncio.timeout(90):
            while not await ready():  # noqa: ASYNC110  the server tells nobody when it listens
                await asyncio.sleep(0.02)
        await send(log, world.one("a"))
        await until(lambda: world.message_ids() == ["a"])
        told = (await client.get("/metrics")).text
        assert "amity_worker_accepted_total" in told
        assert "amity_worker_lag_messages 0.0" in told
        assert (await client.get("/healthz")).json()["reader"] == "worker-0-of-1"
        assert (await client.get("/nothing")).status_code == 404
        assert (await client.post("/healthz")).status_code == 405
    os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait_for(serving, 60)


async def test_it_waits_for_a_log_that_is_not_there_at_its_very_first_start(world, log, monkeypatch):
    """Nobody has made the stream yet: the question for its beginning fails."""
    await Position.objects.all().adelete()
    left = [NotFoundError(), ConnectionClosedError()]
    state = Log.state

    async def failing(self):
        if left and asyncio.current_task().get_coro().__name__ == "_read":
            raise left.pop()
        return await state(self)

    monkeypatch.setattr(Log, "state", failing)
    async with working():
        await send(log, world.one("a"))
        await until(lambda: world.message_ids() == ["a"])
    assert not left


async def test_what_cannot_be_shown_live_does_not_stop_it(world, log, monkeypatch):
    def breaking(_):
        raise RecursionError("too deep")

    monkeypatch.setattr("amity.workers.worker.feed", breaking)
    async with working():
        for message_id in ("a", "b"):
            await send(log, world.one(message_id))
            await until(lambda: world.message_ids()[-1:] == [message_id])  # noqa: B023  waited for in this turn


async def test_entries_are_read_once_though_reading_broke_off(world, log, monkeypatch):
    """What is in the inbox is not read again, so nothing is counted twice."""
    from amity.workers import worker as module

    original, take, left = module.read_into, module.Inbox.take, [1, 2]

    def take_later(inbox, **kwargs):
        return [] if left else take(inbox, **kwargs)

    async def breaking_off(inbox, *args, after, **kwargs):
        left.pop()
        if left:
            async for entries in args[0].read(after):
                for entry in entries:
                    await inbox.put(entry)
                if entries:
                    raise NotRunning("gone")
        await original(inbox, *args, after=after, **kwargs)

    monkeypatch.setattr(module, "read_into", breaking_off)
    monkeypatch.setattr(module.Inbox, "take", take_later)
    async with working():
        await send(log, world.one("a"), world.one("a"))
        await send(log, world.one("b"))
        await until(lambda: world.message_ids() == ["a", "b"])
    [health] = await sync_to_async(lambda: collection.list_source_health(workspace_id=world.workspace))()
    assert (health.accepted, health.duplicates) == (2, 1)


async def test_it_stops_while_the_log_is_away(world, log, monkeypatch):
    async def away(*_, **__):
        raise NotRunning("away")

    monkeypatch.setattr(Log, "connect", away)
    worker = Worker(index=0, of=1)
    running = asyncio.create_task(worker.run())
    worker.stop()
    await asyncio.wait_for(running, 60)
