"""Several workers give what one gives; a set of another size takes over without losing or repeating anything."""

from __future__ import annotations

import pytest

from amity.engines.log.client import Entry
from amity.engines.present.models import Position
from amity.kernel.errors import LogGap
from amity.workers import position
from amity.workers.position import Fenced
from amity.workers.reading import Inbox
from tests.workers.story import Crashes, fill, outcome, twin, work_through


def work_by(world, of: int, *, upto: int | None = None) -> None:
    """Let a set of workers work the world's entries, taking turns."""
    projectors = [world.projector(index=i, of=of) for i in range(of)]
    moved = True
    while moved:
        moved = False
        for projector in projectors:
            left = [e for e in world.entries if e.seq > projector.standing.seq and e.seq <= (upto or world.seq)][:3]
            if left:
                projector.work(left)
                moved = True
    for index in range(of):
        world.carry(index=index, of=of)


@pytest.fixture
def expected(world):
    fill(world)
    work_through(world, Crashes())
    return outcome(world)


def messages(state) -> list:
    return [(row[0], row[4]) for row in state["rows"]]


def test_two_workers_give_what_one_gives(world, expected):
    other = twin(world)
    work_by(other, 2)
    work_through(other, Crashes())
    found = outcome(other)
    assert found["people"] == expected["people"]
    assert found["counts"] == expected["counts"]
    assert messages(found) == messages(expected)


def test_sets_of_other_sizes_take_over(world, expected):
    other = twin(world)
    work_by(other, 3, upto=9)
    ahead = other.projector(index=0, of=3)
    ahead.work([e for e in other.entries if 9 < e.seq <= 14])
    behind = position.take_up(1, 2)
    assert behind.seq == 9
    assert [max(layer) for layer in behind.inherited] == [14]
    work_by(other, 2, upto=20)
    assert all(p.inherited == [] for p in Position.objects.all())
    work_by(other, 1)
    other.carry(index=0, of=1)
    work_through(other, Crashes())
    found = outcome(other)
    assert found["people"] == expected["people"]
    assert found["counts"] == expected["counts"]
    assert messages(found) == messages(expected)


def test_each_interaction_has_one_worker(world):
    ones = [world.one(f"m{n}", user_id=f"u{n}") for n in range(200)]
    standings = [position.Standing(index=i, of=3) for i in range(3)]
    assert all(sum(s.mine(one, 1) for s in standings) == 1 for one in ones)
    assert all(any(s.mine(one, 1) for one in ones) for s in standings)


def test_a_second_process_in_the_same_place_is_fenced(world):
    first, second = world.projector(), world.projector()
    entry = world.entry(world.one("a"))
    first.work([entry])
    with pytest.raises(Fenced):
        second.work([entry])
    world.carry()
    assert world.message_ids() == ["a"]


def test_an_old_set_is_fenced_when_a_new_one_takes_over(world):
    old = world.projector(index=0, of=2)
    position.take_up(0, 1)
    with pytest.raises(Fenced):
        old.work([world.entry(world.one("a"))])


async def test_a_gap_is_met_after_all_that_came_before_it():
    inbox = Inbox()
    entry, gap = Entry(1, 0, b"{}"), LogGap("The log jumps.")
    for thing in (entry, gap):
        await inbox.put(thing)
    assert inbox.take(most_bytes=10, linger=0.01, wait=0.01) == [entry]
    for _ in range(2):
        with pytest.raises(LogGap):
            inbox.take(most_bytes=10, linger=0.01, wait=0.01)
