"""A whole worker on the real log: read, work, carry, tell, lead, stop."""

from __future__ import annotations

import msgspec
from asgiref.sync import sync_to_async

from amity.engines.present.models import OutboxFact, Position
from amity.rooms.collection import api as collection
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
    assert [name for name, _, _ in by_id["a"]["steps"]] == ["decode", "dedupe", "describe", "place", "shape"]
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
