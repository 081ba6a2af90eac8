"""Rows on their way to the past: once each, and never stuck behind one that the past refuses."""

from __future__ import annotations

from backports.zstd import compress, decompress

from amity.engines.present.models import PastBatch
from amity.workers.carrier import shards_of
from amity.workers.refused import rows_of


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
