"""The same message counts once for its source: in a batch, in a retry, and long after."""

from __future__ import annotations

from amity.engines.present import seen
from amity.engines.present.bulk import run
from amity.kernel.clock import DAY, now_ms
from amity.rooms.collection import api as collection


def health(world):
    [found] = collection.list_source_health(workspace_id=world.workspace)
    return found.accepted, found.duplicates, found.rejected


def test_twice_in_a_batch_and_again_in_a_retry(world):
    projector = world.projector()
    first = projector.work([world.entry(world.one("a"), world.one("a"), world.one("b"))])
    retry = projector.work([world.entry(world.one("a"), world.one("c"))])
    world.carry()
    assert [i.dropped for i in first.items] == ["", "duplicate", ""]
    assert [i.dropped for i in retry.items] == ["duplicate", ""]
    assert world.message_ids() == ["a", "b", "c"]
    assert health(world) == (3, 2, 0)


def test_what_is_turned_away_twice_is_set_aside_twice_however_batches_are_cut(world):
    nobody = {"user_id": "guest", "anonymous_id": None}
    both = [world.entry(world.one("a", **nobody), world.one("b"), world.one("a", **nobody))]
    apart = [world.entry(world.one("c", **nobody)), world.entry(world.one("c", **nobody))]
    projector = world.projector()
    batches = [projector.work(both), *(projector.work([one]) for one in apart)]
    assert [[i.dropped for i in batch.items] for batch in batches] == [
        ["no_identifier", "", "no_identifier"],
        ["no_identifier"],
        ["no_identifier"],
    ]
    assert [i.step for i in batches[0].items] == ["place", "", "place"]
    assert health(world) == (1, 0, 4)


def test_two_workspaces_may_use_one_message_id(world):
    other = type(world)()
    batch = world.projector().work([world.entry(world.one("a"), other.one("a"))])
    assert [i.dropped for i in batch.items] == ["", ""]


def test_it_is_known_for_eight_days_at_least_and_over_the_border_of_periods(world):
    start = (now_ms() // seen.PERIOD - 10) * seen.PERIOD + seen.PERIOD - 1
    projector = world.projector()
    for message_id, at in (("a", start), ("a", start + 1), ("a", start + 8 * DAY)):
        batch = projector.work([world.entry(world.one(message_id, time=at, received_at=at))])
    assert [i.dropped for i in batch.items] == ["duplicate"]


def test_what_tells_of_long_ago_is_looked_up_in_the_past(world):
    """Dedupe has forgotten it, but its time says that it is old."""
    old = now_ms() - 40 * DAY
    projector = world.projector()
    projector.work([world.entry(world.one("a", time=old, received_at=old), world.one("b", time=old, received_at=old))])
    world.carry()
    run("DELETE FROM present_seen")
    now = now_ms()
    late = projector.work(
        [world.entry(world.one("a", time=old + 60_000, received_at=now), world.one("c", time=old, received_at=now))]
    )
    world.carry()
    assert [i.dropped for i in late.items] == ["duplicate", ""]
    assert world.message_ids() == ["a", "b", "c"]


def test_forgotten_periods_are_dropped(world):
    old = now_ms() - 30 * DAY
    world.projector().work([world.entry(world.one("a", time=old, received_at=old), world.one("b"))])
    assert seen.period_of(old) in seen.drop_old(now_ms())
    assert run("SELECT DISTINCT period FROM present_seen") == [(seen.period_of(now_ms()),)]


def test_a_period_that_the_leader_dropped_meanwhile_is_made_again(world):
    """A replay of old days, or a worker far behind, works on while forgetting goes its way."""
    old = now_ms() - 30 * DAY
    projector = world.projector()
    for message_id in ("a", "b", "c"):
        batch = projector.work([world.entry(world.one(message_id, time=old, received_at=old))])
        assert [i.dropped for i in batch.items] == [""]
        if message_id == "b":
            made = set(seen._made)
            assert seen.drop_old(now_ms())
            seen._made.update(made)  # the leader is another process: what it drops, this one doesn't hear
