"""From entries of the log to committed effects and rows of the past."""

from __future__ import annotations

import pytest

from amity.engines.present.models import PastBatch, Position
from amity.workers.projector import Stopped


def test_interactions_end_in_the_past_and_the_position_moves(world):
    entries = [world.entry(world.one("a"), world.one("b", name="Product Viewed")), world.entry(world.one("c"))]
    batch = world.projector().work(entries)
    assert [item.dropped for item in batch.items] == ["", "", ""]
    assert Position.objects.get().seq == 2
    assert world.carry() == 1
    assert not PastBatch.objects.exists()
    assert world.past("message_id, name, log_seq, log_index") == [
        ("a", "Order Completed", 1, 0),
        ("b", "Product Viewed", 1, 1),
        ("c", "Order Completed", 2, 0),
    ]


def test_what_a_later_amity_wrote_is_waited_with(world):
    reader = world.projector()
    reader.stopping.set()  # otherwise it would wait for ever
    with pytest.raises(Stopped):
        reader.work([world.entry(world.one("a")), world.raw(b'{"v":3,"wholes":[]}')])
    assert "version 3" in reader.trouble
    assert world.projector().standing.seq == 0
    assert world.message_ids() == []
