"""Working history again changes nothing that was right, mends what was wrong, and survives interruptions."""

from __future__ import annotations

import pytest
from asgiref.sync import sync_to_async

from amity.engines.past.client import past
from amity.engines.present.models import PastBatch, Replay
from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import Invalid
from amity.rooms.customers.api import resequence_marked
from amity.workers.replay import Asked, replay, work
from amity.workers.span import find_span
from tests.workers.living import send, until, working
from tests.workers.story import Crash, Crashes, fill, outcome, work_through


def record_of(world, **fields) -> Replay:
    given = {
        "asked_by": "test",
        "workspace_id": world.workspace,
        "from_time": from_ms(0),
        "to_time": from_ms(now_ms()),
        "first_seq": 1,
        "last_seq": world.seq,
        "seq": 0,
    }
    return Replay.objects.create(**given | fields)


def again(world, record, crashes=None) -> int:
    """Replay six entries at a time, starting anew after each crash."""
    crashed = 0
    while record.seq < record.last_seq:
        try:
            left = [entry for entry in world.entries if record.seq < entry.seq <= record.last_seq]
            for i in range(0, len(left), 6):
                work(record, left[i : i + 6], at=crashes or Crashes())
        except Crash:
            crashed += 1
            record.refresh_from_db()
    while resequence_marked():
        pass
    return crashed


@pytest.fixture
def first(world):
    fill(world)
    work_through(world, Crashes())
    return outcome(world)


def test_replaying_everything_changes_nothing(world, first):
    again(world, record_of(world))
    assert outcome(world) == first


def test_replaying_a_part_changes_nothing(world, first):
    again(world, record_of(world, first_seq=10, last_seq=21, seq=9))
    assert outcome(world) == first


def test_an_interrupted_replay_goes_on(world, first):
    crashes = Crashes(*((boundary, n) for boundary in ("after commit", "after insert") for n in (1, 3)))
    assert again(world, record_of(world), crashes) == 4
    assert outcome(world) == first
    assert not PastBatch.objects.exists()


def test_replay_builds_a_lost_past_anew(world, first):
    past().command(f"DELETE FROM interactions_raw WHERE workspace_id = {world.workspace}")
    assert world.message_ids() == []
    again(world, record_of(world))
    assert outcome(world) == first


def test_other_workspaces_are_left_alone(world, first):
    before = world.past("toString(projected_at)")
    again(world, record_of(world, workspace_id=world.workspace + 1_000))
    assert world.past("toString(projected_at)") == before


def test_it_mends_what_a_bug_dropped(world, monkeypatch):
    world.entry(world.one("good"), world.one("bad", name="Breaks"))
    break_on(monkeypatch, "Breaks")
    [_, bad] = world.projector().work(world.entries).items
    world.carry()
    assert bad.dropped == "failed"
    monkeypatch.undo()
    again(world, record_of(world))
    assert world.message_ids() == ["bad", "good"]


def test_what_it_turns_away_for_the_first_time_ends_in_quarantine(world, monkeypatch):
    """Its row leaves the past, so it must stand elsewhere; and once, however often one replays."""
    world.entry(world.one("good"), world.one("bad", name="Breaks"), world.one("nobody", user_id=None), world.one("good"))
    work_through(world, Crashes())
    assert world.message_ids() == ["bad", "good"]
    break_on(monkeypatch, "Breaks")
    for _ in range(2):
        again(world, record_of(world))
        assert world.message_ids() == ["good"]
        assert world.past("message_id, reason", table="quarantine") == [("bad", "failed"), ("nobody", "no_identifier")]


def break_on(monkeypatch, name: str) -> None:
    def channel(one, *_, **__) -> str:
        if one.name == name:
            raise KeyError("a bug")
        return "web"

    monkeypatch.setattr("amity.workers.pipeline.describe.channel_of", channel)
    monkeypatch.setattr("amity.workers.pipeline.describe._known", {})


async def test_a_span_of_the_real_log(world, log):
    async with working():
        began = now_ms()
        await send(log, world.one("a"))
        last = await send(log, world.one("b"), world.one("nobody", user_id=None))
        await until(lambda: world.message_ids() == ["a", "b"])
        await until(lambda: not PastBatch.objects.exists())
    told: list[str] = []
    seen: list[int] = []
    asked = Asked(since=began - 1_000, until=now_ms() + 1_000, workspace=world.workspace, muted=True, by="test")
    record = await replay(log, asked, progress=lambda r: seen.append(r.seq), note=told.append)
    assert (record.interactions, record.seq, seen[-1]) == (2, last, last)
    assert await sync_to_async(lambda: Replay.objects.get().finished_at is not None)()
    assert await sync_to_async(world.message_ids)() == ["a", "b"]
    assert told == []


async def test_what_the_log_no_longer_holds_is_said(world, log):
    with pytest.raises(Invalid, match="holds nothing"):
        await replay(
            log,
            Asked(since=1, until=2, workspace=None, muted=False, by="test"),
            progress=lambda _: None,
            note=lambda _: None,
        )


async def test_spans_are_found_by_when_the_log_stored_them(world, log):
    first = await send(log, world.one("a"))
    state = await log.state()
    everything = await find_span(log, since=0, until=now_ms() + 60_000)
    assert (everything.first, everything.last) == (state.first_seq, first)
    nothing = await find_span(log, since=now_ms() + 60_000, until=now_ms() + 120_000)
    assert nothing.last < nothing.first
