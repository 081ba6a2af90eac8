"""What a backup asks of the workers: to hold still while it begins, and rows that are found in one place only."""

from __future__ import annotations

from threading import Thread

import msgspec
import pytest
from django.db import connection

from amity.engines.addresses import addresses
from amity.engines.backup import present
from amity.engines.backup.past import Snapshot
from amity.engines.backup.settling import settle
from amity.engines.past.client import command
from amity.engines.past.zstd import compress, decompress
from amity.engines.present.barrier import nothing_moves
from amity.engines.present.models import PastBatch
from amity.kernel.errors import AmityError
from tests.flows.wait import wait_for
from tests.workers.story import Crash


def own_url() -> str:
    return addresses().present.rpartition("/")[0] + "/" + connection.settings_dict["NAME"]


@pytest.fixture
def own(world):
    with present.connect(own_url()) as one:
        yield one


def work(world, *ids: str) -> None:
    world.projector().work([world.entry(*(world.one(name) for name in ids))])


def test_nothing_is_carried_while_a_backup_begins_and_everything_afterwards(world, own):
    work(world, "a", "b")
    done: list[int] = []

    def carry() -> None:
        try:
            done.append(world.carry())
        finally:
            connection.close()

    carrying = Thread(target=carry)
    with nothing_moves(own):
        carrying.start()
        waits = "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND NOT granted"
        wait_for(lambda: own.execute(waits).fetchone())
        assert world.message_ids() == []
        assert PastBatch.objects.count() == 1
    carrying.join(20)
    assert done == [1]
    assert world.message_ids() == ["a", "b"]
    assert PastBatch.objects.count() == 0


def test_a_backup_does_not_wait_for_ever(world, own):
    late = pytest.raises(AmityError, match="for more than 1 s")
    with nothing_moves(own), present.connect(own_url()) as other, late, nothing_moves(other, seconds=1):
        pass


def test_rows_that_are_in_the_past_already_no_longer_wait_for_it(world, own):
    work(world, "a", "b")
    with pytest.raises(Crash):
        world.carry(at=crash_after_insert)
    command(f"DELETE FROM interactions_raw WHERE workspace_id = {world.workspace} AND message_id = 'b'")
    assert world.message_ids() == ["a"]
    [waiting] = PastBatch.objects.all()
    assert waiting.rows == 2
    assert settle(own) == 1
    PastBatch.objects.update(token="one that the past has not seen", carried_as="")
    assert world.carry() == 1
    assert world.message_ids() == ["a", "b"]
    assert settle(own) == 0


def test_what_a_replay_is_about_to_replace_is_not_taken_for_its_own_rows(world, own):
    work(world, "a", "b")
    [waiting] = PastBatch.objects.all()
    rows = [msgspec.json.decode(line) for line in decompress(bytes(waiting.body)).splitlines()]
    world.carry()
    again = compress(b"".join(msgspec.json.encode(row | {"projected_at": row["projected_at"] + 1}) + b"\n" for row in rows))
    PastBatch.objects.create(token="replay", shard=-1, table="interactions_raw", rows=2, body=again, replaces={"first": 1})
    assert settle(own) == 0
    assert PastBatch.objects.get().rows == 2


def test_a_snapshot_of_the_past_does_not_see_what_comes_later(world):
    work(world, "before")
    world.carry()
    snapshot = Snapshot()
    snapshot.begin()
    work(world, "later")
    world.carry()
    [answer] = [one for one in snapshot.answers if one.table == "interactions_raw"]
    own = f'"workspace_id":{world.workspace},'.encode()
    lines = [line for line in answer.stream.read().splitlines() if own in line]
    snapshot.close()
    assert [line for line in lines if b'"before"' in line]
    assert not [line for line in lines if b'"later"' in line]
    assert world.message_ids() == ["before", "later"]


def crash_after_insert(where: str) -> None:
    if where == "after insert":
        raise Crash(where)
