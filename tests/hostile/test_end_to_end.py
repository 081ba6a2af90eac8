"""Every kind of poison in every dialect from the client to the past: found there or in quarantine, neighbours found, sent again."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest

from amity.engines.addresses import addresses
from amity.engines.log.client import Entry, Log
from amity.kernel.settings import settings
from amity.rooms.collection import api as collection
from amity.rooms.trust.contracts import SYSTEM
from tests.edge.conftest import running_edge
from tests.hostile.poison import DIALECTS, FIELDS, GOOD, batch, cases, event, fate_in, field_event
from tests.workers.conftest import World, world

__all__ = ["world"]
pytestmark = pytest.mark.timeout(300)


class Story:
    """What was sent, and what has to become of it."""

    def __init__(self) -> None:
        self.stored: list[str] = []
        self.aside: Counter[str] = Counter()
        self.kept = 0
        self.mended: list[str] = []

    def expect(self, tag: str, fate: str) -> None:
        self.stored += [name + tag for name in GOOD]
        if fate == "kept":
            self.kept += 1
        else:
            self.aside[fate] += 1


@pytest.fixture
def edge(log_ready) -> Iterator[str]:
    with running_edge() as url:
        yield url


def state() -> int:
    async def last() -> int:
        log = await Log.connect(addresses().log, name="test")
        try:
            return (await log.state()).last_seq
        finally:
            await log.close()

    return asyncio.run(last())


def entries_after(seq: int) -> list[Entry]:
    async def read() -> list[Entry]:
        log, found = await Log.connect(addresses().log, name="test"), []
        last, reader = (await log.state()).last_seq, log.read(seq, idle=0.5)
        async for some in reader:
            found += some
            if found and found[-1].seq >= last:
                break
        await reader.aclose()
        await log.close()
        return found

    return asyncio.run(read())


def send_everything(url: str, key: str) -> Story:
    story = Story()
    with httpx.Client(base_url=url, timeout=20) as http:
        for dialect in DIALECTS:
            for at, case in enumerate(cases()):
                tag = f" {dialect} {at}"
                path, body = batch(dialect, key, event(dialect, f"bad{tag}", case.properties), tag=tag)
                assert http.post(path, content=body).status_code == 200, case.name
                story.expect(tag, fate_in(dialect, case))
                story.mended += [f"bad{tag}"] if case.mends else []
        for at, (name, (fields, fate)) in enumerate(FIELDS.items()):
            tag = f" field {at}"
            own = field_event(fields).replace(b'"bad"', f'"bad{tag}"'.encode())
            path, body = batch("segment", key, own, tag=tag)
            assert http.post(path, content=body).status_code == 200, name
            story.expect(tag, fate)
    return story


def work(world: World, since: int) -> int:
    """Work what came into the log, a few entries at a time as a worker would, and bring it to the past; return how far."""
    entries = entries_after(since)
    projector = world.projector()
    for start in range(0, len(entries), 10):
        projector.work(entries[start : start + 10])
        world.carry()
    return entries[-1].seq


def quarantined(world: World) -> list[tuple[UUID, str]]:
    return [(UUID(str(key)), reason) for key, reason in world.past("key, reason", table="quarantine", order="key")]


def test_all_poison_of_all_dialects(world: World, edge: str, monkeypatch):
    source = collection.create_source(workspace_id=world.workspace, name="Hostile", kind="server", actor=SYSTEM)
    since = state()
    story = send_everything(edge, source.write_key)
    reached = work(world, since)

    stored = world.message_ids()
    assert set(story.stored) <= set(stored)
    assert len(stored) == len(set(stored)) == len(story.stored) + story.kept
    away = quarantined(world)
    assert Counter(reason for _, reason in away) == story.aside
    [health] = [one for one in collection.list_source_health(workspace_id=world.workspace) if one.source.id == source.id]
    assert (health.accepted, health.duplicates, health.rejected) == (len(stored), 0, len(away))

    monkeypatch.setattr(type(settings()), "public_edge", edge)
    outcome = collection.replay_quarantined(workspace_id=world.workspace, keys=[key for key, _ in away], actor=SYSTEM)
    assert outcome.sent + len(outcome.refused) == len(away)
    assert {why for _, why in outcome.refused} == {"It is no JSON object, so it can't be sent as an event."}
    assert outcome.sent > 10
    work(world, reached)  # what keeping has mended is taken now; all others are still wrong and come back
    assert sorted(set(world.message_ids()) - set(stored)) == sorted(story.mended)
    assert len(world.message_ids()) == len(stored) + len(story.mended)
    assert len(quarantined(world)) == len(away) + outcome.sent - len(story.mended)
