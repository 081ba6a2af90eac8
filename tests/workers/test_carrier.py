"""Rows on their way to the past: once each, and never stuck behind one that the past refuses."""

from __future__ import annotations

import pytest
from backports.zstd import compress, decompress

from amity.engines.present.models import PastBatch
from amity.workers.carrier import ROWS_AT_ONCE, _together, shards_of
from amity.workers.refused import rows_of
from tests.workers.story import Crash, Crashes


def test_a_row_that_the_past_refuses_is_set_aside_and_the_others_pass(world):
    world.projector().work([world.entry(*(world.one(f"m{n}", context={"a": "line\nbreak"}) for n in range(6)))])
    batch = PastBatch.objects.get()
    rows = rows_of(decompress(bytes(batch.body)).decode())
    rows[4] = rows[4].replace('"log_index":4', '"log_index":"four"')
    PastBatch.objects.update(body=compress("\n".join(rows).encode()))
    for _ in range(2):  # the second time as if the first one had crashed before it forgot the batch
        held = list(PastBatch.objects.all())
        world.carry()
        PastBatch.objects.bulk_create(held)
    world.carry()
    assert world.message_ids() == ["m0", "m1", "m2", "m3", "m5"]
    assert world.past("message_id, reason, step", table="quarantine") == [("m4", "past_refused", "carry")]
    assert not PastBatch.objects.exists()


def test_rows_may_hold_line_breaks():
    assert rows_of('{"a":"}{"}\n{"b":{\n"c":1}}\n') == ['{"a":"}{"}', '{"b":{\n"c":1}}']


def test_the_first_worker_also_carries_what_a_larger_set_left(world):
    for shard in (0, 1, 5):
        PastBatch.objects.create(token=f"t{shard}", shard=shard, table="merges", rows=0, body=b"")
    assert set(PastBatch.objects.filter(shards_of(0, 2)).values_list("shard", flat=True)) == {0, 5}
    assert set(PastBatch.objects.filter(shards_of(1, 2)).values_list("shard", flat=True)) == {1}


def test_what_waits_goes_together_and_once_whatever_crashes(world):
    projector = world.projector()
    for n in range(5):
        projector.work([world.entry(world.one(f"m{n}"), world.one(f"n{n}"))])
    with pytest.raises(Crash):
        world.carry(at=Crashes(("after insert", 1)))
    assert {one.carried_as for one in PastBatch.objects.all()} == {f"{PastBatch.objects.order_by('id')[0].token}+4"}
    projector.work([world.entry(world.one("later"))])
    assert world.carry() == 6
    assert world.message_ids() == sorted([*(f"{c}{n}" for c in "mn" for n in range(5)), "later"])


def test_a_group_ends_where_a_replay_replaces_rows_and_at_many_rows(world):
    def waiting(*rows: int, replaces: int = -1):
        return [
            PastBatch(token=f"t{n}", table="interactions_raw", rows=many, replaces={} if n == replaces else None)
            for n, many in enumerate(rows)
        ]

    assert [len(_together(waiting(1, 1, 1, replaces=n))) for n in range(3)] == [1, 1, 2]
    assert len(_together(waiting(ROWS_AT_ONCE, 1))) == 1
    assert len(_together(waiting(ROWS_AT_ONCE - 1, 1, 1))) == 2
    mixed = waiting(1, 1, 1)
    mixed[1].table = "merges"
    assert [one.token for one in _together(mixed)] == ["t0", "t2"]
