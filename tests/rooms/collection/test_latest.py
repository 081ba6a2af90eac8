"""What arrived last is exact, whatever the hours' counts say and however the past lies on disk."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from itertools import count
from uuid import UUID

import msgspec
import pytest

from amity.engines.past.client import command, insert_rows
from amity.engines.past.rows import InteractionRow, QuarantineRow, seconds
from amity.kernel.clock import DAY, HOUR, from_ms, now_ms
from amity.kernel.ids import new_id
from amity.rooms.collection.actions.counts import Outcome, count_outcomes
from amity.rooms.collection.queries import latest
from amity.rooms.collection.queries.latest import Wanted, list_latest

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("past_ready")]

_workspaces = count(880_001)
NAMES, CHANNELS = ("Page Viewed", "Order Completed", "Order Cancelled"), ("web", "app", "survey")


@pytest.fixture
def workspace() -> int:
    return next(_workspaces)


def arrivals(workspace: int, number: int, *, hours: int, seed: int = 1) -> list[InteractionRow]:
    """Interactions that happened at any time of two years and arrived within the last hours, counted by source and hour."""
    dice, now = random.Random(seed), now_ms()
    rows = []
    for n in range(number):
        received, happened = now - dice.randrange(hours * HOUR), now - dice.randrange(700 * DAY)
        rows.append(
            InteractionRow(
                workspace_id=workspace, customer_id=new_id(), time=seconds(happened), message_key=UUID(int=dice.getrandbits(128)),
                message_id=f"m-{n}", type="track", source_id=dice.choice((3, 4)), received_at=seconds(received),
                projected_at=seconds(received), log_seq=n, log_index=0, name=dice.choice(NAMES), channel=dice.choice(CHANNELS),
                user_id=f"u-{n % 7}",
            )
        )  # fmt: skip
    return rows


def store(rows: list[InteractionRow], *, counted: bool = True) -> None:
    for part in (rows[::2], rows[1::2]):  # two inserts, two parts in each quarter
        if part:
            insert_rows(table="interactions_raw", rows=part, token=f"latest-{new_id()}")
    if counted:
        count_outcomes(Outcome(r.workspace_id, r.source_id, round(r.received_at * 1000), "accepted") for r in rows)


def newest(rows: list[InteractionRow], wanted: Wanted, limit: int) -> list[UUID]:
    fit = [
        r for r in rows
        if wanted.outcome != "rejected" and wanted.channel in ("", r.channel) and wanted.source_id in (0, r.source_id)
        and (not wanted.text or wanted.text in (r.user_id, r.message_id) or wanted.text.lower() in r.name.lower())
    ]  # fmt: skip
    return [r.message_key for r in sorted(fit, key=lambda r: (-r.received_at, -r.log_seq))][:limit]


@pytest.mark.parametrize("hours", [1, 30, 3000])
def test_the_newest_are_shown_under_every_filter(workspace, hours):
    rows = arrivals(workspace, 400, hours=hours)
    store(rows)
    for wanted in (
        Wanted(), Wanted(source_id=3), Wanted(source_id=9), Wanted(channel="survey"), Wanted(text="order"), Wanted(text="u-3"),
        Wanted(text="m-17"), Wanted(text="nothing like it"), Wanted(outcome="accepted"), Wanted(outcome="rejected"),
        Wanted(source_id=4, channel="app", text="completed"),
    ):  # fmt: skip
        for limit in (5, 50, 500):
            found = list_latest(workspace_id=workspace, wanted=wanted, limit=limit)
            assert [one["key"] for one in found] == newest(rows, wanted, limit), (wanted, limit)
    assert list_latest(workspace_id=next(_workspaces)) == []


def test_only_the_hours_that_hold_enough_are_read(workspace, monkeypatch):
    store(arrivals(workspace, 400, hours=30))
    asked = []
    monkeypatch.setattr(latest.past, "ask", lambda **given: asked.append(given["since"]) or [{}] * given["limit"])
    list_latest(workspace_id=workspace)
    assert now_ms() - 12 * HOUR < asked[0] <= now_ms()
    list_latest(workspace_id=workspace, wanted=Wanted(channel="web"), limit=2)
    list_latest(workspace_id=workspace, wanted=Wanted(channel="web"))  # 50 of what may be one in fifty: all of it
    assert now_ms() - 30 * HOUR < asked[1] < asked[0]
    assert asked[2] < 0
    assert len(asked) == 3


def test_more_is_looked_through_until_enough_is_found(workspace, monkeypatch):
    store(arrivals(workspace, 400, hours=30))
    asked = []
    monkeypatch.setattr(latest.past, "ask", lambda **given: asked.append(given["since"]) or [{}])
    monkeypatch.setattr(latest, "_FILTERED", (2, 4))
    assert list_latest(workspace_id=workspace, wanted=Wanted(text="rare")) == [{}]
    assert asked == sorted(asked, reverse=True)
    assert len(set(asked)) == 3
    assert asked[-1] < 0


def test_of_a_busy_hour_only_its_end_is_read(workspace, monkeypatch):
    at = now_ms() // HOUR * HOUR - HOUR
    rows = arrivals(workspace, 4_000, hours=1)
    for n, one in enumerate(rows):
        rows[n] = msgspec.structs.replace(one, received_at=seconds(at + round(one.received_at * 1000) % HOUR))
    store(rows)
    asked, ask = [], latest.past.ask
    monkeypatch.setattr(latest.past, "ask", lambda **given: asked.append(given["since"]) or ask(**given))
    last = round(max(one.received_at for one in rows) * 1000)
    assert [one["key"] for one in list_latest(workspace_id=workspace)] == newest(rows, Wanted(), 50)
    assert asked == [pytest.approx(last - HOUR // 20, abs=30_000)]

    # What is counted already and still on its way to the past: the end of the hour is empty, so more of it is read.
    asked.clear()
    count_outcomes([Outcome(workspace, 3, last + 20 * 60_000, "accepted")] * 40)
    assert [one["key"] for one in list_latest(workspace_id=workspace)] == newest(rows, Wanted(), 50)
    assert len(asked) == 2
    assert asked[0] > last
    assert asked[1] < last


def test_what_was_counted_and_is_gone_leaves_no_hole(workspace):
    rows = arrivals(workspace, 120, hours=200)
    store(rows)
    gone = sorted(rows, key=lambda r: -r.received_at)[:90]
    command(
        "DELETE FROM interactions_raw WHERE workspace_id = {w:UInt32} AND message_key IN {keys:Array(UUID)}"
        " SETTINGS lightweight_deletes_sync = 1",
        w=workspace,
        keys=[str(one.message_key) for one in gone],
    )
    left = [one for one in rows if one not in gone]
    assert [one["key"] for one in list_latest(workspace_id=workspace)] == newest(left, Wanted(), 50)


def test_what_nobody_counted_is_found_too(workspace):
    rows = arrivals(workspace, 80, hours=2)
    store(rows, counted=False)
    assert [one["key"] for one in list_latest(workspace_id=workspace)] == newest(rows, Wanted(), 50)


def test_dropped_ones_stand_among_the_others_by_arrival(workspace):
    rows = arrivals(workspace, 100, hours=2)
    store(rows)
    at = from_ms(now_ms()) + timedelta(seconds=1)
    dropped = QuarantineRow(
        workspace_id=workspace, source_id=3, received_at=seconds(now_ms() + 1000), key=new_id(), reason="no_identity", detail="",
        step="shape", body="{}", log_seq=10_000,
    )  # fmt: skip
    insert_rows(table="quarantine", rows=[dropped], token=f"latest-{new_id()}")
    found = list_latest(workspace_id=workspace)
    assert [one["key"] for one in found] == [dropped.key, *newest(rows, Wanted(), 49)]
    assert isinstance(found[0]["received_at"], datetime)
    assert found[0]["received_at"] <= at + timedelta(seconds=5)
    assert found[0]["outcome"] == "no_identity"
