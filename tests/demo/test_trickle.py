"""The live trickle, against a small edge of the test's own: what was missed first, then what is due, until the demo is gone."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from amity.demo.company import found, tell
from amity.demo.record import Story, recall_sent, remember_lives, remember_sent
from amity.demo.trickle import trickle
from amity.kernel.clock import DAY, HOUR, now_ms
from amity.kernel.errors import AmityError
from tests.demo.test_sender import KEYS, Edge, edge


def told(folder: Path, *, ago: int) -> Story:
    story = Story(customers=60, seed=1, end=now_ms() - ago)
    company = found(customers=story.customers, seed=story.seed, end=story.end)
    for _ in tell(company):
        pass
    remember_lives(folder, company, story)
    return story


async def times(one: Edge, at_least: int) -> list[str]:
    async with asyncio.timeout(90):
        while True:
            arrived = [event["timestamp"] for _, body in one.bodies for event in json.loads(body)["batch"]]
            if len(arrived) >= at_least:
                return arrived
            await asyncio.sleep(0.02)


async def sent(folder: Path, story: Story) -> None:
    async with asyncio.timeout(90):
        while recall_sent(folder, story) == story.end:  # noqa: ASYNC110  a file tells in no other way
            await asyncio.sleep(0.02)


async def test_what_was_missed_is_told_once_and_then_it_goes_on(tmp_path: Path) -> None:
    story = told(tmp_path, ago=2 * DAY)
    async with edge() as (one, url):
        running = asyncio.create_task(trickle(folder=tmp_path, story=story, edge=url, keys=lambda: KEYS))
        arrived = await times(one, 20)
        await sent(tmp_path, story)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        assert arrived == sorted(arrived)
        ids = {event["messageId"] for _, body in one.bodies for event in json.loads(body)["batch"]}
        one.bodies.clear()
        remember_sent(tmp_path, story, now_ms() - DAY)  # a whole one: so few customers sleep at the same hours
        again = asyncio.create_task(trickle(folder=tmp_path, story=story, edge=url, keys=lambda: KEYS))
        await times(one, 1)
        again.cancel()
        await asyncio.gather(again, return_exceptions=True)
    assert {event["messageId"] for _, body in one.bodies for event in json.loads(body)["batch"]} <= ids


async def test_it_ends_where_the_demo_is_gone(tmp_path: Path) -> None:
    story = told(tmp_path, ago=HOUR)
    async with asyncio.timeout(90):
        await trickle(folder=tmp_path, story=story, edge="http://127.0.0.1:9", keys=lambda: None)


async def test_it_asks_for_its_keys_again_where_they_are_refused(tmp_path: Path) -> None:
    story = told(tmp_path, ago=2 * DAY)
    answers = [KEYS, None, None]
    async with edge(b"403 Forbidden|") as (_, url), asyncio.timeout(90):
        await trickle(folder=tmp_path, story=story, edge=url, keys=lambda: answers.pop(0))
    assert answers == []
    async with edge(b"403 Forbidden|") as (_, url):
        with pytest.raises(AmityError, match="403"):
            await trickle(folder=tmp_path, story=story, edge=url, keys=lambda: KEYS)
