"""Working history again changes nothing that was right, mends what was wrong, and survives interruptions."""

from __future__ import annotations

from contextlib import nullcontext

import pytest
from asgiref.sync import sync_to_async

from amity.engines.log.client import Entry
from amity.engines.past.client import past
from amity.engines.past.erasing import erase_rows
from amity.engines.present.models import PastBatch, Replay
from amity.kernel.clock import from_ms, now_ms
from amity.kernel.errors import Invalid, LogGap
from amity.rooms.customers.api import resequence_marked
from amity.workers.leader import own_connection
from amity.workers.replay import LOCK, Asked, no_replay_running, replay, replay_running, together, work
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


def test_what_it_replaced_goes_off_the_disk_with_whom_it_told_of(world, first):
    again(world, record_of(world))
    mine = f"FROM interactions_raw WHERE workspace_id = {world.workspace} SETTINGS apply_deleted_mask = 0, apply_patch_parts = 0"
    stored = past().query(f"SELECT count() {mine}").result_rows
    assert stored[0][0] > 1
    erase_rows("interactions_raw", "workspace_id = {workspace:UInt32}", workspace=world.workspace)
    assert past().query(f"SELECT count() {mine}").result_rows == [(0,)]


def test_it_is_known_that_one_runs(db):
    assert not replay_running()
    with own_connection() as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        assert replay_running()
        with no_replay_running() as none:
            assert not none
        other.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
        assert not replay_running()


async def gathered(*lists, last: int, error: Exception | None = None) -> list[list[int]]:
    async def reading():
        for one in lists:
            yield [Entry(seq, 0, b"x" * size) for seq, size in one]
        if error:
            raise error

    made = []
    with nullcontext() if error is None else pytest.raises(type(error)):
        async for some in together(reading(), last=last):
            made += [[entry.seq for entry in some]]
    return made


async def test_entries_go_together_up_to_some_megabytes():
    assert await gathered([(1, 1), (2, 1)], [(3, 1)], last=3) == [[1, 2, 3]]
    assert await gathered([(1, 5_000_000), (2, 1_000_000), (3, 1)], [(4, 1)], last=4) == [[1, 2], [3, 4]]


async def test_entries_are_worked_before_it_waits_for_more_and_none_after_the_last():
    assert await gathered([(1, 1)], [], [(2, 1)], [], [(3, 1), (4, 1)], last=3) == [[1], [2], [3]]


async def test_what_came_before_a_gap_is_worked():
    assert await gathered([(1, 1), (2, 1)], last=9, error=LogGap("gone")) == [[1, 2]]


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
