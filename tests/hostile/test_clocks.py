"""Clocks that jump, days that come late, ids that come twice: exactly these orders, sessions and counts."""

from __future__ import annotations

import itertools
import random

import msgspec
import pytest

from amity.edge import segment
from amity.edge.intake import Intake
from amity.edge.sender import Sender
from amity.engines.present import seen
from amity.facts.collection import SourceKey
from amity.facts.envelope import decode_envelope, join_envelope
from amity.facts.interaction import Interaction
from amity.kernel.clock import DAY, HOUR, MINUTE, now_ms
from amity.kernel.ids import message_key
from amity.rooms.collection import api as collection
from amity.rooms.customers.api import resequence_marked
from tests.workers.conftest import World, world

__all__ = ["world"]
YEAR = 365 * DAY


def iso(instant: int) -> str:
    from amity.kernel.clock import from_ms

    return from_ms(instant).isoformat()


def through_the_edge(world: World, received_at: int, *events: dict, sent_at: int | None = None) -> list[Interaction]:
    """Return what the edge makes of events that it receives at an instant, sent by a client whose clock says `sent_at`."""
    key = SourceKey(workspace=world.workspace, source=world.source, name="Web", write_key="k")
    sender = Sender(received_at=received_at, ip="", user_agent="", gpc=False, server=True)
    told = [{"type": "track", "userId": "ada", **one} for one in events]
    body = msgspec.json.encode({"batch": told} | ({} if sent_at is None else {"sentAt": iso(sent_at)}))
    read, intake = segment.read(body, batch=True), Intake(key, sender, dialect="segment")
    assert read is not None
    segment.judge(intake, read, kind=None)
    assert intake.rejections == []
    stored = join_envelope(requests=intake.packed, interactions=[msgspec.json.encode(one) for one in intake.interactions])
    return list(decode_envelope(stored).interactions)


def work(world: World, *batches: list[Interaction]) -> None:
    projector = world.projector()
    for interactions in batches:
        projector.work([world.entry(*interactions)])
        world.carry()
    while resequence_marked():
        pass


def story(world: World) -> list[tuple]:
    """Each interaction by time: its id, whether it begins a session, and what came before it."""
    return world.past("message_id, session_start, previous_name", order="time, message_id")


def counts(world: World) -> tuple[int, int]:
    [health] = collection.list_source_health(workspace_id=world.workspace)
    return health.accepted, health.duplicates


@pytest.mark.parametrize("off", [YEAR, -YEAR, 40 * YEAR, -17 * HOUR])
def test_a_clients_clock_that_is_wrong_does_no_harm(world: World, off: int):
    """The client says when it sent, by the same wrong clock: so everything is where it belongs, and says that it was off."""
    now = now_ms() - HOUR
    events = [
        {"event": name, "messageId": name, "timestamp": iso(now + off + at * MINUTE)}
        for name, at in (("a", 0), ("b", 5), ("c", 50))
    ]
    made = through_the_edge(world, now + 51 * MINUTE, *events, sent_at=now + off + 51 * MINUTE)
    assert [one.time for one in made] == [now, now + 5 * MINUTE, now + 50 * MINUTE]
    assert {one.flags for one in made} == {("skewed",)}
    work(world, made)
    assert story(world) == [("a", True, ""), ("b", False, "a"), ("c", True, "b")]


@pytest.mark.parametrize(("off", "flag"), [(YEAR, "time_future"), (-40 * YEAR, "time_ancient")])
def test_an_absurd_time_without_a_word_on_sending_is_that_of_receipt(world: World, off: int, flag: str):
    now = now_ms()
    made = through_the_edge(world, now, {"event": "a", "messageId": "a", "timestamp": iso(now + off)})
    assert (made[0].time, made[0].original_at, made[0].flags) == (now, now + off, (flag,))
    work(world, made)
    assert story(world) == [("a", True, "")]


def test_a_clock_that_jumps_back_a_year_between_requests(world: World):
    """Half of a visit is sent before the client's clock is set back, half after: one session, in the right order."""
    now = now_ms() - HOUR
    first = through_the_edge(world, now, {"event": "a", "messageId": "a", "timestamp": iso(now + YEAR)}, sent_at=now + YEAR)
    second = through_the_edge(
        world, now + MINUTE, {"event": "b", "messageId": "b", "timestamp": iso(now + MINUTE)}, sent_at=now + MINUTE
    )
    work(world, first, second)
    assert story(world) == [("a", True, ""), ("b", False, "a")]


def test_our_own_clock_steps_back_between_requests(world: World):
    """What is received later by a clock set back ten minutes: nothing is lost or doubled, and the log's order decides nothing."""
    now = now_ms() - HOUR
    made = [
        through_the_edge(world, now + back, {"event": name, "messageId": name})
        for name, back in (("a", 0), ("b", -10 * MINUTE), ("c", -9 * MINUTE), ("d", MINUTE))
    ]
    again = through_the_edge(world, now - 8 * MINUTE, {"event": "a", "messageId": "a"})
    work(world, *made, again)
    assert story(world) == [("b", True, ""), ("c", False, "b"), ("a", False, "c"), ("d", False, "a")]
    assert counts(world) == (4, 1)


@pytest.mark.parametrize(
    ("texts", "sessions"),
    [
        # Europe's clocks go back at 03:00+02:00 on 25 October 2026: the hour from 2 to 3 comes twice, an hour apart.
        (["2026-10-25T02:50:00+02:00", "2026-10-25T02:10:00+01:00", "2026-10-25T02:50:00+01:00"], [True, False, True]),
        # They go forward at 02:00+01:00 on 29 March 2026: five minutes lie between 01:58 and 03:03.
        (["2026-03-29T01:58:00+01:00", "2026-03-29T03:03:00+02:00", "2026-03-29T03:34:00+02:00"], [True, False, True]),
    ],
)
def test_the_hour_that_comes_twice_and_the_one_that_does_not(world: World, texts: list[str], sessions: list[bool]):
    events = [{"event": f"e{n}", "messageId": f"e{n}", "timestamp": text} for n, text in enumerate(texts)]
    work(world, through_the_edge(world, now_ms(), *events))
    assert [(row[0], row[1]) for row in story(world)] == [(f"e{n}", new) for n, new in enumerate(sessions)]


@pytest.mark.parametrize("seed", range(4))
def test_days_that_come_in_any_order(world: World, seed: int):
    """Three visits of three steps on three days, an interaction a batch, shuffled: the story is that of the right order."""
    now = now_ms() - 10 * DAY
    steps = list(itertools.product(range(3), range(3)))
    batches = [
        through_the_edge(
            world,
            now_ms(),
            {"event": f"{day}.{step}", "messageId": f"{day}.{step}", "timestamp": iso(now + day * DAY + step * MINUTE)},
        )
        for day, step in steps
    ]
    random.Random(seed).shuffle(batches)
    work(world, *batches)
    names = [f"{day}.{step}" for day, step in steps]
    assert story(world) == [(name, name.endswith(".0"), before) for name, before in zip(names, ["", *names[:-1]], strict=True)]
    assert world.people()[0][1] == 9


def test_two_workspaces_may_use_one_message_id(world: World):
    other = World()
    now = now_ms()
    for one in (world, other):
        made = through_the_edge(one, now, {"event": "a", "messageId": "same"}, {"event": "a", "messageId": "same"})
        world.projector().work([world.entry(*made)])
    world.carry()
    for one in (world, other):
        assert one.message_ids() == ["same"]
        assert counts(one) == (1, 1)


def test_two_sources_may_use_one_message_id(world: World):
    """An id is its source's own: each of two shops counts orders from 1."""
    now = now_ms()
    other = collection.amity_source(workspace_id=world.workspace)
    made = [world.one("1", time=now, received_at=now), world.one("1", time=now, received_at=now, source=other)]
    assert message_key(world.workspace, world.source, "1") != message_key(world.workspace, other, "1")
    work(world, made)
    assert world.message_ids() == ["1", "1"]


@pytest.mark.parametrize(("told", "rows"), [("of then", 1), ("of today", 2)])
def test_the_same_message_id_a_year_later(world: World, told: str, rows: int):
    """Ids are remembered for eight days at least; who tells of then is looked up in the past, who tells of today is new."""
    now = now_ms()
    old = now - YEAR
    work(world, through_the_edge(world, old, {"event": "then", "messageId": "one", "timestamp": iso(old)}))
    assert seen.period_of(old) in seen.drop_old(now)
    again = {"event": "again", "messageId": "one", "timestamp": iso(old if told == "of then" else now)}
    work(world, through_the_edge(world, now, again))
    assert world.message_ids() == ["one"] * rows
    assert counts(world) == (rows - 1, 2 - rows)
